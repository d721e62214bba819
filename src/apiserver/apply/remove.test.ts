import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Json } from '../../meta/objects.ts';
import { compileType } from './compile-type.ts';
import { fieldSet } from './field-algebra.ts';
import type { Path } from './field-set.ts';
import { fitToType, withNamedFields } from './named-fields.ts';
import { removeFields } from './remove.ts';
import { atomic, gadgetSchema, keyedList, number, object, printFields, text } from './test-support.ts';

const gadget = compileType(gadgetSchema);
const disk = 'k:{"name":"a"}';

function without(value: Json, ...paths: Path[]): Json {
  return removeFields(gadget, value, fieldSet(...paths), 'empty');
}

suite('removing fields', () => {
  const value: Json = {
    size: 1,
    part: { a: 1, inner: { d: 'x' } },
    disks: [{ name: 'a', size: 1, labels: { k: 'v' } }, { name: 'b' }],
    tags: ['x', 'y'],
    words: ['x'],
    selector: { a: 'b' },
  };

  test('takes leaves, items and whole containers', () => {
    assert.deepEqual(without(value, ['f:size'], ['f:part'], ['f:disks', 'k:{"name":"b"}'], ['f:tags', 'v:"x"'], ['f:words']), {
      disks: [{ name: 'a', size: 1, labels: { k: 'v' } }],
      tags: ['y'],
      selector: { a: 'b' },
    });
  });

  test('leaves the very value when there is nothing to take', () => {
    assert.equal(without(value), value);
    assert.equal(
      without(value, ['f:name'], ['f:part', 'f:b'], ['f:disks', disk, 'f:tags'], ['f:tags', 'v:"z"'], ['f:part', 'f:inner', 'f:e']),
      value,
    );
    const rest = without(value, ['f:size']);
    assert.ok(typeof rest === 'object' && rest !== null && 'disks' in rest && 'disks' in value);
    assert.equal(rest.disks, value.disks);
  });

  test('a container that is emptied but not taken stays, empty or null', () => {
    const all = fieldSet(
      ['f:part', 'f:a'],
      ['f:part', 'f:inner', 'f:d'],
      ['f:tags', 'v:"x"'],
      ['f:tags', 'v:"y"'],
      ['f:disks', disk, 'f:labels', 'f:k'],
    );
    const only: Json = { part: { a: 1 }, tags: ['x', 'y'], disks: [{ name: 'a', labels: { k: 'v' } }] };
    assert.deepEqual(removeFields(gadget, only, all, 'empty'), { part: {}, tags: [], disks: [{ name: 'a', labels: {} }] });
    assert.deepEqual(removeFields(gadget, only, all, 'null'), { part: null, tags: null, disks: [{ name: 'a', labels: null }] });
  });

  test('something atomic goes as a whole or not at all', () => {
    assert.equal(without(value, ['f:selector', 'f:a'], ['f:words', 'v:"x"']), value);
  });

  test('an item keeps the fields without which it would be another', () => {
    assert.deepEqual(without({ disks: [{ name: 'a', size: 1 }] }, ['f:disks', disk, 'f:name'], ['f:disks', disk, 'f:size']), {
      disks: [{ name: 'a' }],
    });
  });

  test('but not a key that it would have by default', () => {
    const ports = [
      { port: 1, protocol: 'TCP' },
      { port: 1, protocol: 'UDP' },
    ];
    const paths = ['TCP', 'UDP'].map((protocol): Path => ['f:ports', `k:{"port":1,"protocol":"${protocol}"}`, 'f:protocol']);
    assert.deepEqual(without({ ports }, ...paths), { ports: [{ port: 1 }, { port: 1, protocol: 'UDP' }] });
  });

  test('members may have any name', () => {
    const labels = JSON.parse('{"__proto__":"a","constructor":"b","c":"d"}') as Json;
    assert.equal(JSON.stringify(without({ labels }, ['f:labels', 'f:c'])), '{"labels":{"__proto__":"a","constructor":"b"}}');
  });
});

suite('fields as their type has them', () => {
  test('a container that the schema names is added to its parts', () => {
    const fields = fieldSet(
      ['f:part', 'f:inner', 'f:d'],
      ['f:disks', disk, 'f:labels', 'f:k'],
      ['f:parts', 'f:p', 'f:inner', 'f:d'],
      ['f:nope', 'f:x', 'f:y'],
      ['f:tags', 'v:"x"'],
    );
    assert.equal(
      printFields(withNamedFields(gadget, fields)),
      '.disks .disks[name="a"].labels .disks[name="a"].labels.k .nope.x.y .part .part.inner .part.inner.d .parts .parts.p.inner .parts.p.inner.d .tags .tags[="x"]',
    );
  });

  test('parts of what is atomic become the whole', () => {
    const type = compileType(
      object({
        part: atomic(object({ a: number })),
        list: atomic(keyedList(['name'], { name: text })),
        inner: object({ part: atomic(object({})) }),
      }),
    );
    const fields = fieldSet(
      ['f:part'],
      ['f:part', 'f:a'],
      ['f:list', disk, 'f:name'],
      ['f:inner', 'f:part', 'f:b'],
      ['f:inner', 'f:c'],
      ['f:nope', 'f:d'],
    );
    assert.equal(printFields(fitToType(type, fields)), '.inner.c .inner.part .list .nope.d .part');
  });

  test('what fits is the very same', () => {
    const fields = fieldSet(['f:part', 'f:a'], ['f:selector'], ['f:disks', disk, 'f:labels', 'f:k'], ['f:anything', 'f:x', 'f:y']);
    assert.equal(fitToType(gadget, fields), fields);
  });
});
