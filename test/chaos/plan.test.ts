import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chaosPlan } from './plan.ts';

const seeds = Array.from({ length: 200 }, (_, i) => i);

test('a seed is one plan, and another seed another', () => {
  assert.deepEqual(chaosPlan(7, 45), chaosPlan(7, 45));
  assert.notDeepEqual(chaosPlan(7, 45), chaosPlan(8, 45));
});

test('each plan has the three patterns of Sieve, and all of it begins within its time', () => {
  for (const { troubles, seconds } of seeds.map((seed) => chaosPlan(seed, 45))) {
    const kinds = new Set(troubles.map(({ kind }) => kind));
    assert.ok(kinds.has('intermediate') && kinds.has('unobserved') && (kinds.has('behind') || kinds.has('stale')));
    assert.ok(troubles.every(({ at }) => at >= 0 && at < seconds * 1000));
  }
});

test('wishes are of VMs that there are, and in the order of their times', () => {
  for (const { fleet } of seeds.map((seed) => chaosPlan(seed, 45))) {
    const times = fleet.wishes.map(({ at }) => at);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok(fleet.wishes.every(({ vm }) => vm < fleet.vms.length));
  }
});

test('no VM must be away from more others than there are hosts', () => {
  for (const { fleet } of seeds.map((seed) => chaosPlan(seed, 45)))
    assert.ok(fleet.vms.filter(({ shape }) => shape === 'apart').length <= fleet.hosts);
});
