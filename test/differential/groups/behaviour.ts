import type { Group } from '../scenario.ts';
import { badGroup } from './bad-manifests.ts';
import { definitionGroup } from './definitions.ts';
import { endingGroup } from './endings.ts';
import { listGroup } from './lists.ts';
import { removalGroup } from './removal.ts';
import { watchGroup } from './watches.ts';

/** What a server does with many objects, and over time. */
export const behaviourGroups: readonly Group[] = [listGroup, watchGroup, endingGroup, removalGroup, badGroup, definitionGroup];
