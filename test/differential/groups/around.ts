/** What clients ask besides objects: discovery, OpenAPI, who they are, protobuf bodies, and paths that there are not. */
import { suiteGroup } from '../definitions.ts';
import { create, get, quietly, reasonOf, scenario } from '../scenario.ts';
import type { Group, Scenario } from '../scenario.ts';
import { configMapBytes, namespaceBytes, serviceAccountBytes } from './protobuf.ts';

const v2 = { headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' } };
const ours = '/apis/hypersphere.io/v1alpha1';
const widget = `io.example.suite.v1.Widget`;

const discovery: readonly Scenario[] = [
  scenario(
    'discovery: our group, and that of the suite',
    get(`/apis/${suiteGroup}`),
    get('/apis/hypersphere.io'),
    get(`/apis/${suiteGroup}/v1`),
  ),
  scenario('discovery: our group and version', get(ours, { show: ['/kind', '/groupVersion'] })),
  scenario('discovery: versions of the core group', get('/api', { show: ['/kind', '/versions'] })),
  scenario(
    'discovery: groups that there are not',
    get('/apis/nope.example.com'),
    get('/apis/nope.example.com/v1'),
    get(`/apis/${suiteGroup}/v9`),
    get('/api/v9'),
  ),
  scenario(
    'discovery: aggregated, of one kind of answer',
    get('/apis', { ...v2, show: ['/kind', '/apiVersion', '/metadata'] }),
    get('/api', { ...v2, show: ['/kind', '/apiVersion', '/metadata'] }),
  ),
  scenario('version', get('/version', { show: ['/major'] })),
  scenario('health', get('/healthz'), get('/livez'), get('/readyz'), get('/livez/ping')),
];

const openApi: readonly Scenario[] = [
  scenario(
    'OpenAPI: a custom kind',
    get(`/openapi/v3/apis/${suiteGroup}/v1`, {
      show: [
        '/openapi',
        `/components/schemas/${widget}/type`,
        `/components/schemas/${widget}/x-kubernetes-group-version-kind`,
        `/components/schemas/${widget}/properties/spec/properties`,
        `/components/schemas/${widget}/properties/metadata/allOf`,
      ],
    }),
  ),
  scenario(
    'OpenAPI: documents that there are not',
    get('/openapi/v3/apis/nope.example.com/v1', { show: 'status' }),
    get('/openapi/v3/nope', { show: 'status' }),
  ),
];

const review = (kind: string, group: string, spec: object): object => ({ apiVersion: `${group}/v1`, kind, spec });
const access = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const reviews: readonly Scenario[] = [
  scenario(
    'may I',
    create(
      access,
      review('SelfSubjectAccessReview', 'authorization.k8s.io', {
        resourceAttributes: { namespace: '{id}', verb: 'get', resource: 'pods' },
      }),
      { show: ['/kind', '/apiVersion', '/metadata', '/spec', '/status/allowed'] },
    ),
    create(access, review('SelfSubjectAccessReview', 'authorization.k8s.io', { nonResourceAttributes: { path: '/x', verb: 'get' } }), {
      show: ['/kind', '/spec', '/status/allowed'],
    }),
    create(access, review('SelfSubjectAccessReview', 'authorization.k8s.io', {})),
    reasonOf(create(access, { kind: 'Other' })),
    get(access),
  ),
  scenario(
    'who am I',
    create('/apis/authentication.k8s.io/v1/selfsubjectreviews', review('SelfSubjectReview', 'authentication.k8s.io', {}), {
      show: ['/kind', '/apiVersion', '/metadata', '/status/userInfo/username', '/status/userInfo/groups'],
    }),
  ),
  scenario(
    'what may I',
    create(
      '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      review('SelfSubjectRulesReview', 'authorization.k8s.io', { namespace: '{id}' }),
      { show: ['/kind', '/metadata', '/spec', '/status/incomplete'] },
    ),
  ),
];

const protobuf = { headers: { 'content-type': 'application/vnd.kubernetes.protobuf' } };
const bodies: readonly Scenario[] = [
  scenario('protobuf: a ConfigMap', create('/api/v1/namespaces/{id}/configmaps', configMapBytes, protobuf)),
  scenario('protobuf: a ServiceAccount', create('/api/v1/namespaces/{id}/serviceaccounts', serviceAccountBytes, protobuf)),
  scenario('protobuf: a Namespace', create('/api/v1/namespaces?dryRun=All', namespaceBytes, protobuf)),
  scenario('protobuf: bytes that are none', {
    ...create('/api/v1/namespaces/{id}/configmaps', new Uint8Array([1, 2, 3]), protobuf),
    show: ['/reason'],
  }),
  scenario('protobuf: of another kind', { ...create('/api/v1/namespaces/{id}/secrets', configMapBytes, protobuf), show: ['/reason'] }),
];

const paths: readonly Scenario[] = [
  scenario(
    'paths that there are not',
    get('/nope'),
    get('/api/v1/nopes'),
    get('/api/v1/namespaces/{id}/nopes'),
    get('/api/v1/namespaces/{id}/nopes/x'),
    get(`/apis/${suiteGroup}/v1/nopes`),
    get('/apis/nope.example.com/v1/nopes'),
    get('/api/v1/namespaces/{id}/nodes'),
    get(`/apis/${suiteGroup}/v1/widgets/x`),
  ),
  scenario(
    'of a namespace that is not there',
    get('/api/v1/namespaces/nope'),
    get('/api/v1/namespaces/nope/configmaps', { show: ['/kind', '/items'] }),
    get('/api/v1/namespaces/nope/configmaps/x'),
    { request: 'DELETE /api/v1/namespaces/nope/configmaps/x' },
  ),
  scenario(
    'without a token',
    get('/api/v1/namespaces', { headers: { authorization: 'Bearer nobody' } }),
    get('/version', { headers: { authorization: '' }, show: 'status' }),
  ),
  scenario(
    'a warning of each: what is unknown and what stands twice',
    create(
      '/api/v1/namespaces/{id}/configmaps',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{id}","nope":1},"data":{"a":"b","a":"c"},"extra":{"x":"a \\"quoted\\" word"}}',
    ),
  ),
  scenario(
    'a namespace that ends takes nothing new',
    quietly(
      create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}-end', finalizers: ['x.example/stay'] } }),
    ),
    { request: 'DELETE /api/v1/namespaces/{id}-end', show: ['/status/phase'] },
    create('/api/v1/namespaces/{id}-end/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }),
  ),
];

export const aroundGroup: Group = { name: 'around', scenarios: [...discovery, ...openApi, ...reviews, ...bodies, ...paths] };
