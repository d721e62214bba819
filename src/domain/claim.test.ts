import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { claimStep } from './claim.ts';

describe('a claim on a host: planned changes do not collide', () => {
  const table: [string, string | undefined, boolean, ReturnType<typeof claimStep>][] = [
    ['is taken by the first who wants it', undefined, true, { do: 'take' }],
    ['is held while it is wanted, by one that crashed in between too', 'Maintenance', true, { do: 'hold' }],
    ['is released when the change is over', 'Maintenance', false, { do: 'release' }],
    ['of another is waited for', 'Upgrade', true, { do: 'wait', heldBy: 'Upgrade' }],
    ['of another is not released', 'Upgrade', false, { do: 'nothing' }],
    ['that nobody wants is not taken', undefined, false, { do: 'nothing' }],
  ];
  for (const [name, by, wanted, step] of table) {
    test(name, () => {
      assert.deepEqual(claimStep(by === undefined ? undefined : { by }, 'Maintenance', wanted), step);
    });
  }
});
