/** Server-side apply through the status, and of built-in kinds. */
import { apply, create, get, quietly, scenario, update } from '../scenario.ts';
import type { Scenario } from '../scenario.ts';
import { at, made, one, red, widget } from './apply-words.ts';

const maps = '/api/v1/namespaces/{id}/configmaps';
const config = (data: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{id}' }, data });
const status = `${at}/status`;
const conditions = (...types: string[]): object => ({ conditions: types.map((type) => ({ type, status: 'True' })) });
export const otherDoors: readonly Scenario[] = [
  scenario('the status through the main door', one(red, '', { status: { phase: 'x' } }), get(at), one(red, '', { status: { phase: 'x' } })),
  scenario(
    'the spec through the status',
    made(red),
    apply('one', status, widget({ colour: 'blue' }, { status: { phase: 'x' }, metadata: { labels: { a: 'b' } } })),
    get(at),
  ),
  scenario(
    'the status of two',
    made(red),
    apply('a', status, widget(undefined, { status: conditions('A') })),
    apply('b', status, widget(undefined, { status: conditions('B') })),
    apply('a', status, widget(undefined, { status: conditions('A', 'B') })),
    apply('a', status, widget(undefined, { status: { conditions: [{ type: 'B', status: 'False' }] } })),
    apply('a', status, widget(undefined)),
    get(at),
  ),
  scenario(
    'the status of one manager, beside the spec',
    made(red),
    apply('one', status, widget(undefined, { status: { phase: 'x' } })),
    one(undefined),
    get(at),
  ),
  scenario('the status of what is not there', apply('one', status, widget(undefined, { status: { phase: 'x' } }))),
  scenario(
    'the status as a dry run',
    made(red),
    apply('one', `${status}?dryRun=All`, widget(undefined, { status: { phase: 'x' } })),
    get(at),
  ),
];

const nodes = '/api/v1/nodes/{id}';
const node = (spec: object, more: object = {}): object => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: '{id}' }, spec, ...more });
const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
export const builtIns: readonly Scenario[] = [
  scenario(
    'ConfigMap: makes, and the same again',
    apply('one', `${maps}/{id}`, config({ a: '1' })),
    apply('one', `${maps}/{id}`, config({ a: '1' })),
    apply('two', `${maps}/{id}`, config({ b: '2' })),
    apply('two', `${maps}/{id}`, config({ a: '2' })),
    apply('one', `${maps}/{id}`, config({})),
  ),
  scenario(
    'ConfigMap: after a creator',
    quietly(create(maps, config({ a: '1', b: '2' }))),
    apply('one', `${maps}/{id}`, config({ a: '1' })),
    apply('one', `${maps}/{id}`, config({ a: '3' })),
    apply('one', `${maps}/{id}?force=true`, config({ a: '3' })),
    update(`${maps}/{id}`, config({ b: '2' })),
  ),
  scenario(
    'ConfigMap: not valid',
    apply('one', `${maps}/{id}`, config({ 'a b': '1' })),
    { ...apply('one', `${maps}/{id}`, config({ a: 1 })), show: ['/reason'] },
    { ...apply('one', `${maps}/{id}`, { ...config({}), extra: 1 }), show: ['/reason'] },
    { ...apply('one', `${maps}/{id}`, { ...config({}), kind: 'Secret' }), show: ['/reason'] },
  ),
  scenario(
    'Secret: text',
    apply('one', '/api/v1/namespaces/{id}/secrets/{id}', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: '{id}' },
      stringData: { a: 'b' },
    }),
    apply('one', '/api/v1/namespaces/{id}/secrets/{id}', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: '{id}' },
      data: { a: 'Yg==' },
    }),
  ),
  scenario(
    'Namespace',
    apply('one', '/api/v1/namespaces/{id}-x', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}-x', labels: { a: 'b' } } }),
    apply('one', '/api/v1/namespaces/{id}-x', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}-x' } }),
  ),
  scenario(
    'Node',
    apply('one', nodes, node({ taints: [notReady], unschedulable: true })),
    apply('two', nodes, node({ taints: [notReady] })),
    apply('two', nodes, node({ taints: [notReady, { key: 'a', effect: 'NoSchedule' }] })),
    apply('a', `${nodes}/status`, node({}, { status: { conditions: [{ type: 'A', status: 'True' }] } })),
    apply('b', `${nodes}/status`, node({}, { status: { conditions: [{ type: 'B', status: 'True' }], capacity: { cpu: 4 } } })),
    apply('a', `${nodes}/status`, node({}, { status: {} })),
  ),
];
