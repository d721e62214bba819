import type { Group } from '../scenario.ts';
import { createScenarios } from './create.ts';
import { deleteScenarios } from './delete.ts';
import { patchScenarios } from './patch.ts';
import { readScenarios } from './read.ts';
import { subjects } from './subjects.ts';
import { subresourceScenarios } from './subresources.ts';
import { updateScenarios } from './update.ts';

/** Each verb on each kind: one file a kind. */
export const verbGroups: readonly Group[] = subjects.map((subject) => ({
  name: subject.name,
  scenarios: [createScenarios, readScenarios, updateScenarios, patchScenarios, subresourceScenarios, deleteScenarios]
    .flatMap((scenarios) => scenarios(subject))
    .filter(({ name }) => subject.only === undefined || subject.only.test(name))
    .map((scenario) => ({ ...scenario, clusterWide: !subject.namespaced })),
}));
