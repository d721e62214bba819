import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostName, ordinalOf } from './host-names.ts';

test('the pool and ordinal of a host can be read from its name', () => {
  for (const pool of ['a', 'rack-a', 'a-1', 'a.b'])
    for (const ordinal of [1, 9, 10, 1000]) assert.deepEqual(ordinalOf(hostName(pool, ordinal)), { pool, ordinal });
});

test('other names are of no pool', () => {
  for (const name of ['rack', 'rack-', 'rack-0', 'rack-01', '-1', 'rack-x']) assert.equal(ordinalOf(name), undefined, name);
});
