import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Json } from '../../meta/objects.ts';
import { compileType } from './compile-type.ts';
import { merge } from './merge.ts';
import type { OpenApiSchema } from './openapi-schema.ts';
import { atomic, gadgetSchema, object, open, text, textMap } from './test-support.ts';

const gadget = compileType(gadgetSchema);

function assertMerges(schema: OpenApiSchema, table: [Json, Json, Json][]): void {
  const type = compileType(object({ it: schema }));
  for (const [live, patch, expected] of table)
    assert.deepEqual(merge(type, { it: live }, { it: patch }), { it: expected }, JSON.stringify([live, patch]));
}

suite('merging', () => {
  test('a scalar is the one of the patch', () => {
    assert.deepEqual(merge(gadget, { size: 1, name: 'a' }, { size: 3.5, on: true }), { size: 3.5, name: 'a', on: true });
  });

  test('granular maps are joined, atomic ones replaced', () => {
    const live = { labels: { a: '1', b: '2' }, selector: { a: '1', b: '2' } };
    const patch = { labels: { a: '9' }, selector: { a: '9' } };
    assert.deepEqual(merge(gadget, live, patch), { labels: { a: '9', b: '2' }, selector: { a: '9' } });
  });

  test('values without a schema: maps are joined, lists replaced', () => {
    assert.deepEqual(merge(gadget, { anything: { m: { a: 1 }, l: [1, 2] } }, { anything: { m: { b: 2 }, l: [3] } }), {
      anything: { m: { a: 1, b: 2 }, l: [3] },
    });
  });

  test('null and empty are told apart', () => {
    for (const schema of [textMap, object({ a: text })]) {
      assertMerges(schema, [
        [null, {}, {}],
        [{}, null, null],
        [{}, {}, {}],
        [{ a: 'x' }, {}, { a: 'x' }],
        [{ a: 'x' }, null, { a: 'x' }],
      ]);
    }
    assertMerges(atomic(textMap), [
      [{ a: 'x' }, {}, {}],
      [{ a: 'x' }, null, null],
    ]);
    assertMerges({ type: 'array', items: text }, [
      [null, [], []],
      [[], null, null],
      [['a'], [], []],
      [['a'], null, null],
    ]);
    assertMerges({ type: 'array', items: text, 'x-kubernetes-list-type': 'set' }, [
      [['a'], [], ['a']],
      [['a'], null, ['a']],
      [[], null, null],
    ]);
    assertMerges(text, [['a', null, null]]);
  });

  test('a value of another kind replaces the one before', () => {
    assertMerges(open, [
      [{ a: 1 }, 'x', 'x'],
      ['x', { a: 1 }, { a: 1 }],
      [{ a: 1 }, [1], [1]],
      [[1], { a: 1 }, { a: 1 }],
    ]);
  });

  test('what a patch does not change is the very same value', () => {
    const live = { part: { a: 1, inner: { d: 'x' } }, disks: [{ name: 'a', size: 1 }], words: ['a'], labels: { a: 'b' }, tags: ['x', 'y'] };
    assert.equal(merge(gadget, live, JSON.parse(JSON.stringify(live)) as Json), live);
    const merged = merge(gadget, live, { part: { b: 2 } });
    assert.ok(typeof merged === 'object' && merged !== null && 'disks' in merged);
    assert.equal(merged.disks, live.disks);
    assert.deepEqual(live.part, { a: 1, inner: { d: 'x' } });
  });

  test('members may have any name', () => {
    const live = JSON.parse('{"labels":{"__proto__":"a","constructor":"b"}}') as Json;
    const patch = JSON.parse('{"labels":{"__proto__":"c","toString":"d"}}') as Json;
    assert.equal(JSON.stringify(merge(gadget, live, patch)), '{"labels":{"__proto__":"c","constructor":"b","toString":"d"}}');
  });
});
