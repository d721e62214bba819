/** The built-in kinds that others write beside us: made, read as a table, changed. */
import { create, get, patch, quietly, scenario } from '../scenario.ts';
import type { Group, Scenario } from '../scenario.ts';

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly collection: string;
  readonly fields: object;
  readonly changed: object;
}

const core = '/api/v1/namespaces/{id}';
const container = { name: 'main', image: 'app:1' };

const kinds: readonly Kind[] = [
  { apiVersion: 'v1', kind: 'Namespace', collection: '/api/v1/namespaces', fields: {}, changed: { metadata: { labels: { a: 'b' } } } },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    collection: `${core}/serviceaccounts`,
    fields: {},
    changed: { automountServiceAccountToken: false },
  },
  { apiVersion: 'v1', kind: 'Secret', collection: `${core}/secrets`, fields: { data: { a: 'Yg==' } }, changed: { stringData: { c: 'd' } } },
  {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    collection: '/apis/coordination.k8s.io/v1/namespaces/{id}/leases',
    fields: { spec: { holderIdentity: 'me', leaseDurationSeconds: 10 } },
    changed: { spec: { holderIdentity: 'you', renewTime: '2001-02-03T04:05:06.123456Z' } },
  },
  {
    apiVersion: 'v1',
    kind: 'Event',
    collection: `${core}/events`,
    fields: {
      involvedObject: { kind: 'Pod', namespace: '{id}', name: 'p' },
      reason: 'Because',
      message: 'words',
      type: 'Normal',
      count: 1,
      firstTimestamp: '2001-02-03T04:05:06Z',
      lastTimestamp: '2001-02-03T04:05:06Z',
      source: { component: 'me' },
    },
    changed: { count: 2 },
  },
  {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    collection: '/apis/events.k8s.io/v1/namespaces/{id}/events',
    fields: {
      regarding: { kind: 'Pod', namespace: '{id}', name: 'p' },
      reason: 'Because',
      note: 'words',
      type: 'Normal',
      action: 'Doing',
      reportingController: 'x.example/me',
      reportingInstance: 'me-1',
      eventTime: '2001-02-03T04:05:06.123456Z',
    },
    changed: { series: { count: 2, lastObservedTime: '2001-02-03T04:05:07.000000Z' } },
  },
];

function scenariosOf({ apiVersion, kind, collection, fields, changed }: Kind): Scenario[] {
  const object = { apiVersion, kind, metadata: { name: '{id}-x' }, ...fields };
  const title = apiVersion.includes('events.k8s.io') ? 'Event of events.k8s.io' : kind;
  const path = `${collection}/{id}-x`;
  const table = { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } };
  return [
    scenario(`${title}: made, and read`, create(collection, object), get(path), get(path, table)),
    scenario(
      `${title}: changed`,
      quietly(create(collection, object)),
      patch('merge', path, changed),
      patch('strategic', `${path}?fieldManager=other`, changed),
      patch('merge', path, {}),
    ),
    scenario(
      `${title}: with fields that it does not have`,
      create(`${collection}?fieldValidation=Strict`, { ...object, nope: 1 }),
      create(`${collection}?dryRun=All`, { ...object, nope: 1 }),
    ),
    scenario(`${title}: nothing but its name`, create(`${collection}?dryRun=All`, { apiVersion, kind, metadata: { name: '{id}-x' } })),
  ];
}

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: '{id}' }, spec: { containers: [container] } };
const particular: readonly Scenario[] = [
  scenario(
    'Secret: what it may not be',
    create(`${core}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: '{id}' }, data: { 'a b': 'Yg==' } }),
    create(`${core}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: '{id}' }, type: 'kubernetes.io/tls' }),
    quietly(create(`${core}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: '{id}' }, immutable: true, data: {} })),
    patch('merge', `${core}/secrets/{id}`, { data: { a: 'Yg==' } }),
    patch('merge', `${core}/secrets/{id}`, { type: 'other' }),
  ),
  scenario(
    'ConfigMap: that may not change',
    quietly(
      create(`${core}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{id}' }, immutable: true, data: { a: 'b' } }),
    ),
    patch('merge', `${core}/configmaps/{id}`, { data: { a: 'c' } }),
    patch('merge', `${core}/configmaps/{id}`, { immutable: false }),
    patch('merge', `${core}/configmaps/{id}`, { metadata: { labels: { a: 'b' } } }),
  ),
  scenario(
    'ConfigMap: bytes',
    create(`${core}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: '{id}' },
      data: { a: 'b' },
      binaryData: { c: 'Yg==' },
    }),
    create(`${core}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: '{id}-2' },
      data: { a: 'b' },
      binaryData: { a: 'Yg==' },
    }),
  ),
  scenario(
    'Lease: what it may not be',
    create('/apis/coordination.k8s.io/v1/namespaces/{id}/leases', {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: '{id}' },
      spec: { leaseDurationSeconds: 0 },
    }),
    create('/apis/coordination.k8s.io/v1/namespaces/{id}/leases', {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: '{id}' },
      spec: { leaseTransitions: -1 },
    }),
  ),
  scenario(
    'Node: its provider stays',
    quietly(
      create('/api/v1/nodes', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: '{id}' },
        spec: { providerID: 'a://b', taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
      }),
    ),
    patch('merge', '/api/v1/nodes/{id}', { spec: { providerID: 'a://c' } }),
    patch('strategic', '/api/v1/nodes/{id}', { spec: { unschedulable: true } }),
    patch('strategic', '/api/v1/nodes/{id}', { metadata: { labels: { a: 'b' } } }),
  ),
  scenario('Pod: without a service account', { ...create(`${core}/pods`, pod), show: ['/reason'] }),
];

export const kindsGroup: Group = { name: 'kinds', scenarios: [...kinds.flatMap(scenariosOf), ...particular] };
