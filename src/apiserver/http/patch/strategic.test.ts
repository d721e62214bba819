import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiError } from '../../../meta/status.ts';
import { keyed, listOf, object, setOf, text, textMap } from '../kinds/words.ts';
import { mergePatch } from './merge.ts';
import { strategicPatch } from './strategic.ts';

const schema = object('', {
  plain: text(),
  labels: textMap(),
  atomic: listOf(text()),
  finalizers: setOf(text()),
  containers: keyed(object('', { name: text(), image: text(), env: keyed(object('', { name: text(), value: text() }), ['name']) }), [
    'name',
  ]),
  strategy: { ...object('', { type: text(), rolling: text() }), 'x-kubernetes-patch-strategy': 'retainKeys' },
  whole: { ...object('', { a: text(), b: text() }), 'x-kubernetes-patch-strategy': 'replace' },
});

const a = { name: 'a', image: '1' };
const b = { name: 'b', image: '1' };
const c = { name: 'c', image: '1' };

const cases: readonly (readonly [what: string, target: object, patch: object, result: object])[] = [
  [
    'sets, merges and takes away',
    { plain: 'x', labels: { k: '1', l: '2' } },
    { plain: null, labels: { k: '3' } },
    { labels: { k: '3', l: '2' } },
  ],
  ['replaces a list without a key', { atomic: ['x'] }, { atomic: ['y'] }, { atomic: ['y'] }],
  ['unites a list of primitives', { finalizers: ['x'] }, { finalizers: ['x', 'y'] }, { finalizers: ['x', 'y'] }],
  ['takes primitives out', { finalizers: ['x', 'y'] }, { '$deleteFromPrimitiveList/finalizers': ['x'] }, { finalizers: ['y'] }],
  [
    'merges items by their key, new ones at the end',
    { containers: [a, b] },
    { containers: [{ name: 'b', image: '2' }, c] },
    { containers: [a, { name: 'b', image: '2' }, c] },
  ],
  [
    'merges lists in lists',
    { containers: [{ ...a, env: [{ name: 'X', value: '1' }] }] },
    { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] },
    {
      containers: [
        {
          ...a,
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
      ],
    },
  ],
  ['takes an item out', { containers: [a, b] }, { containers: [{ name: 'a', $patch: 'delete' }] }, { containers: [b] }],
  ['replaces a keyed list', { containers: [a, b] }, { containers: [{ $patch: 'replace' }, c] }, { containers: [c] }],
  ['replaces a map', { labels: { k: '1' } }, { labels: { $patch: 'replace', l: '2' } }, { labels: { l: '2' } }],
  ['empties a map', { labels: { k: '1' } }, { labels: { $patch: 'delete' } }, { labels: {} }],
  ['replaces what is declared so', { whole: { a: '1' } }, { whole: { b: '2' } }, { whole: { b: '2' } }],
  [
    'retains the keys that are named',
    { strategy: { type: 'x', rolling: 'y' } },
    { strategy: { $retainKeys: ['type'], type: 'z' } },
    { strategy: { type: 'z' } },
  ],
  [
    'puts a list in the order that is asked for; what it does not name stays where it was',
    { containers: [a, { name: 'server' }, b] },
    { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b', image: '2' }] },
    { containers: [{ name: 'b', image: '2' }, a, { name: 'server' }] },
  ],
  [
    'orders a list that it does not change',
    { finalizers: ['x', 'y'] },
    { '$setElementOrder/finalizers': ['y', 'x'] },
    { finalizers: ['y', 'x'] },
  ],
  [
    'makes what is not there, without directives and nulls',
    {},
    { labels: { k: '1', l: null }, containers: [{ ...a, env: [] }] },
    { labels: { k: '1' }, containers: [{ ...a, env: [] }] },
  ],
];

describe('a strategic merge patch', () => {
  for (const [what, target, patch, result] of cases) {
    test(what, () => {
      const [before, said] = [structuredClone(target), structuredClone(patch)];
      assert.deepEqual(strategicPatch(target, patch, schema), result);
      assert.deepEqual([target, patch], [before, said], 'neither is changed');
    });
  }

  for (const patch of [{ $patch: 'paint' }, { containers: [{ image: '1' }] }, { containers: ['a'] }]) {
    test(`${JSON.stringify(patch)} is refused`, () => {
      assert.throws(
        () => strategicPatch({ containers: [a] }, patch, schema),
        (error) => error instanceof ApiError && error.code === 400,
      );
    });
  }
});

/** The table of RFC 7386, appendix A. */
describe('a JSON merge patch', () => {
  for (const [target, patch, result] of [
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', 'null', 'null'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
    ['{}', '{"__proto__":{"x":1}}', '{}'],
  ] as const) {
    test(`${target} with ${patch}`, () => {
      assert.deepEqual(mergePatch(JSON.parse(target), JSON.parse(patch)), JSON.parse(result));
    });
  }
});
