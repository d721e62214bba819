/** Server-side apply: who owns what, and what becomes of it. */
import { suiteGroup } from '../definitions.ts';
import { apply, create, events, get, patch, quietly, reasonOf, remove, scenario, watch } from '../scenario.ts';
import type { Group, Scenario } from '../scenario.ts';
import { builtIns, otherDoors } from './apply-doors.ts';
import { at, captured, made, one, red, two, widget, widgets } from './apply-words.ts';

const ownership: readonly Scenario[] = [
  scenario('makes, and the same again', one(red), one(red), one(red), get(at)),
  scenario('makes as a dry run', one(red, '?dryRun=All'), get(at)),
  scenario('changes as a dry run', made(red), one({ colour: 'blue' }, '?dryRun=All'), two({ colour: 'blue' }, '?dryRun=All'), get(at)),
  scenario('two who say different things', made(red), two({ note: 'n' }), one(red), get(at)),
  scenario('two who say the same', made(red), two(red), one({}), two({}), get(at)),
  scenario(
    'a conflict, and force',
    made({ colour: 'red', note: 'n' }),
    two({ colour: 'blue', note: 'm' }),
    two({ colour: 'blue' }, '?force=true'),
    one({ colour: 'red', note: 'n' }),
  ),
  scenario(
    'a conflict with a writer',
    quietly(create(`${widgets}?fieldManager=writer`, widget(red))),
    one({ colour: 'blue', note: 'n' }),
    one(red),
    one({ colour: 'blue' }),
    one({ colour: 'blue' }, '?force=true'),
  ),
  scenario(
    'a writer takes what an applier owns',
    made({ colour: 'red', note: 'n' }),
    patch('merge', `${at}?fieldManager=writer`, { spec: { colour: 'blue' } }),
    one({ colour: 'red', note: 'n' }),
    one({ note: 'n' }),
  ),
  scenario(
    'a writer and an applier of one name',
    made(red),
    patch('merge', `${at}?fieldManager=one`, { spec: { colour: 'blue', note: 'n' } }),
    one({ colour: 'green' }),
  ),
  scenario(
    'what is no longer said goes, and defaults come back',
    made({ colour: 'red', replicas: 5, note: 'n' }),
    one(red),
    one(undefined),
    get(at),
  ),
  scenario('what another owns too stays', made({ colour: 'red', note: 'n' }), quietly(two({ note: 'n' })), one(red), get(at)),
  scenario('nothing at all', one(undefined), one({}), one({ limits: {}, tags: [], parts: [], free: {} })),
  scenario('null', made({ colour: 'red', note: 'n' }), one({ colour: 'red', note: null }), two({ note: null }), two({ colour: null })),
  scenario(
    'watched: what changes nothing is no event',
    quietly(one(red)),
    { ...quietly(one(red)), capture: captured },
    watch('w', `${widgets}?resourceVersion={rv}`),
    quietly(one(red)),
    quietly(two(red)),
    quietly(two(red)),
    events('w', 1),
  ),
  scenario(
    'after a scale',
    made(red),
    quietly(patch('merge', `${at}/scale?fieldManager=scaler`, { spec: { replicas: 4 } })),
    one({ colour: 'red', replicas: 2 }),
    one({ colour: 'red', replicas: 4 }),
    one({ colour: 'red', replicas: 2 }, '?force=true'),
  ),
];

