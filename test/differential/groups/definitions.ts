import { create, get, patch, quietly, remove, scenario, update, watch, events } from '../scenario.ts';
import type { Group, RequestStep, Scenario } from '../scenario.ts';
import { badDefinitions } from './bad-definitions.ts';
import { definition, definitionsPath, kindOf, pluralOf, schemaOf } from './definition-drafts.ts';

const path = `${definitionsPath}/${pluralOf()}.{id}.example`;
const served = '/apis/{id}.example/v1';
const collection = `${served}/namespaces/default/${pluralOf()}`;
const established = { at: '/status/conditions/1/status', is: 'True' };
const state = [
  '/metadata/generation',
  '/metadata/finalizers',
  '/metadata/deletionTimestamp',
  ...[0, 1, 2, 3].flatMap((i) => ['type', 'status', 'reason', 'message'].map((field) => `/status/conditions/${String(i)}/${field}`)),
  '/status/acceptedNames',
  '/status/storedVersions',
  '/message',
  '/reason',
  '/details',
];

const made = (more: Parameters<typeof definition>[0] = {}): RequestStep => quietly(create(definitionsPath, definition(more)));
const ready = get(path, { until: established, show: 'status' });
/** The kind is served a little after its definition is established. */
const open = get(collection, { until: { status: 200 }, show: 'status' });
const closed = get(collection, { until: { status: 404 }, show: 'status' });
const object = (name: string, fields: object = {}): object => ({
  apiVersion: '{id}.example/v1',
  kind: kindOf(),
  metadata: { name },
  ...fields,
});
const ended = [
  remove(path, undefined, { show: ['/kind', '/status', '/metadata/finalizers'] }),
  get(path, { until: { status: 404 }, show: 'status' }),
];

function lives(): Scenario[] {
  return [
    scenario('a definition as it is made', create(definitionsPath, definition()), get(path, { until: established }), ...ended),
    scenario(
      'a definition of every option',
      create(definitionsPath, definition({ full: true })),
      get(path, { until: established, show: ['/spec', '/status/acceptedNames', '/status/storedVersions'] }),
      ...ended,
    ),
    scenario('a definition, dry run', create(`${definitionsPath}?dryRun=All`, definition()), quietly(get(path))),
    scenario('a definition, made twice', made(), ready, create(definitionsPath, definition()), ...ended),
    scenario(
      'a definition as watches see it',
      watch('it', `${definitionsPath}?fieldSelector=metadata.name%3D${pluralOf()}.{id}.example`),
      made(),
      ready,
      // How many steps it takes is each server's own matter.
      quietly(remove(path)),
      get(path, { until: { status: 404 }, show: 'status' }),
    ),
    scenario(
      'objects of a new kind',
      made(),
      open,
      create(collection, object('a', { spec: { size: 3, nope: 1 } }), { show: ['/spec', '/metadata/generation'] }),
      create(collection, object('b', { spec: { size: 'x' } })),
      get('/apis/{id}.example', { show: ['/versions', '/preferredVersion'] }),
      get(served, {
        show: [
          '/groupVersion',
          '/resources/0/name',
          '/resources/0/kind',
          '/resources/0/verbs',
          '/resources/0/shortNames',
          '/resources/0/singularName',
          '/resources/1',
        ],
      }),
      ...ended,
      closed,
    ),
    scenario('a definition that is not there', get(path), remove(path), patch('merge', path, { spec: {} })),
    scenario(
      'a definition with a status of its own',
      create(
        definitionsPath,
        {
          ...definition(),
          status: {
            conditions: [{ type: 'Established', status: 'True' }],
            storedVersions: ['v7'],
            acceptedNames: { kind: 'X', plural: 'xs' },
          },
        },
        { show: ['/status'] },
      ),
      get(path, { until: established, show: state }),
      patch('merge', `${path}/status`, { status: { storedVersions: ['v1', 'v0'] } }, { show: state }),
      ...ended,
    ),
    scenario(
      'a definition with a finalizer of its own',
      made({ metadata: { finalizers: ['x.example/stay'] } }),
      open,
      remove(path, undefined, { show: state }),
      get(path, { until: { at: '/metadata/finalizers', is: ['x.example/stay'] }, show: state }),
      quietly(patch('merge', path, { metadata: { finalizers: null } })),
      get(path, { until: { status: 404 }, show: 'status' }),
      closed,
    ),
  ].map(wide);
}

