import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { duplicateFields } from './duplicate-fields.ts';

const cases: [text: string, found: string[]][] = [
  ['{"a": 1, "b": {"a": 1}}', []],
  ['{"a": 1, "a": 2}', ['a']],
  ['{"a": 1, "a": 2, "a": 3}', ['a', 'a']],
  ['{"spec": {"x": 1, "x": {"y": 1}}}', ['spec.x']],
  ['{"spec": {"disks": [{"name": "a"}, {"name": "b", "size": 1, "name": "c"}]}}', ['spec.disks[1].name']],
  ['{"l": [[{"a":1}], [{"a":1,"b":2,"a":3}]]}', ['l[1][0].a']],
  ['{"a": "a", "b": "a,a", "c": ["a", "a"]}', []],
  ['{"a\\u0062": 1, "ab": 2}', ['ab']],
  ['{"a": "quote \\" , \\"a\\": 1", "b": "\\\\", "b": 2}', ['b']],
  ['{"a":{},"b":[],"a":{}}', ['a']],
  ['{"a": 1, "a": "no end', ['a']],
  ['', []],
  ['[}{"a":1,"a":2}', ['a']],
];

describe('fields that stand twice', () => {
  for (const [text, found] of cases) {
    it(`${text} → ${JSON.stringify(found)}`, () => {
      assert.deepEqual(duplicateFields(text), found);
    });
  }
});
