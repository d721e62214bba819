import type { Group } from '../scenario.ts';
import { applyGroup } from './apply.ts';
import { aroundGroup } from './around.ts';
import { behaviourGroups } from './behaviour.ts';
import { kindsGroup } from './kinds.ts';
import { verbGroups } from './verbs.ts';

/** Every group of scenarios; each has a golden file of its name. */
export const groups: readonly Group[] = [...verbGroups, applyGroup, kindsGroup, aroundGroup, ...behaviourGroups];
