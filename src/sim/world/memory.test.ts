import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GuestBehaviour } from './behaviour.ts';
import { guestMemory, msUntilEnough, type GuestMemory } from './memory.ts';

const megabyte = 1e6;

interface Guest {
  readonly memory: number;
  readonly touched: number;
  readonly workingSet: number;
  readonly writes: number;
}

/** A guest of so many megabytes, and megabytes a second, that has touched what it will touch. */
function aGuest({ memory, touched, workingSet, writes }: Guest): GuestMemory {
  const behaviour: GuestBehaviour = {
    cpu: { mean: 0.1, swing: 0, periodMs: 1000, phase: 0 },
    memory: { atBoot: touched / memory, inTheEnd: touched / memory, halfMs: 1000 },
    dirty: { workingSet: workingSet / memory, bytesPerSecond: writes * megabyte },
  };
  return guestMemory(behaviour, { memoryBytes: memory * megabyte });
}

/** Megabytes of each round at these rates (megabytes a second), and what is left after the last: the bytes of the stop-and-copy. */
function rounds(guest: GuestMemory, first: number, rates: readonly number[]): number[] {
  const sizes = [first];
  let at = 0;
  for (const [index, rate] of rates.entries()) {
    const ms = ((sizes[index] ?? 0) * 1000) / rate;
    sizes.push(guest.dirtied(at, at + ms) / megabyte);
    at += ms;
  }
  return sizes;
}

function isNear(value: number, wanted: number, share: number): void {
  assert.ok(Math.abs(value - wanted) <= wanted * share, `${String(value)} is not within ${String(share * 100)} % of ${String(wanted)}`);
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

describe('the memory of a guest', () => {
  test('is sent as it was touched, and the rest, pages of zeros, for 9 bytes each', () => {
    const guest = aGuest({ memory: 4096, touched: 1024, workingSet: 10, writes: 1 });
    assert.equal(Math.round(guest.whole(0)), 1024 * megabyte + (3072 * megabyte * 9) / 4096);
  });

  test('lacks nothing after no time, more after more, and never more than was touched', () => {
    const guest = aGuest({ memory: 1000, touched: 100, workingSet: 500, writes: 50 });
    const dirtied = [0, 10, 100, 1000, 100_000].map((ms) => guest.dirtied(5000, 5000 + ms));
    assert.equal(dirtied[0], 0);
    assert.deepEqual(
      dirtied,
      [...dirtied].sort((one, other) => one - other),
    );
    assert.equal(dirtied.at(-1), 100 * megabyte);
  });

  test('is said to be there in the time that the rounds take, or never', () => {
    const guest = aGuest({ memory: 1000, touched: 800, workingSet: 200, writes: 20 });
    const pace = { rate: 100 * megabyte, share: 1, enoughBytes: 10 * megabyte };
    const [, second = 0, third = 0] = rounds(guest, 800, [100, 100, 100]);
    assert.ok(third < 25 && second > 100);
    const ms = msUntilEnough(guest, 0, 800 * megabyte, pace) ?? assert.fail();
    isNear(ms, 8000 + second * 10 + third * 10, 0.05);
    assert.equal(msUntilEnough(guest, 0, 800 * megabyte, { ...pace, rate: 10 * megabyte }), undefined);
    assert.equal(msUntilEnough(guest, 0, 800 * megabyte, { ...pace, rate: 0 }), undefined);
    const slower = msUntilEnough(guest, 0, 800 * megabyte, { ...pace, rate: 10 * megabyte, share: 0.2 });
    assert.ok(slower !== undefined && slower > ms);
  });
});

/**
 * Clark et al., Live Migration of Virtual Machines, NSDI 2005, section 6. The first round goes at 100 Mbit/s, each later one at the rate at which
 * was written and 50 Mbit/s more, the last as fast as it can. The working set and the writes are chosen to fit the figures' rounds; what is
 * compared is how much is sent altogether and how long the guest stands still.
 */
describe('the model beside what was measured', () => {
  const megabit = 1 / 8;
  const first = 100 * megabit;

  test('SPECweb99, 800 MB: 677 MB in the first round, 127 in the second, 960 MB altogether, 210 ms of standing still', () => {
    const writes = 15;
    const later = writes + 50 * megabit;
    const sizes = rounds(aGuest({ memory: 800, touched: 676.8, workingSet: 130, writes }), 676.8, [first, later, later, later, later]);
    isNear(sizes[1] ?? 0, 126.7, 0.05);
    isNear(sum(sizes), 960, 0.05);
    // The last 18.2 MB took 201 ms, and 9 ms went by until the guest ran.
    isNear((sizes.at(-1) ?? 0) / (18.2 / 201) + 9, 210, 0.15);
  });

  test('Quake 3, 64 MB: 56 MB in the first round, 20 in the second, 88 MB altogether, 60 ms of standing still', () => {
    const sizes = rounds(aGuest({ memory: 64, touched: 56.3, workingSet: 56, writes: 5.5 }), 56.3, Array<number>(7).fill(first));
    isNear(sizes[1] ?? 0, 20.4, 0.05);
    isNear(sum(sizes), 88, 0.05);
    // The last 148 kB took 20 ms, and 40 ms went by until the guest ran.
    isNear((sizes.at(-1) ?? 0) / (0.148 / 20) + 40, 60, 0.25);
  });

  test('a guest that writes 256 of its 512 MB over and over is never sent: whenever it is stopped, it stands still for some 3.5 s', () => {
    const guest = aGuest({ memory: 512, touched: 512, workingSet: 256, writes: 500 });
    const rate = 222.5 / 3.5;
    const sizes = rounds(guest, 512, [rate, rate, rate]);
    for (const size of sizes.slice(1)) isNear(size / rate, 3.5, 0.2);
    assert.equal(
      msUntilEnough(guest, 0, 512 * megabyte, { rate: rate * megabyte, share: 1, enoughBytes: 0.3 * rate * megabyte }),
      undefined,
    );
  });
});
