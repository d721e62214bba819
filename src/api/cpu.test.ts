import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baselines, common, covers } from './cpu.ts';

test('each level has all features of those before it', () => {
  const table = baselines.map((has) => baselines.map((wanted) => (covers(has, wanted) ? '+' : '-')).join(''));
  assert.deepEqual(table, ['+---', '++--', '+++-', '++++']);
});

test('what several have in common is what the least of them has', () => {
  assert.equal(common(['x86-64-v4', 'x86-64-v2', 'x86-64-v3']), 'x86-64-v2');
  assert.equal(common([]), undefined);
});