const lists: readonly Scenario[] = [
  scenario(
    'a list by keys: items of two',
    made({ parts: [{ name: 'a', size: 1 }] }),
    two({ parts: [{ name: 'b', size: 2 }] }),
    one({
      parts: [
        { name: 'c', size: 3 },
        { name: 'a', size: 1 },
      ],
    }),
    one({ parts: [] }),
    two(undefined),
  ),
  scenario(
    'a list by keys: one item of two',
    made({ parts: [{ name: 'a', size: 1 }] }),
    two({ parts: [{ name: 'a', note: 'n' }] }),
    two({ parts: [{ name: 'a', size: 9 }] }),
    one({}),
    two({}),
  ),
  scenario(
    'a list by keys: the order',
    made({ parts: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }),
    one({ parts: [{ name: 'c' }, { name: 'a' }] }),
    two({ parts: [{ name: 'z' }, { name: 'a' }] }),
  ),
  scenario(
    'a list by keys: no key, and one twice',
    one({ parts: [{ size: 1 }] }),
    one({ parts: [{ name: 'a' }, { name: 'a' }] }),
    quietly(one({ parts: [{ name: 'a' }] })),
    one({ parts: [{ name: 'a' }, { name: 'a', size: 2 }] }),
  ),
  scenario(
    'a list by two keys, one of which has a default',
    made({ ports: [{ port: 80 }] }),
    two({ ports: [{ port: 80, name: 'web' }] }),
    two({ ports: [{ port: 80, protocol: 'UDP' }] }),
    one({ ports: [{ port: 80, protocol: 'TCP' }] }),
  ),
  scenario('a set', made({ tags: ['a', 'b'] }), two({ tags: ['b', 'c'] }), one({ tags: ['a'] }), two({ tags: ['c'] }), one({ tags: [] })),
  scenario('a set: one item twice', one({ tags: ['a', 'a'] }), quietly(one({ tags: ['a'] })), one({ tags: ['a', 'b', 'a'] })),
  scenario(
    'an atomic list',
    made({ steps: ['a', 'b'] }),
    two({ steps: ['a', 'b'] }),
    two({ steps: ['a', 'c'] }),
    two({ steps: ['a', 'c'] }, '?force=true'),
    one(undefined),
  ),
  scenario(
    'an atomic map',
    made({ place: { zone: 'a', rack: '1' } }),
    two({ place: { zone: 'a' } }),
    two({ place: { zone: 'a' } }, '?force=true'),
  ),
  scenario(
    'a map of any keys',
    made({ limits: { cpu: '1', 'a/b.c~d e': 'x' } }),
    two({ limits: { memory: '2' } }),
    one({ limits: { cpu: '1' } }),
    two({ limits: { cpu: '2' } }),
  ),
  scenario(
    'fields without a schema',
    made({ free: { a: { b: 1 }, list: [{ x: 1 }], deep: { deeper: null } } }),
    two({ free: { a: { c: 2 }, list: [{ x: 2 }] } }),
    two({ free: { a: { c: 2 } } }),
    one({}),
  ),
  scenario('a number or a text', made({ size: 5 }), two({ size: '5' }), two({ size: 5 })),
];

const metadata: readonly Scenario[] = [
  scenario(
    'labels, annotations and finalizers',
    one(undefined, '', { metadata: { labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['x.example/one'] } }),
    two(undefined, '', { metadata: { labels: { e: 'f' }, finalizers: ['x.example/two'] } }),
    one(undefined),
    two(undefined, '', { metadata: { labels: { a: 'z' } } }),
  ),
  scenario(
    'owners',
    made(red),
    one(red, '', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: '{id}', uid: 'u1' }] } }),
    two(undefined, '', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'x', uid: 'u2' }] } }),
    one(red),
  ),
  scenario(
    'with managed fields',
    one(red, '', { metadata: { managedFields: [] } }),
    one(red, '', {
      metadata: { managedFields: [{ manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }] },
    }),
  ),
  scenario(
    'managed fields taken away, then applied',
    made(red),
    patch('merge', `${at}?fieldManager=writer`, { metadata: { managedFields: [{}] } }),
    two({ colour: 'blue' }),
    two({ colour: 'blue' }, '?force=true'),
  ),
  scenario(
    'managed fields edited',
    made(red),
    patch('json', `${at}?fieldManager=writer`, [{ op: 'replace', path: '/metadata/managedFields/0/manager', value: 'renamed' }]),
    one({ colour: 'blue' }),
    patch('json', `${at}?fieldManager=writer`, [
      { op: 'replace', path: '/metadata/managedFields/0/fieldsV1', value: { 'f:spec': { 'f:note': {} } } },
    ]),
    patch('json', `${at}?fieldManager=writer`, [{ op: 'replace', path: '/metadata/managedFields/0/operation', value: 'Paint' }]),
    patch('json', `${at}?fieldManager=writer`, [{ op: 'remove', path: '/metadata/managedFields/0' }]),
  ),
  scenario(
    'an object without managers: before the first apply',
    quietly(create(widgets, widget({ colour: 'red', note: 'n' }))),
    quietly(patch('merge', at, { metadata: { managedFields: [{}] } })),
    one({ colour: 'red' }),
    one({ note: 'm' }),
    get(at),
  ),
  scenario(
    'after kubectl apply on the client side',
    quietly(
      create(
        `${widgets}?fieldManager=kubectl-client-side-apply`,
        widget(red, {
          metadata: {
            annotations: {
              'kubectl.kubernetes.io/last-applied-configuration': `{"apiVersion":"${suiteGroup}/v1","kind":"Widget","metadata":{"annotations":{},"name":"{id}","namespace":"{id}"},"spec":{"colour":"red"}}\n`,
            },
          },
        }),
      ),
    ),
    apply('kubectl', at, widget({ colour: 'blue' })),
    apply('other', at, widget({ colour: 'green' })),
  ),
  scenario(
    'more than ten writers',
    made(red),
    ...Array.from({ length: 12 }, (_, i) =>
      quietly(
        patch('merge', `${at}?fieldManager=w${String(i).padStart(2, '0')}`, {
          metadata: { labels: { [`l${String(i).padStart(2, '0')}`]: 'x' } },
        }),
      ),
    ),
    get(at, { show: ['/metadata/managedFields'] }),
  ),
  scenario(
    'a writer whose field goes',
    made(red),
    quietly(patch('merge', `${at}?fieldManager=writer`, { spec: { note: 'n' } })),
    patch('merge', `${at}?fieldManager=other`, { spec: { note: null } }),
  ),
];