function changes(): Scenario[] {
  const patched = (spec: object, query = ''): RequestStep => patch('merge', `${path}${query}`, { spec }, { show: state });
  const versions = (schema: object, more: object = {}): object => ({
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more }],
  });
  const wider = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { size: { type: 'integer' }, colour: { type: 'string', default: 'red' } } } },
  };
  const narrower = { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', maximum: 2 } } } } };
  const probe = (fields: object): RequestStep =>
    create(`${collection}?dryRun=All`, object('probe', fields), { show: ['/spec'], until: { at: '/spec/colour', is: 'red' } });
  return [
    scenario(
      'a schema that learns a field with a default',
      made(),
      open,
      quietly(create(collection, object('a', { spec: { size: 1 } }))),
      patched(versions(wider)),
      probe({ spec: {} }),
      get(`${collection}/a`, { show: ['/spec', '/metadata/generation'] }),
      ...ended,
    ),
    scenario(
      'a schema that forgets a field',
      made({ schema: wider }),
      open,
      quietly(create(collection, object('a', { spec: { size: 1, colour: 'blue' } }))),
      patched(versions(schemaOf())),
      create(`${collection}?dryRun=All`, object('probe', { spec: { colour: 'blue' } }), {
        show: ['/spec'],
        until: { at: '/spec/colour', is: undefined },
      }),
      get(`${collection}/a`, { show: ['/spec'] }),
      patch('merge', `${collection}/a`, { metadata: { labels: { a: 'b' } } }, { show: ['/spec', '/metadata/generation'] }),
      ...ended,
    ),
    scenario(
      'a schema that becomes narrower than what there is',
      made(),
      open,
      quietly(create(collection, object('a', { spec: { size: 5 } }))),
      patched(versions(narrower)),
      create(`${collection}?dryRun=All`, object('probe', { spec: { size: 5 } }), { until: { status: 422 } }),
      patch('merge', `${collection}/a`, { metadata: { labels: { a: 'b' } } }, { show: ['/spec', '/metadata/labels', '/reason'] }),
      patch('merge', `${collection}/a`, { spec: { size: 6 } }, { show: ['/message', '/reason'] }),
      ...ended,
    ),
    scenario(
      'a subresource that comes',
      made(),
      open,
      quietly(create(collection, object('a', { status: { phase: 'x' } }))),
      quietly(get(`${collection}/a/status`)),
      patched(versions(schemaOf(), { subresources: { status: {} } })),
      get(`${collection}/a/status`, { until: { status: 200 }, show: ['/status'] }),
      patch('merge', `${collection}/a`, { status: { phase: 'y' } }, { show: ['/status'] }),
      patch('merge', `${collection}/a/status`, { status: { phase: 'z' } }, { show: ['/status', '/metadata/generation'] }),
      ...ended,
    ),
    scenario(
      'a second version',
      made(),
      open,
      quietly(create(collection, object('a', { spec: { size: 1 } }))),
      patched({
        versions: [
          { name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: schemaOf() } },
          { name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: wider } },
        ],
      }),
      get(collection.replace('/v1/', '/v2/'), { until: { status: 200 }, show: ['/items/0/apiVersion', '/items/0/spec'] }),
      get(path, { until: { at: '/status/storedVersions/1', is: 'v2' }, show: ['/status/storedVersions'] }),
      get(`${collection}/a`, { show: ['/apiVersion', '/spec'] }),
      patch(
        'merge',
        `${collection.replace('/v1/', '/v2/')}/a`,
        { spec: { colour: 'blue' } },
        { show: ['/apiVersion', '/spec', '/metadata/managedFields'] },
      ),
      get(`${collection}/a`, { show: ['/apiVersion', '/spec'] }),
      patched({ versions: [{ name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: wider } }] }),
      patched({
        versions: [
          { name: 'v1', served: false, storage: false, schema: { openAPIV3Schema: schemaOf() } },
          { name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: wider } },
        ],
      }),
      closed,
      get('/apis/{id}.example', { until: { at: '/versions/1', is: undefined }, show: ['/versions', '/preferredVersion'] }),
      ...ended,
    ),
    scenario(
      'what cannot be changed',
      made(),
      ready,
      patched({ group: 'other.example' }),
      patched({ scope: 'Cluster' }),
      patched({ names: { plural: 'others' } }),
      patched({ names: { kind: 'Other' } }),
      patched({ names: { shortNames: ['sh'] } }),
      patched({ versions: [] }),
      update(path, { ...definition(), metadata: { name: `${pluralOf()}.{id}.example`, resourceVersion: '1' } }, { show: state }),
      ...ended,
    ),
  ].map(wide);
}

