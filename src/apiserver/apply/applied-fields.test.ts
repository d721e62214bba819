import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../meta/objects.ts';
import { appliedFields } from './applied-fields.ts';
import { compileType } from './compile-type.ts';
import { gadgetSchema, printFields } from './test-support.ts';

const gadget = compileType(gadgetSchema);
const table: [Json, string][] = [
  [{ size: 1, part: { inner: { d: 'x' } } }, '.part.inner.d .size'],
  [{ part: {}, labels: {}, name: null }, '.labels .name .part'],
  [{ tags: [], disks: [] }, ''],
  [{ words: [], selector: {} }, '.selector .words'],
  [{ tagsByName: { a: [] }, parts: { b: {} } }, '.parts.b .tagsByName.a'],
  [{ disks: [{ name: 'a', tags: [] }] }, '.disks[name="a"] .disks[name="a"].name'],
  // Repeats that an updater made: one field, with no parts. The others have theirs.
  [
    { disks: [{ name: 'a', size: 1 }, { name: 'b', size: 1 }, { name: 'a' }] },
    '.disks[name="a"] .disks[name="b"] .disks[name="b"].name .disks[name="b"].size',
  ],
  [{ tags: ['x', 'x', 'y'] }, '.tags[="x"] .tags[="y"]'],
  // A list whose items have no keys, as a schema that changed may find it, is one field.
  [{ disks: [{ size: 1 }], tags: [['x']] }, '.disks .tags'],
  // What the schema does not know, as one that changed may find it, is owned as if there were none.
  [{ nope: { a: [1], b: {} } }, '.nope .nope.a .nope.b'],
];

for (const [value, expected] of table) {
  test(`the fields of ${JSON.stringify(value)}`, () => {
    assert.equal(printFields(appliedFields(gadget, value)), expected);
  });
}
