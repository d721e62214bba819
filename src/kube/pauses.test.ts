import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { pauseAfter, type Outcome } from './pauses.ts';

const random = seededRandom(1);
const bad = (outcome: Partial<Outcome>): number => pauseAfter({ failures: 1, asked: undefined, ...outcome }, random);

test('grows from a tenth of a second to half a minute, and starts anew after a good round', () => {
  for (const [failures, most] of [1, 2, 3, 8, 9, 100, 5000].map((n) => [n, Math.min(30_000, 100 * 2 ** (n - 1))] as const)) {
    const pause = bad({ failures });
    assert.ok(pause >= most / 2 && pause <= most, `${String(failures)} failures: ${String(pause)} ms`);
  }
  assert.ok(bad({ failures: 0 }) <= 50);
});

test('waits as long as the server asks, within reason', () => {
  assert.equal(bad({ asked: 20_000 }), 20_000);
  assert.equal(bad({ asked: 86_400_000 }), 60_000);
  assert.ok(bad({ failures: 20, asked: 1_000 }) >= 15_000);
});
