import { suiteGroup } from '../definitions.ts';
import { create, get, quietly, scenario } from '../scenario.ts';
import type { RequestStep, Scenario } from '../scenario.ts';
import { as, meagre, two } from './collections.ts';
import type { Subject } from './subjects.ts';

const contents = [
  '/metadata',
  '/items/0/metadata/name',
  '/items/0/metadata/namespace',
  '/items/1/metadata/name',
  '/items/2',
  '/message',
  '/reason',
  '/details',
];

const byField = (path: string, selector: string): RequestStep =>
  get(`${path}?fieldSelector=${encodeURIComponent(selector)}`, { show: contents });

/** Field selectors, all namespaces at once, and forms. */
export function listFieldScenarios(): Scenario[] {
  return [
    ...two().flatMap((subject) => [names(subject), everywhere(subject), forms(subject)]),
    colours(),
    machines(),
    instances(),
    ...others.map(([name, path, selectors]) =>
      scenario(`${name}: fields to select by`, ...selectors.map((selector) => byField(path, selector))),
    ),
  ];
}

function names(subject: Subject): Scenario {
  const { collection } = subject;
  return scenario(
    `${subject.name}: by name and namespace`,
    ...['a', 'b'].map((name) => quietly(create(collection, meagre(subject, name, { is: name })))),
    ...[
      'metadata.name=a',
      'metadata.name==b',
      'metadata.name!=a',
      'metadata.name=c',
      'metadata.name=a,metadata.name=b',
      'metadata.name=a,metadata.namespace={id}',
      'metadata.namespace={id}',
      'metadata.namespace=elsewhere',
      'metadata.namespace!={id}',
      'metadata.name=',
      'metadata.name',
      'metadata.name=a=b',
      'metadata.name=a\\,b',
      'metadata.name=a\\x',
      'metadata.name in (a)',
      ',',
      'metadata.uid=x',
      'metadata.labels.is=a',
      'spec.nope=x',
      'nope=x',
      '=x',
    ].map((selector) => byField(collection, selector)),
    get(`${collection}?fieldSelector=metadata.name%3Da&labelSelector=is%3Db`, { show: contents }),
    get(`${collection}?fieldSelector=metadata.name%3Da&labelSelector=is%3Da&resourceVersion=0`, { show: contents }),
  );
}

function everywhere(subject: Subject): Scenario {
  const all = subject.collection.replace('/namespaces/{id}', '');
  const next = subject.collection.replace('{id}', '{id}-b');
  const own = 'labelSelector=scenario%3D{id}';
  return scenario(
    `${subject.name}: of all namespaces`,
    quietly(create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}-b' } })),
    ...[subject.collection, next].map((collection) => quietly(create(collection, meagre(subject, 'a', { scenario: '{id}' })))),
    quietly(create(next, meagre(subject, 'b', { scenario: '{id}' }))),
    get(`${all}?${own}`, { show: [...contents, '/items/2/metadata/namespace'].filter((pointer) => pointer !== '/items/2') }),
    get(`${all}?${own}&limit=2`, { show: contents, capture: { next: '/metadata/continue' } }),
    get(`${all}?${own}&limit=2&continue={next}`, { show: contents }),
    get(`${all}?${own}&fieldSelector=metadata.namespace%3D{id}`, { show: contents }),
    get(`${all}?${own}&fieldSelector=metadata.name%3Db`, { show: contents }),
    get(`${all}?${own}&fieldSelector=metadata.name%3Da,metadata.namespace%3D{id}-b`, { show: contents }),
    get(`${all}?${own}`, { ...as('Table'), show: ['/metadata', '/rows/0/cells/0', '/rows/1/cells/0', '/rows/2/cells/0'] }),
    get(subject.collection.replace('{id}', 'no-such-namespace')),
  );
}

function forms(subject: Subject): Scenario {
  const { collection } = subject;
  const accepts = [
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
    'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
    'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
    'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    'application/json;as=Table;v=v9;g=meta.k8s.io,application/json',
    'application/json;as=Table;v=v9;g=meta.k8s.io',
    'application/json;as=Table;v=v1;g=other',
    'application/json;as=Nope;v=v1;g=meta.k8s.io,*/*',
    'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json',
    'text/html,application/json;q=0.9',
    'text/html',
    '*/*',
  ];
  return scenario(
    `${subject.name}: lists in the forms that clients ask for`,
    quietly(create(collection, meagre(subject, 'a'))),
    ...accepts.map((accept) =>
      get(collection, {
        headers: { accept },
        show: [
          '/kind',
          '/apiVersion',
          '/items/0/kind',
          '/items/0/apiVersion',
          '/rows/0/object/kind',
          '/rows/0/object/apiVersion',
          '/rows/0/object/spec',
          '/message',
          '/reason',
        ],
      }),
    ),
    ...['None', 'Metadata', 'Object', '', 'Nope'].map((include) => get(`${collection}?includeObject=${include}`, as('Table'))),
    get(collection, { ...as('PartialObjectMetadataList'), show: 'all' }),
  );
}

