import type { Group } from '../scenario.ts';
import { behaviourGroups } from './behaviour.ts';
import { verbGroups } from './verbs.ts';

/** Every group of scenarios; each has a golden file of its name. */
export const groups: readonly Group[] = [...verbGroups, ...behaviourGroups];
