import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ftFleet } from '../../bench/ft-fleet.ts';

it('of eight pairs on six hosts, one of which dies, all go on whose shadow lives, and all are protected again (rules 1, 5 and 10)', async () => {
  const line = await ftFleet({ pairs: 8, hosts: 6, kill: 1, runs: 1, seed: 3 });
  assert.ok(line.lostOriginal > 0, 'something was lost');
  assert.equal(line.livePeer, line.lostOriginal, 'no pair has both sides on one host');
  assert.equal(line.wentOn, line.livePeer);
  assert.equal(line.broken, 0);
  assert.ok(line.blackoutMs.max > 0, 'each says how long it was away');
});
