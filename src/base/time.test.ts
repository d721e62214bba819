import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDuration, rfc3339, rfc3339Micro } from './time.ts';

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

test('a moment is written as a Date writes it, whatever the year, the month and the length of February', () => {
  for (const text of ['1970-01-01', '1972-02-29', '1999-12-31', '2000-02-29', '2026-03-01', '2026-11-30', '2100-02-28', '9999-12-28']) {
    for (let ms = Date.parse(`${text}T00:00:00Z`), end = ms + 3 * 86_400_000; ms < end; ms += 7_654_321) {
      const iso = new Date(ms).toISOString();
      const wholeSeconds = iso.replace(/\.\d+Z$/, 'Z');
      assert.equal(rfc3339(ms), wholeSeconds);
      assert.equal(rfc3339(ms + 0.5), wholeSeconds);
      assert.equal(rfc3339Micro(ms), iso.replace('Z', '000Z'));
    }
  }
  assert.equal(rfc3339(-1), '1969-12-31T23:59:59Z');
  assert.equal(rfc3339Micro(-1), '1969-12-31T23:59:59.999000Z');
});
