import { create, get, quietly, scenario, update } from '../scenario.ts';
import type { RequestStep, Scenario } from '../scenario.ts';
import { withDuplicates } from './create.ts';
import { objectOf, pathOf } from './subjects.ts';
import type { Subject } from './subjects.ts';

export const captured = { rv: '/metadata/resourceVersion', uid: '/metadata/uid' };

/** Makes the object; later steps know its `{rv}` and `{uid}`. */
export function made(subject: Subject, more: Parameters<typeof objectOf>[1] = {}): RequestStep {
  return quietly(create(subject.collection, objectOf(subject, more), { capture: captured }));
}

const levels = ['Strict', 'Warn', 'Ignore', ''] as const;

export function updateScenarios(subject: Subject): Scenario[] {
  const { main, other, one } = subject;
  const path = pathOf(subject);
  const now = { resourceVersion: '{rv}' };
  const put = (more: Parameters<typeof objectOf>[1], query = '', step: Partial<RequestStep> = {}) =>
    update(`${path}${query}`, objectOf(subject, more), step);
  return [
    scenario('update: the newest version', made(subject), put({ metadata: now, [main]: other }), get(path)),
    scenario('update: an old version', made(subject), quietly(put({ metadata: now, [main]: other })), put({ metadata: now })),
    scenario(
      'update: a version that never was',
      made(subject),
      put({ metadata: { resourceVersion: '1' } }),
      put({ metadata: { resourceVersion: 'x' } }),
      put({ metadata: { resourceVersion: '0' } }),
    ),
    scenario('update: no version', made(subject), put({ [main]: other })),
    scenario(
      'update: another uid',
      made(subject),
      put({ metadata: { ...now, uid: 'u' } }),
      put({ metadata: { ...now, uid: '{uid}' }, [main]: other }),
    ),
    scenario('update: that changes nothing', made(subject), put({ metadata: now }), get(path)),
    scenario('update: dry run', made(subject), put({ metadata: now, [main]: other }, '?dryRun=All'), get(path)),
    scenario('update: metadata alone', made(subject), put({ metadata: { ...now, labels: { a: 'b' }, annotations: { c: 'd' } } })),
    scenario('update: by another manager', made(subject), put({ metadata: now, [main]: other }, '?fieldManager=other'), get(path)),
    scenario('update: of what is not there', put({}), put({ metadata: { resourceVersion: '7' } }), put({ metadata: { uid: 'u' } })),
    scenario(
      'update: another name or place than on the path',
      made(subject),
      put({ metadata: { ...now, name: 'other' } }),
      put({ metadata: { ...now, name: undefined } }),
      put({ metadata: { ...now, namespace: 'elsewhere' } }),
      put({ metadata: now, kind: 'Other' }),
      put({ metadata: now, apiVersion: 'v9' }),
    ),
    scenario(
      'update: what only the server writes',
      made(subject),
      put({ metadata: { ...now, creationTimestamp: '2001-02-03T04:05:06Z' } }),
      put({ metadata: { ...now, generation: 9, selfLink: '/x' } }),
      put({ metadata: { ...now, deletionTimestamp: '2001-02-03T04:05:06Z', deletionGracePeriodSeconds: 7 } }),
    ),
    scenario('update: with a status', made(subject), put({ metadata: now, status: subject.status?.one ?? { phase: 'Running' } })),
    scenario(
      'update: finalizers and owners',
      made(subject),
      put({ metadata: { ...now, finalizers: ['x.example/stay'] } }),
      put({ metadata: { finalizers: ['unqualified'], resourceVersion: '' } }),
    ),
    scenario(
      'update: managed fields',
      made(subject),
      { ...put({ metadata: { ...now, managedFields: [] }, [main]: other }), capture: captured },
      put({ metadata: { ...now, managedFields: [{}] }, [main]: other }),
    ),
    ...(subject.invalid === undefined
      ? []
      : [scenario('update: to an object that is not valid', made(subject), put({ metadata: now, [main]: subject.invalid }))]),
    scenario(
      'update: fields that the kind does not have',
      made(subject),
      ...levels.map((level) => put({ metadata: { ...now, nope: 1 }, [main]: one, extra: [1] }, `?dryRun=All&fieldValidation=${level}`)),
    ),
    scenario(
      'update: fields that stand twice',
      made(subject),
      ...levels.map((level) =>
        update(`${path}?dryRun=All&fieldValidation=${level}`, withDuplicates(subject, objectOf(subject, { metadata: now }))),
      ),
    ),
    scenario(
      'update: options that there are not',
      made(subject),
      put({ metadata: now }, '?dryRun=Some'),
      put({ metadata: now }, '?fieldValidation=Loose'),
    ),
  ];
}
