import { create, get, patch, quietly, remove, scenario, update } from '../scenario.ts';
import type { Group, RequestStep, Scenario, Step } from '../scenario.ts';
import { meagre, two } from './collections.ts';
import { by, fate, options, policies } from './deletions.ts';
import type { Policy } from './deletions.ts';
import { podEndings } from './ending-pods.ts';
import { evictions } from './evictions.ts';
import { objectOf } from './subjects.ts';
import type { Subject } from './subjects.ts';

const stay = 'x.example/stay';

type Named = (name: string, ...steps: readonly Step[]) => Scenario;

function endingScenarios(subject: Subject): Scenario[] {
  const named: Named = (name, ...steps) => scenario(`${subject.name}: ${name}`, ...steps);
  return [...propagation(subject, named), ...during(subject, named), ...collections(subject, named)];
}

function made(subject: Subject, metadata: object = {}): RequestStep {
  return quietly(
    create(subject.collection, objectOf(subject, { metadata: { name: 'a', ...metadata } }), {
      capture: { rv: '/metadata/resourceVersion', uid: '/metadata/uid' },
    }),
  );
}

/** How the dependents are to fare, said once, and once more. Nobody acts on it here. */
function propagation(subject: Subject, named: Named): Scenario[] {
  const path = `${subject.collection}/a`;
  const deleted = (policy: Policy): RequestStep => remove(path, by(policy), { show: fate });
  return [
    ...policies.map((policy) =>
      named(
        `${policy || 'no policy'}, and once more with each other`,
        made(subject, { finalizers: [stay] }),
        deleted(policy),
        ...policies.filter((other) => other !== policy).map(deleted),
        get(path, { show: fate }),
      ),
    ),
    ...policies.map((policy) =>
      named(`${policy || 'no policy'}, where nothing is in the way`, made(subject), deleted(policy), get(path, { show: fate })),
    ),
    ...[['orphan'], ['foregroundDeletion'], ['orphan', stay]].map((finalizers) =>
      named(
        `finalizers ${finalizers.join(' and ')} of its own`,
        made(subject, { finalizers }),
        deleted(''),
        deleted('Background'),
        get(path, { show: fate }),
      ),
    ),
    named(
      'options in the query, in the body and in both',
      made(subject, { finalizers: [stay] }),
      remove(`${path}?propagationPolicy=Foreground&dryRun=All`, undefined, { show: fate }),
      remove(`${path}?propagationPolicy=Foreground`, options({ propagationPolicy: 'Orphan', dryRun: ['All'] }), { show: fate }),
      remove(`${path}?dryRun=All`, options({ propagationPolicy: 'Orphan' }), { show: fate }),
      remove(`${path}?orphanDependents=true&dryRun=All`, undefined, { show: fate }),
      remove(path, options({ orphanDependents: false, dryRun: ['All'] }), { show: fate }),
      remove(`${path}?gracePeriodSeconds=7`, undefined, { show: fate }),
      remove(path, { propagationPolicy: 'Orphan' }, { show: fate }),
    ),
    named(
      'preconditions, once it is being deleted',
      made(subject, { finalizers: [stay] }),
      remove(path, options({ preconditions: { uid: '{uid}', resourceVersion: '{rv}' } }), { show: fate }),
      remove(path, options({ preconditions: { resourceVersion: '{rv}' } }), { show: fate }),
      remove(path, options({ preconditions: { uid: 'u' } }), { show: fate }),
      remove(path, options({ preconditions: { uid: '{uid}' } }), { show: fate }),
    ),
  ];
}

