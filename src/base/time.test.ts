import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDuration } from './time.ts';

test('a duration is written as it is read: exact while it is short, in whole seconds then', () => {
  const table: [number, string][] = [
    [0, '0s'],
    [0.4, '0s'],
    [12, '12ms'],
    [1300, '1300ms'],
    [2000, '2s'],
    [9999, '9999ms'],
    [90_400, '1m30s'],
    [3_600_000, '1h'],
    [3_661_000, '1h1m1s'],
  ];
  for (const [ms, text] of table) {
    assert.equal(formatDuration(ms), text);
    assert.ok(Math.abs(parseDuration(text) - ms) < 1000);
  }
});