function deletions(): Scenario[] {
  return [
    scenario(
      'a definition goes with its objects',
      made(),
      open,
      quietly(create(collection, object('a'))),
      watch('it', collection),
      events('it', 1, ['/type', '/object/metadata/name']),
      remove(path, undefined, { show: state }),
      get(path, { until: { status: 404 }, show: 'status' }),
      closed,
      events('it', 1, ['/type', '/object/metadata/name']),
    ),
    scenario(
      'a definition waits for an object that is held',
      made(),
      open,
      quietly(create(collection, object('a', { metadata: { name: 'a', finalizers: ['x.example/stay'] } }))),
      remove(path, undefined, { show: state }),
      get(`${collection}/a`, {
        until: { at: '/metadata/deletionGracePeriodSeconds', is: 0 },
        show: ['/metadata/deletionTimestamp', '/metadata/finalizers'],
      }),
      create(collection, object('b')),
      get(collection, { show: ['/items/0/metadata/name', '/items/1'] }),
      get(path, { until: { at: '/status/conditions/2/reason', is: 'InstanceDeletionInProgress' }, show: state }),
      remove(path, undefined, { show: state }),
      patch('merge', `${collection}/a`, { metadata: { finalizers: null } }, { show: ['/metadata/finalizers', '/reason'] }),
      get(path, { until: { status: 404 }, show: 'status' }),
      closed,
    ),
    scenario(
      'a definition that is made again',
      made(),
      open,
      quietly(create(collection, object('a', { spec: { size: 1 } }))),
      ...ended,
      closed,
      made(),
      get(collection, { until: { status: 200 }, show: ['/items'] }),
      ...ended,
    ),
  ].map(wide);
}

/** A name that another of its group has already. */
function conflicts(): Scenario[] {
  const others = [
    { plural: 'others', kind: kindOf() },
    { plural: 'others', kind: 'Other', listKind: `${kindOf()}List` },
    { plural: 'others', kind: 'Other', shortNames: [pluralOf()] },
    { plural: 'others', kind: 'Other', singular: pluralOf() },
    { plural: 'others', kind: 'Other', shortNames: ['sh'] },
  ];
  const other = `${definitionsPath}/others.{id}.example`;
  return others.map((names, i) =>
    wide(
      scenario(
        `names that are taken, ${String(i + 1)}`,
        made({ names: { shortNames: ['sh'] } }),
        ready,
        quietly(create(definitionsPath, definition({ names }))),
        get(other, { until: { at: '/status/conditions/0/type', is: 'NamesAccepted' }, show: state }),
        quietly(remove(path)),
        get(other, { until: established, show: state }),
        quietly(remove(other)),
      ),
    ),
  );
}

function wide(some: Scenario): Scenario {
  return { ...some, clusterWide: true };
}

/** The lives of CustomResourceDefinitions. */
export const definitionGroup: Group = {
  name: 'crd',
  scenarios: [...lives(), ...changes(), ...deletions(), ...conflicts(), ...badDefinitions().map(wide)],
};
