import type { Group } from '../scenario.ts';
import { listGroup } from './lists.ts';

/** What a server does with many objects, and over time. */
export const behaviourGroups: readonly Group[] = [listGroup];
