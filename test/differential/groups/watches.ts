import { compact, create, ending, events, get, patch, quietly, remove, scenario, watch } from '../scenario.ts';
import type { Group, RequestStep, Scenario, Step } from '../scenario.ts';
import { as, meagre, two } from './collections.ts';
import { pathOf } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { initialScenarios } from './watch-initial.ts';

type Named = (name: string, ...steps: readonly Step[]) => Scenario;

/** What of an event is compared: what happened to which object, and as of which version. */
export const gist = [
  '/type',
  '/object/metadata/name',
  '/object/metadata/resourceVersion',
  '/object/metadata/labels',
  '/object/message',
  '/object/code',
];

function watchScenarios(subject: Subject): Scenario[] {
  const named: Named = (name, ...steps) => scenario(`${subject.name}: ${name}`, ...steps);
  return [
    ...starts(subject, named),
    ...selectors(subject, named),
    ...lives(subject, named),
    ...forms(subject, named),
    ...ends(subject, named),
  ];
}

const made = (subject: Subject, name: string, labels?: object): RequestStep =>
  quietly(create(subject.collection, meagre(subject, name, labels), { capture: { [name]: '/metadata/resourceVersion' } }));

const relabelled = (subject: Subject, name: string, labels: object): RequestStep =>
  quietly(patch('merge', `${subject.collection}/${name}`, { metadata: { labels } }));

const gone = (subject: Subject, name: string): RequestStep => quietly(remove(`${subject.collection}/${name}`));

function starts(subject: Subject, named: Named): Scenario[] {
  const at = (version: string): string => `${subject.collection}${version === '' ? '' : `?resourceVersion=${version}`}`;
  const later = [relabelled(subject, 'a', { x: 'y' }), made(subject, 'c'), gone(subject, 'a')];
  return [
    ...['', '0', '{a}', '{b}'].map((version) =>
      named(
        `starts at ${version || 'no version'}`,
        made(subject, 'a'),
        made(subject, 'b'),
        watch('it', at(version)),
        events('it', version === '{b}' ? 0 : version === '{a}' ? 1 : 2, gist),
        ...later,
        events('it', 3, gist),
      ),
    ),
    named(
      'starts at the version of a list',
      made(subject, 'a'),
      get(subject.collection, { show: 'status', capture: { rv: '/metadata/resourceVersion' } }),
      watch('it', at('{rv}')),
      ...later,
      events('it', 3, gist),
    ),
    named(
      'starts at the version of a deletion',
      made(subject, 'a'),
      made(subject, 'b'),
      gone(subject, 'b'),
      watch('it', at('{b}')),
      events('it', 1, gist),
    ),
    ...(subject.custom ? [named('starts at forgotten versions', made(subject, 'a'), compact, watch('it', at('1')), ending('it', 1))] : []),
    named('starts at versions that are none', ...['x', '-1', '1.5'].map((version) => get(`${at(version)}&watch=true&timeoutSeconds=1`))),
    named('starts in the future', made(subject, 'a'), watch('it', `${at('999999999')}&timeoutSeconds=1`), ending('it', 0, gist)),
  ];
}