const refusals: readonly Scenario[] = [
  scenario(
    'versions and uids',
    made(red),
    one({ colour: 'blue' }, '', { metadata: { resourceVersion: '1' } }),
    one({ colour: 'blue' }, '', { metadata: { uid: 'u' } }),
    one({ colour: 'blue' }, '', { metadata: { resourceVersion: '{rv}', uid: '{uid}' } }),
    one(red, '', { metadata: { resourceVersion: '0' } }),
  ),
  scenario(
    'versions and uids of what is not there',
    one(red, '', { metadata: { resourceVersion: '1' } }),
    one(red, '', { metadata: { uid: 'u' } }),
    one(red, '', { metadata: { resourceVersion: '0' } }),
  ),
  scenario('a uid of what is not there', one(red, '', { metadata: { uid: 'u' } }), get(at, { show: 'status' })),
  scenario(
    'another name, place or kind',
    one(red, '', { metadata: { name: 'other' } }),
    one(red, '', { metadata: { namespace: 'other' } }),
    one(red, '', { kind: 'Gadget' }),
    one(red, '', { apiVersion: `${suiteGroup}/v2` }),
    one(red, '', { apiVersion: undefined }),
    one(red, '', { kind: undefined }),
    apply('one', at, { apiVersion: `${suiteGroup}/v1`, kind: 'Widget', spec: red }),
  ),
  scenario(
    'what is not valid',
    one({ colour: 'mauve' }),
    reasonOf(one({ colour: 7 })),
    reasonOf(one({ parts: 'x' })),
    one({ replicas: -1 }),
    quietly(one(red)),
    one({ colour: 'mauve' }),
  ),
  scenario(
    'bodies that are nothing to apply',
    { ...apply('one', at, ''), show: ['/reason'] },
    { ...apply('one', at, '[]'), show: ['/reason'] },
    { ...apply('one', at, 'text'), show: ['/reason'] },
    { ...apply('one', at, '{"a":'), show: ['/reason'] },
    { ...apply('one', at, 'a: b: c'), show: ['/reason'] },
  ),
  scenario(
    'YAML',
    apply(
      'one',
      at,
      `apiVersion: ${suiteGroup}/v1\nkind: Widget\nmetadata:\n  name: "{id}"\nspec:\n  colour: red\n  tags: [a, b]\n  note: "yes"\n`,
    ),
  ),
  scenario(
    'fields that the kind does not have',
    ...['Strict', 'Warn', 'Ignore', ''].map((level) => one({ colour: 'red', nope: 1 }, `?fieldValidation=${level}&dryRun=All`)),
    quietly(one(red)),
    ...['Strict', 'Warn', 'Ignore', ''].map((level) => one({ colour: 'red', nope: 1 }, `?fieldValidation=${level}`)),
  ),
  scenario(
    'fields that stand twice',
    ...['Strict', 'Warn', 'Ignore', ''].map((level) =>
      apply(
        'one',
        `${at}?fieldValidation=${level}&dryRun=All`,
        `{"apiVersion":"${suiteGroup}/v1","kind":"Widget","metadata":{"name":"{id}"},"spec":{"colour":"red","colour":"blue"}}`,
      ),
    ),
  ),
  scenario(
    'managers that there cannot be',
    apply('', at, widget(red)),
    apply('m'.repeat(129), at, widget(red)),
    apply('a%00b', at, widget(red)),
  ),
  scenario(
    'in a namespace that is not there',
    apply('one', at.replace('{id}', 'no-such-place'), widget(red, { metadata: { namespace: 'no-such-place' } })),
  ),
  scenario(
    'of what is being deleted',
    quietly(one(red, '', { metadata: { finalizers: ['x.example/stay'] } })),
    quietly(remove(at)),
    one({ colour: 'blue' }, '', { metadata: { finalizers: ['x.example/stay'] } }),
    one({ colour: 'blue' }),
    get(at),
  ),
  scenario('a field that may not change', made({ fixed: 'a' }), one({ fixed: 'b' }), one(undefined), one({ fixed: 'b' })),
];

export const applyGroup: Group = {
  name: 'apply',
  scenarios: [...ownership, ...lists, ...metadata, ...refusals, ...otherDoors, ...builtIns],
};
