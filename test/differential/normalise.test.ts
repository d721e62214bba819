import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normalise } from './normalise.ts';
import type { Played, Taken } from './player.ts';

const uid = (digit: string): string => `${digit.repeat(8)}-1111-4111-8111-${digit.repeat(12)}`;

function answer(body: unknown, headers: Readonly<Record<string, string>> = {}): Taken {
  const usual = { 'content-type': 'application/json', 'cache-control': 'no-cache, private' };
  return { step: 'GET /x', heard: { status: 200, headers: { ...usual, ...headers }, body }, show: 'all' };
}

function bodies(taken: readonly Taken[], words: readonly (readonly [string, string])[] = []): unknown[] {
  const played: Played = { name: 'a scenario', taken, words: new Map(words) };
  return normalise(played).steps.map((step) => step.body ?? step.events);
}

describe('what a server chose by itself', () => {
  test('uids have names, one each, wherever they stand', () => {
    const [first, second] = bodies([answer({ a: uid('a'), b: `of ${uid('b')}` }), answer({ c: uid('b'), d: uid('a') })]);
    assert.deepEqual(
      [first, second],
      [
        { a: 'uid1', b: 'of uid2' },
        { c: 'uid2', d: 'uid1' },
      ],
    );
  });

  test('versions of objects are numbered by their order, not by when they were seen', () => {
    const object = (resourceVersion: string): object => ({ metadata: { resourceVersion } });
    assert.deepEqual(bodies([answer(object('2000')), answer(object('1500')), answer({ message: 'found 2000, not 1500' })]), [
      { metadata: { resourceVersion: 'rv2' } },
      { metadata: { resourceVersion: 'rv1' } },
      { message: 'found rv2, not rv1' },
    ]);
  });

  test('managers that wrote just now stand by their names, all others where they stood', () => {
    const entry = (operation: string, manager: string, time: string): object => ({ operation, manager, time });
    const now = (seconds: number): string => `2026-01-01T00:00:0${String(seconds)}Z`;
    const entries = [
      entry('Apply', 'y', now(1)),
      entry('Apply', 'x', now(2)),
      entry('Update', 'd', '2001-01-01T00:00:00Z'),
      entry('Update', 'c', '2002-01-01T00:00:00Z'),
      entry('Update', 'b', now(1)),
      entry('Update', 'a', now(2)),
    ];
    const [body] = bodies([answer({ metadata: { managedFields: entries } })]) as { metadata: { managedFields: string[] } }[];
    const managers = body?.metadata.managedFields.map((line) => (JSON.parse(line) as { manager: string }).manager);
    assert.deepEqual(managers, ['x', 'y', 'd', 'c', 'a', 'b']);
  });

  test('the version of a list says which objects it can not be older than', () => {
    const list = {
      kind: 'ThingList',
      metadata: { resourceVersion: '1800', continue: 'abc' },
      items: [{ metadata: { resourceVersion: '1500' } }],
    };
    assert.deepEqual(bodies([answer({ metadata: { resourceVersion: '2000' } }), answer(list)])[1], {
      items: [{ metadata: { resourceVersion: 'rv1' } }],
      kind: 'ThingList',
      metadata: { continue: '<continue>', resourceVersion: '≥rv1' },
    });
  });

  test('times of now are told from those that a scenario wrote', () => {
    assert.deepEqual(bodies([answer({ a: '2026-11-23T01:02:03Z', b: '2026-11-23T01:02:03.123456Z', c: '2001-02-03T04:05:06Z' })]), [
      { a: '<time>', b: '<microtime>', c: '2001-02-03T04:05:06Z' },
    ]);
  });

  test("the scenario's own name, and what it captured, stand in braces again", () => {
    assert.deepEqual(
      bodies(
        [answer({ 'x/node-007': 'node-007-abcde of node-007' })],
        [
          ['id', 'node-007'],
          ['made', 'node-007-abcde'],
        ],
      ),
      [{ 'x/{id}': '{made} of {id}' }],
    );
  });

  test('causes are in order, and so are the words that list them', () => {
    const causes = [
      { field: 'b', message: 'bad' },
      { field: 'a', message: 'worse' },
    ];
    assert.deepEqual(bodies([answer({ reason: 'Invalid', message: 'X is invalid: [b: bad, a: worse]', details: { causes } })]), [
      { reason: 'Invalid', message: 'X is invalid: [a: worse, b: bad]', details: { causes: causes.toReversed() } },
    ]);
  });
});

test('of headers those stand that matter, and differ from the usual', () => {
  const shape = (headers: Readonly<Record<string, string>>): unknown =>
    normalise({ name: 'a', taken: [answer({}, headers)], words: new Map() }).steps[0]?.headers;
  assert.equal(shape({ date: 'today', 'content-length': '2' }), undefined);
  assert.deepEqual(shape({ warning: '299 - "one, 2", 299 - "two"' }), { warning: ['299 - "one, 2"', '299 - "two"'] });
  assert.deepEqual(shape({ 'content-type': 'text/plain' }), { 'content-type': 'text/plain' });
});