function selectors(subject: Subject, named: Named): Scenario[] {
  const of = (query: string): string => `${subject.collection}?${query}`;
  return [
    named(
      'objects that enter and leave a label selector',
      made(subject, 'a', { app: 'web' }),
      watch('it', of('labelSelector=app%3Dweb')),
      events('it', 1, gist),
      made(subject, 'b'),
      relabelled(subject, 'b', { app: 'web' }),
      relabelled(subject, 'b', { more: 'x' }),
      relabelled(subject, 'a', { app: 'db' }),
      relabelled(subject, 'a', { more: 'x' }),
      gone(subject, 'a'),
      gone(subject, 'b'),
      events('it', 4),
    ),
    named(
      'objects that leave while nobody looks',
      made(subject, 'a', { app: 'web' }),
      relabelled(subject, 'a', { app: 'db' }),
      relabelled(subject, 'a', { app: 'web' }),
      gone(subject, 'a'),
      watch('it', of('labelSelector=app%3Dweb&resourceVersion={a}')),
      events('it', 3, gist),
    ),
    named(
      'a single name',
      made(subject, 'a'),
      watch('it', of('fieldSelector=metadata.name%3Da')),
      watch('other', of('fieldSelector=metadata.name!%3Da')),
      watch('none', of('fieldSelector=metadata.name%3Da,metadata.namespace%3Delsewhere')),
      made(subject, 'b'),
      gone(subject, 'a'),
      gone(subject, 'b'),
      events('it', 2, gist),
      events('other', 2, gist),
      events('none', 0, gist),
    ),
    named(
      'a single object by its path',
      made(subject, 'a'),
      get(`${subject.collection}/a?watch=true&timeoutSeconds=1`, { show: ['/kind', '/metadata/name', '/type'] }),
    ),
    named(
      'of all namespaces',
      made(subject, 'a', { scenario: '{id}' }),
      quietly(create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}-b' } })),
      watch('it', `${subject.collection.replace('/namespaces/{id}', '')}?labelSelector=scenario%3D{id}`),
      watch('one', `${subject.collection.replace('/namespaces/{id}', '')}?fieldSelector=metadata.namespace%3D{id}-b`),
      quietly(create(subject.collection.replace('{id}', '{id}-b'), meagre(subject, 'a', { scenario: '{id}' }))),
      gone(subject, 'a'),
      events('it', 3, ['/type', '/object/metadata/name', '/object/metadata/namespace']),
      events('one', 1, ['/type', '/object/metadata/name', '/object/metadata/namespace']),
    ),
    named('of a namespace that is not there', watch('it', subject.collection.replace('{id}', 'no-such-namespace')), events('it', 0)),
    named(
      'selectors that there are not',
      get(`${of('fieldSelector=spec.nope%3Dx')}&watch=true&timeoutSeconds=1`),
      get(`${of('labelSelector=a%20b')}&watch=true&timeoutSeconds=1`),
      get(`${of('fieldSelector=x')}&watch=true&timeoutSeconds=1`),
    ),
  ];
}

/** What an object goes through, as a watch tells it. */
function lives(subject: Subject, named: Named): Scenario[] {
  const path = `${subject.collection}/a`;
  return [
    named(
      'an object from its beginning to its end',
      watch('it', subject.collection),
      made(subject, 'a'),
      quietly(patch('merge', path, { [subject.main]: subject.other })),
      gone(subject, 'a'),
      events('it', 3),
    ),
    named(
      'writes that change nothing, and dry runs',
      made(subject, 'a'),
      watch('it', `${subject.collection}?resourceVersion={a}`),
      quietly(patch('merge', path, { [subject.main]: subject.one })),
      quietly(patch('merge', path, {})),
      quietly(patch('merge', `${path}?dryRun=All`, { [subject.main]: subject.other })),
      quietly(create(`${subject.collection}?dryRun=All`, meagre(subject, 'b'))),
      quietly(remove(`${path}?dryRun=All`)),
      events('it', 0),
    ),
    named(
      'a deletion that waits for a finalizer',
      made(subject, 'a'),
      watch('it', `${subject.collection}?resourceVersion={a}`),
      quietly(patch('merge', path, { metadata: { finalizers: ['x.example/a'] } })),
      gone(subject, 'a'),
      quietly(patch('merge', path, { metadata: { finalizers: null } })),
      events('it', 3),
    ),
    named(
      'a collection that is deleted',
      made(subject, 'a', { app: 'x' }),
      made(subject, 'b'),
      made(subject, 'c', { app: 'x' }),
      watch('it', `${subject.collection}?resourceVersion={c}`),
      quietly(remove(`${subject.collection}?labelSelector=app%3Dx`)),
      // Two go at once, in whatever order.
      events('it', 2, ['/type', '/object/metadata/labels']),
    ),
    ...(subject.status === undefined
      ? []
      : [
          named(
            'a status',
            made(subject, '{id}'),
            watch('it', subject.collection),
            quietly(patch('merge', `${pathOf(subject)}/status`, { status: subject.status.one })),
            events('it', 2, ['/type', '/object/status', '/object/metadata/generation']),
          ),
          named(
            'objects that enter and leave by a selectable field',
            made(subject, 'a'),
            watch('it', `${subject.collection}?fieldSelector=spec.colour%3Dred`),
            watch('other', `${subject.collection}?fieldSelector=spec.colour!%3Dred`),
            quietly(patch('merge', path, { spec: { colour: 'blue' } })),
            quietly(patch('merge', path, { spec: { colour: 'red' } })),
            gone(subject, 'a'),
            events('it', 4, [...gist, '/object/spec/colour']),
            events('other', 2, [...gist, '/object/spec/colour']),
          ),
        ]),
  ];
}

