import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { UserError } from '../../base/errors.ts';
import { parseFieldSet } from './field-set-text.ts';

suite('FieldsV1 as a client wrote it', () => {
  test('is taken as it is when it is canonical', () => {
    const fields = {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
    };
    assert.equal(JSON.stringify(parseFieldSet(fields)), JSON.stringify(fields));
  });

  test('is put in order', () => {
    assert.equal(
      JSON.stringify(parseFieldSet({ 'v:1': {}, 'f:b': { 'f:z': {}, '.': {}, 'f:y': {} }, 'f:a': {} })),
      '{"f:a":{},"f:b":{".":{},"f:y":{},"f:z":{}},"v:1":{}}',
    );
  });

  test('joins two spellings of one element', () => {
    const fields = { 'k:{"a":1,"b":2}': { 'f:x': {} }, 'k:{"b":2,"a":1}': { '.': {}, 'f:y': {} } };
    assert.deepEqual(parseFieldSet(fields), { 'k:{"a":1,"b":2}': { '.': {}, 'f:x': {}, 'f:y': {} } });
  });

  test('leaves out what it does not know; a parent of nothing else is a field', () => {
    assert.deepEqual(parseFieldSet({ 'r:later': { 'f:a': {} }, 'f:b': { 'r:later': {} } }), { 'f:b': {} });
  });

  test('a dot at the root means nothing: nobody owns the whole object', () => {
    assert.deepEqual(parseFieldSet({ '.': {}, 'f:a': { '.': {} } }), { 'f:a': {} });
  });

  test('nothing is the set of nothing', () => {
    for (const none of [undefined, null, {}]) assert.deepEqual(parseFieldSet(none), {});
  });

  for (const bad of ['text', 1, [], { 'f:a': 1 }, { 'f:a': [] }, { 'f:a': null }, { a: {} }, { 'k:x': {} }]) {
    test(`refuses ${JSON.stringify(bad)}`, () => {
      assert.throws(() => parseFieldSet(bad), UserError);
    });
  }
});
