import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiErrorOf, compareRevisions, objectOf, retryAfterOf } from './answers.ts';
import { thing, Thing } from './test-support.ts';

test('revisions are compared as the whole numbers that they are, however long', () => {
  assert.equal(compareRevisions('9', '10'), -1);
  assert.equal(compareRevisions('10', '9'), 1);
  assert.equal(compareRevisions('10', '10'), 0);
  assert.equal(compareRevisions('9007199254740993', '9007199254740992'), 1);
});

test('a revision that is no number cannot be older than another', () => {
  assert.equal(compareRevisions('abc', '100'), 1);
  assert.equal(compareRevisions('100', 'abcd'), 1);
  assert.equal(compareRevisions('abc', 'abc'), 0);
});

test('an answer that is no Status becomes one, with the time after which to come again', () => {
  const error = apiErrorOf(503, 'upstream is down', { 'retry-after': '7' });
  assert.deepEqual([error.code, error.reason, error.message, retryAfterOf(error)], [503, 'ServiceUnavailable', 'upstream is down', 7_000]);
  assert.equal(retryAfterOf(apiErrorOf(503, '', { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })), undefined);
  assert.equal(apiErrorOf(418, '', {}).message, 'HTTP 418');
});

test('an object has a name and a revision; its kind is as it was asked for', () => {
  const { metadata, spec } = thing('a', 1);
  assert.deepEqual(objectOf(Thing, { metadata, spec }), thing('a', 1));
  for (const value of [
    undefined,
    null,
    [],
    'text',
    {},
    { metadata: null },
    { metadata: { name: 'a' } },
    { metadata: { resourceVersion: '1' } },
  ]) {
    assert.throws(() => objectOf(Thing, value), /no Thing/);
  }
});