/** Writes to an object that is being deleted. */
function during(subject: Subject, named: Named): Scenario[] {
  const path = `${subject.collection}/a`;
  const going = [
    made(subject, { finalizers: [stay, 'x.example/other'], labels: { a: 'b' } }),
    quietly(remove(path, undefined, { capture: { rv: '/metadata/resourceVersion' } })),
  ];
  const change = (metadata: object, more: object = {}): RequestStep => patch('merge', path, { metadata, ...more }, { show: fate });
  const put = (metadata: object, more: object = {}): RequestStep =>
    update(path, objectOf(subject, { metadata: { name: 'a', ...metadata }, ...more }), { show: fate });
  return [
    named(
      'finalizers that come, change places and go',
      ...going,
      change({ finalizers: [stay, 'x.example/other', 'x.example/new'] }),
      change({ finalizers: ['x.example/new'] }),
      change({ finalizers: ['x.example/other', stay] }),
      change({ finalizers: [stay] }),
      change({ finalizers: [stay, 'x.example/other'] }),
      change({ finalizers: [stay, 'orphan'] }),
      change({ finalizers: [] }),
      get(path, { show: fate }),
    ),
    named(
      'its fields change',
      ...going,
      change({}, { [subject.main]: subject.other }),
      change({ labels: { a: 'c' } }),
      change({ ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u' }] }),
    ),
    named(
      'its deletion is taken back, or put off',
      ...going,
      change({ deletionTimestamp: null }),
      change({ deletionGracePeriodSeconds: null }),
      change({ deletionTimestamp: '2001-02-03T04:05:06Z' }),
      change({ deletionGracePeriodSeconds: 60 }),
    ),
    named(
      'the last update, without version and with an old one',
      ...going,
      put({ resourceVersion: '1', finalizers: [] }),
      put({ resourceVersion: '{rv}', finalizers: [] }),
      get(path, { show: fate }),
    ),
    named(
      'the last update changes more than the finalizers',
      ...going,
      change({ finalizers: null, labels: { a: 'z' } }, { [subject.main]: subject.other }),
    ),
    named(
      'the last finalizer in a dry run',
      ...going,
      patch('merge', `${path}?dryRun=All`, { metadata: { finalizers: null } }, { show: fate }),
      get(path, { show: fate }),
    ),
    named(
      'made again meanwhile, and afterwards',
      ...going,
      create(subject.collection, meagre(subject, 'a'), { show: fate }),
      quietly(change({ finalizers: null })),
      create(subject.collection, meagre(subject, 'a'), { show: fate }),
    ),
    named(
      'an apply that brings a finalizer back',
      ...going,
      patch('apply', `${path}?fieldManager=me`, objectOf(subject, { metadata: { name: 'a', finalizers: ['x.example/new'] } }), {
        show: fate,
      }),
    ),
  ];
}

function collections(subject: Subject, named: Named): Scenario[] {
  const { collection } = subject;
  const three = [
    { name: 'a', labels: { app: 'x' } },
    { name: 'b', labels: { app: 'x' }, finalizers: [stay] },
    { name: 'c', labels: { app: 'y' } },
  ].map((metadata) => quietly(create(collection, objectOf(subject, { metadata }))));
  const left = get(collection, {
    show: [
      '/items/0/metadata/name',
      '/items/0/metadata/finalizers',
      '/items/0/metadata/deletionTimestamp',
      '/items/1/metadata/name',
      '/items/1/metadata/finalizers',
      '/items/2/metadata/name',
    ],
  });
  const swept = (query: string, body?: object): RequestStep =>
    remove(`${collection}${query}`, body, {
      show: [
        '/kind',
        '/status',
        '/message',
        '/reason',
        '/details',
        '/items/0/metadata/name',
        '/items/0/metadata/deletionTimestamp',
        '/items/0/metadata/finalizers',
        '/items/1/metadata/name',
        '/items/1/metadata/finalizers',
        '/items/2/metadata/name',
      ],
    });
  return [
    ...policies.map((policy) => named(`a collection, ${policy || 'no policy'}`, ...three, swept('', by(policy)), left, swept(''), left)),
    named(
      'a collection by selectors',
      ...three,
      swept('?fieldSelector=metadata.name%3Da'),
      swept('?labelSelector=app%3Dx,app%3Dy'),
      swept('?labelSelector=a%20b'),
      swept('?fieldSelector=spec.nope%3Dx'),
      left,
      swept('?labelSelector=app%3Dy&fieldSelector=metadata.name!%3Dq'),
      left,
    ),
    named(
      'a collection with options of lists and of deletions',
      ...three,
      swept('?limit=1'),
      swept('?resourceVersion=x'),
      swept('?dryRun=All', options({ propagationPolicy: 'Foreground' })),
      swept('', options({ preconditions: { uid: 'u' } })),
      swept('', options({ preconditions: { resourceVersion: '1' } })),
      swept('', { apiVersion: 'v1', kind: 'Other' }),
      left,
    ),
    named('a collection of all namespaces', remove(collection.replace('/namespaces/{id}', ''), undefined, { show: fate })),
  ];
}

/** Deletions as the API server alone sees them. */
export const endingGroup: Group = {
  name: 'ending',
  scenarios: [...two().flatMap((subject) => endingScenarios(subject)), ...podEndings(), ...evictions()],
};
