import { create, get, quietly, remove, scenario } from '../scenario.ts';
import type { Scenario } from '../scenario.ts';
import { objectOf, pathOf } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { made } from './update.ts';

const options = (fields: object) => ({ apiVersion: 'v1', kind: 'DeleteOptions', ...fields });

export function deleteScenarios(subject: Subject): Scenario[] {
  const path = pathOf(subject);
  return [
    scenario('delete: an object', made(subject), remove(path), get(path), remove(path)),
    scenario(
      'delete: with options',
      made(subject),
      remove(path, options({ propagationPolicy: 'Background', gracePeriodSeconds: 30 })),
      get(path, { show: 'status' }),
    ),
    scenario(
      'delete: dry run',
      made(subject),
      remove(`${path}?dryRun=All`),
      remove(path, options({ dryRun: ['All'] })),
      get(path, { show: ['/metadata/resourceVersion', '/metadata/deletionTimestamp'] }),
    ),
    scenario(
      'delete: preconditions',
      made(subject),
      remove(path, options({ preconditions: { uid: 'u' } })),
      remove(path, options({ preconditions: { resourceVersion: '1' } })),
      remove(path, options({ preconditions: { uid: '{uid}', resourceVersion: '1' } })),
      remove(path, options({ preconditions: { uid: '{uid}', resourceVersion: '{rv}' } })),
    ),
    scenario(
      'delete: options that there are not',
      made(subject),
      remove(path, options({ propagationPolicy: 'Sideways' })),
      remove(path, options({ propagationPolicy: 'Orphan', orphanDependents: true })),
      remove(path, options({ dryRun: ['Some'] })),
      remove(`${path}?propagationPolicy=Sideways`),
      remove(`${path}?gracePeriodSeconds=x`),
      remove(path, options({ gracePeriodSeconds: 'x' })),
      remove(path, { ...options({}), kind: 'Other' }),
      remove(path, '{'),
      remove(path, {}),
    ),
    scenario(
      'delete: with a finalizer',
      made(subject, { metadata: { finalizers: ['x.example/stay'] } }),
      remove(path),
      remove(path),
      get(path),
    ),
    scenario(
      'delete: foreground and orphan',
      made(subject),
      remove(path, options({ propagationPolicy: 'Foreground' })),
      remove(path, options({ propagationPolicy: 'Orphan' })),
    ),
    scenario('delete: as a table', made(subject), { ...remove(path), headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } }),
    collection(subject),
  ];
}

function collection(subject: Subject): Scenario {
  const named = (name: string, labels: object) =>
    quietly(create(subject.collection, objectOf(subject, { metadata: { name, labels: { scenario: '{id}', ...labels } } })));
  const own = `${subject.collection}?labelSelector=scenario%3D{id}`;
  const left = get(own, { show: ['/items/0/metadata/name', '/items/1/metadata/name', '/items/2/metadata/name'] });
  return scenario(
    'deletecollection: by a selector, dry and in earnest',
    named('{id}-a', { app: 'x' }),
    named('{id}-b', { app: 'x' }),
    named('{id}-c', { app: 'y' }),
    remove(`${own}&dryRun=All`),
    left,
    remove(`${own},app%3Dx`),
    left,
    remove(own, options({ propagationPolicy: 'Background' })),
    remove(own),
    left,
    remove(`${own}&propagationPolicy=Sideways`),
  );
}