/** The suite's own selectable field. */
function colours(): Scenario {
  const collection = `/apis/${suiteGroup}/v1/namespaces/{id}/widgets`;
  const widget = (name: string, spec?: object): RequestStep =>
    quietly(
      create(collection, { apiVersion: `${suiteGroup}/v1`, kind: 'Widget', metadata: { name }, ...(spec === undefined ? {} : { spec }) }),
    );
  return scenario(
    'widget: by a selectable field',
    widget('a', { colour: 'red' }),
    widget('b', { colour: 'blue' }),
    widget('c', {}),
    widget('d'),
    ...[
      'spec.colour=red',
      'spec.colour!=red',
      'spec.colour=',
      'spec.colour=mauve',
      'spec.colour=red,metadata.name=a',
      'spec.colour=red,metadata.name=b',
      'spec.colour=red,spec.colour=blue',
      '.spec.colour=red',
      'spec.replicas=1',
      'status.phase=x',
    ].map((selector) =>
      get(`${collection}?fieldSelector=${encodeURIComponent(selector)}`, {
        show: ['/items/0/metadata/name', '/items/1/metadata/name', '/items/2/metadata/name', '/items/3', '/message', '/reason'],
      }),
    ),
  );
}

const group = '/apis/hypersphere.io/v1alpha1';

function machines(): Scenario {
  const collection = `${group}/namespaces/{id}/virtualmachines`;
  const made = (name: string, hostCluster?: string): RequestStep =>
    quietly(
      create(collection, {
        apiVersion: 'hypersphere.io/v1alpha1',
        kind: 'VirtualMachine',
        metadata: { name },
        spec: { memory: { size: '1Gi' }, ...(hostCluster === undefined ? {} : { hostCluster }) },
      }),
    );
  return scenario(
    'virtual machines: fields to select by',
    made('a', 'main'),
    made('b', 'other'),
    made('c'),
    ...[
      'spec.hostCluster=main',
      'spec.hostCluster!=main',
      'spec.hostCluster=',
      'status.nodeName=',
      'status.nodeName=x',
      'spec.powerState=PoweredOn',
    ].map((selector) => byField(collection, selector)),
  );
}

function instances(): Scenario {
  const collection = `${group}/namespaces/{id}/virtualmachineinstances`;
  const spec = {
    virtualMachineUID: 'u',
    incarnation: 1,
    hostCluster: 'main',
    powerState: 'PoweredOn',
    arbiter: { lease: 'l' },
    cpu: { cores: 1 },
    memory: { size: '1Gi' },
  };
  const made = (name: string, more: object): RequestStep =>
    quietly(
      create(collection, {
        apiVersion: 'hypersphere.io/v1alpha1',
        kind: 'VirtualMachineInstance',
        metadata: { name },
        spec: { ...spec, ...more },
      }),
    );
  return scenario(
    'instances: fields to select by',
    made('a', { nodeName: 'one', virtualMachine: 'x' }),
    made('b', { nodeName: 'two', virtualMachine: 'x' }),
    ...[
      'spec.nodeName=one',
      'spec.nodeName=one,spec.virtualMachine=x',
      'spec.virtualMachine=x',
      'spec.nodeName!=one',
      'spec.incarnation=1',
    ].map((selector) => byField(collection, selector)),
  );
}

/** Kinds that clients select by fields, and one field that they have not. */
const others: readonly (readonly [name: string, path: string, selectors: readonly string[]])[] = [
  [
    'pods',
    '/api/v1/namespaces/{id}/pods',
    [
      'spec.nodeName=x',
      'spec.restartPolicy=Always',
      'spec.schedulerName=x',
      'spec.serviceAccountName=x',
      'spec.hostNetwork=true',
      'status.phase!=Running',
      'status.podIP=x',
      'status.podIPs=x',
      'status.nominatedNodeName=x',
      'spec.nope=x',
      'metadata.uid=x',
    ],
  ],
  ['nodes', '/api/v1/nodes', ['metadata.name={id}', 'spec.unschedulable=x', 'spec.nope=x']],
  [
    'events',
    '/api/v1/namespaces/{id}/events',
    [
      'involvedObject.kind=x',
      'involvedObject.namespace=x',
      'involvedObject.name=x',
      'involvedObject.uid=x',
      'involvedObject.apiVersion=x',
      'involvedObject.resourceVersion=x',
      'involvedObject.fieldPath=x',
      'reason=x',
      'reportingComponent=x',
      'source=x',
      'type=x',
      'regarding.name=x',
      'nope=x',
    ],
  ],
  [
    'events of events.k8s.io',
    '/apis/events.k8s.io/v1/namespaces/{id}/events',
    [
      'regarding.kind=x',
      'regarding.namespace=x',
      'regarding.name=x',
      'regarding.uid=x',
      'reason=x',
      'reportingController=x',
      'type=x',
      'involvedObject.name=x',
      'nope=x',
    ],
  ],
  ['secrets', '/api/v1/namespaces/{id}/secrets', ['type=Opaque', 'nope=x']],
  ['namespaces', '/api/v1/namespaces', ['metadata.name={id}-no', 'metadata.name={id},status.phase=Terminating', 'nope=x']],
  ['services', '/api/v1/namespaces/{id}/services', ['spec.clusterIP=x', 'spec.type=x', 'nope=x']],
  ['service accounts', '/api/v1/namespaces/{id}/serviceaccounts', ['metadata.name=x', 'nope=x']],
  ['leases', '/apis/coordination.k8s.io/v1/namespaces/{id}/leases', ['metadata.name=x', 'spec.holderIdentity=x']],
  [
    'definitions',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    ['metadata.name={id}', 'spec.group=x', 'metadata.namespace=x'],
  ],
];