function forms(subject: Subject, named: Named): Scenario[] {
  const { collection } = subject;
  const told = [made(subject, 'a', { app: 'web' }), relabelled(subject, 'a', { app: 'db' }), gone(subject, 'a')];
  const formed = (name: string, kind: string, query: string): Scenario =>
    named(name, watch('it', `${collection}${query}`, as(kind).headers), ...told, events('it', 3));
  return [
    formed('events as tables', 'Table', ''),
    formed('events as tables with objects', 'Table', '?includeObject=Object'),
    formed('events as tables without objects', 'Table', '?includeObject=None'),
    formed('events as tables of what enters and leaves', 'Table', '?labelSelector=app%3Dweb'),
    formed('events as metadata', 'PartialObjectMetadata', ''),
    named(
      'forms that there are not',
      get(`${collection}?watch=true&timeoutSeconds=1`, as('PartialObjectMetadataList')),
      get(`${collection}?watch=true&timeoutSeconds=1`, as('Table', 'v9')),
      get(`${collection}?watch=true&timeoutSeconds=1`, as('Nope')),
      get(`${collection}?watch=true&timeoutSeconds=1`, { headers: { accept: 'text/html' } }),
      get(`${collection}?watch=true&timeoutSeconds=1&includeObject=Nope`, as('Table')),
    ),
    named(
      'forms that clients ask for',
      made(subject, 'a'),
      ...[
        'application/json;stream=watch',
        'application/json, */*',
        'application/json;as=Table;v=v9;g=meta.k8s.io,application/json',
        'application/vnd.kubernetes.protobuf;stream=watch,application/json',
      ].flatMap((accept, i) =>
        subject.custom || i < 3
          ? [watch(`w${String(i)}`, collection, { accept }), events(`w${String(i)}`, 1, ['/type', '/object/kind'])]
          : [],
      ),
    ),
  ];
}

function ends(subject: Subject, named: Named): Scenario[] {
  const { collection } = subject;
  return [
    named('an end after a second', made(subject, 'a'), watch('it', `${collection}?timeoutSeconds=1`), ending('it', 1, gist)),
    named(
      'a bookmark before the end',
      made(subject, 'a'),
      watch('it', `${collection}?timeoutSeconds=4&allowWatchBookmarks=true`),
      ending('it', 2),
    ),
    named('times that are none', ...['x', '1.5'].map((seconds) => get(`${collection}?watch=true&timeoutSeconds=${seconds}`))),
    named(
      'options of lists',
      made(subject, 'a'),
      made(subject, 'b'),
      watch('limited', `${collection}?limit=1&timeoutSeconds=1`),
      ending('limited', 2, gist),
      get(`${collection}?limit=1`, { show: 'status', capture: { next: '/metadata/continue' } }),
      get(`${collection}?continue={next}&timeoutSeconds=1&watch=true`),
      watch('odd', `${collection}?limit=x&timeoutSeconds=1`),
      get(`${collection}?watch=yes&timeoutSeconds=1&resourceVersion=x`),
      get(`${collection}?watch=false`, { show: ['/kind'] }),
      get(`${collection}?watch=0`, { show: ['/kind'] }),
    ),
  ];
}

/** What a watch tells. */
export const watchGroup: Group = {
  name: 'watch',
  scenarios: two().flatMap((subject) => [...watchScenarios(subject), ...initialScenarios(subject)]),
};
