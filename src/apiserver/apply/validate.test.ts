import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Json } from '../../meta/objects.ts';
import { compileType } from './compile-type.ts';
import { gadgetSchema, object, open } from './test-support.ts';
import { faultsOf } from './validate.ts';

const gadget = compileType(gadgetSchema);

function faults(value: Json): string[] {
  return faultsOf(gadget, value).map(({ path, message }) => `${path}: ${message}`);
}

suite('what has not the form of its type', () => {
  const table: [Json, string[]][] = [
    [{ nope: 1 }, ['.nope: field not declared in schema']],
    [{ part: { inner: { d: 'x', nope: {} } } }, ['.part.inner.nope: field not declared in schema']],
    [{ parts: { x: { nope: 1 } } }, ['.parts.x.nope: field not declared in schema']],
    [{ size: 'big' }, ['.size: expected numeric (int or float), got "big"']],
    [{ name: 1 }, ['.name: expected string, got 1']],
    [{ on: 'true' }, ['.on: expected boolean, got "true"']],
    [{ part: [] }, ['.part: expected map, got a list']],
    [{ part: 'x' }, ['.part: expected map, got "x"']],
    [{ tags: {} }, ['.tags: expected list, got a map']],
    [{ name: {} }, ['.name: expected string, got a map']],
    [{ tags: ['a', 'b', 'a'] }, ['.tags: duplicate entries for key [="a"]']],
    [{ tags: [['a']] }, ['.tags: element 0: a set holds strings, numbers and booleans only']],
    [{ tags: [null] }, ['.tags: element 0: a set holds strings, numbers and booleans only']],
    [{ disks: [{ name: 'a' }, { name: 'a' }] }, ['.disks: duplicate entries for key [name="a"]']],
    [
      { disks: [{ size: 1 }] },
      [
        '.disks: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
      ],
    ],
    [{ disks: [null] }, ['.disks: element 0: a list with keys holds objects only']],
    [
      { disks: [{ name: 'a', size: 'x', nope: 1 }] },
      ['.disks[name="a"].size: expected numeric (int or float), got "x"', '.disks[name="a"].nope: field not declared in schema'],
    ],
    [{ ports: [{ port: 1 }, { port: 1, protocol: 'TCP' }] }, ['.ports: duplicate entries for key [port=1,protocol="TCP"]']],
    [{ words: ['a', 1] }, ['.words[1]: expected string, got 1']],
  ];

  for (const [value, expected] of table) {
    test(JSON.stringify(value), () => {
      assert.deepEqual(faults(value), expected);
    });
  }

  const good: Json[] = [
    {},
    { size: 1.5, name: '', on: false, tags: [], words: ['a', 'a'], selector: {}, labels: { 'any/thing': 'x' } },
    { size: null, tags: null, part: null, disks: null },
    { ports: [{ port: 1 }, { port: 1, protocol: 'UDP' }, { protocol: 'SCTP' }] },
    { anything: { a: [{ b: [1, 1, null] }], c: 'x' } },
    { anything: 5 },
  ];
  for (const value of good) {
    test(`nothing against ${JSON.stringify(value)}`, () => {
      assert.deepEqual(faults(value), []);
    });
  }

  test('no more than a hundred are said', () => {
    const unknown = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x${String(i)}`, 1]));
    assert.equal(faults(unknown).length, 100);
    assert.equal(faults({ parts: { a: unknown, b: unknown } }).length, 100);
  });

  test('a string of a format may be any scalar, as it may be read from one', () => {
    const type = compileType(object({ at: { type: 'string', format: 'date-time' }, bytes: { type: 'string', format: 'byte' }, any: open }));
    assert.deepEqual(faultsOf(type, { at: 5 }), []);
    assert.equal(faultsOf(type, { bytes: 5 }).length, 1);
  });
});
