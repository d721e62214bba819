import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behaviourOf, busyMs, dirtiedPages, touchedBytes } from './behaviour.ts';

const gibibyte = 2 ** 30;
const ids = Array.from({ length: 200 }, (_, i) => `guest-${String(i)}`);

test('a guest behaves the same each time, and not as all others do', () => {
  assert.deepEqual(behaviourOf('a'), behaviourOf('a'));
  assert.ok(new Set(ids.map((id) => behaviourOf(id).cpu.mean)).size > 100);
});

test('a guest never uses less than nothing or more than it has', () => {
  for (const id of ids) {
    const behaviour = behaviourOf(id);
    for (let at = 0; at < 86_400_000; at += 7_200_000) {
      const used = busyMs(behaviour, at, at + 60_000);
      assert.ok(used >= 0 && used <= 60_000, `${id} at ${String(at)}: ${String(used)}`);
      const touched = touchedBytes(behaviour, gibibyte, at);
      assert.ok(touched > 0 && touched <= gibibyte);
    }
  }
});

test('what it used in two spans is what it used in both together', () => {
  const behaviour = behaviourOf('a');
  const parts = busyMs(behaviour, 0, 1000) + busyMs(behaviour, 1000, 50_000);
  assert.ok(Math.abs(parts - busyMs(behaviour, 0, 50_000)) < 1e-6);
});

test('dirty pages start at none, grow, and end with the working set', () => {
  for (const id of ids) {
    const behaviour = behaviourOf(id);
    const workingSet = Math.round((gibibyte * behaviour.dirty.workingSet) / 4096);
    const dirtied = [0, 10, 1000, 60_000, 86_400_000].map((ms) => dirtiedPages(behaviour, gibibyte, ms));
    assert.deepEqual(
      dirtied,
      [...dirtied].sort((a, b) => a - b),
    );
    assert.equal(dirtied[0], 0);
    assert.equal(dirtied.at(-1), workingSet);
  }
});
