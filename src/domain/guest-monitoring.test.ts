// Whether a guest hangs: no heartbeat alone is no proof of it, and what was not watched does not count (rule 5).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aVm } from '../../test/builders/objects.ts';
import { guestMonitoringOf, hangs, isSpent, watchAfter, type Signs, type Watch } from './guest-monitoring.ts';

const monitoring = { interval: '30s', minimumUptime: '120s', maxResets: 2, resetWindow: '1h' };
const everyMs = 5_000;
const still: Signs = { startedAt: 1_000, heartbeat: 'Silent', work: 7 };

/** Watched every five seconds for so long, from `from` on. */
function watched(signs: (ms: number) => Signs, forMs: number, from?: Watch): Watch | undefined {
  const begin = from?.at ?? 0;
  let watch = from;
  for (let ms = from === undefined ? 0 : everyMs; ms <= forMs; ms += everyMs)
    watch = watchAfter(watch, signs(begin + ms), begin + ms, everyMs);
  return watch;
}

const isHung = (watch: Watch | undefined): boolean => watch !== undefined && hangs(monitoring, watch);

describe('a guest that is watched', () => {
  it('hangs once nothing at all has been seen of it for the interval, and it has been up for long enough', () => {
    assert.ok(isHung(watched(() => still, 120_000)));
    assert.equal(isHung(watched(() => still, 115_000)), false, 'it may boot slowly');
    const well = watched((ms) => ({ ...still, heartbeat: 'Beating', work: ms }), 200_000);
    assert.equal(isHung(well), false);
    const quiet = { ...still, work: well?.work ?? 0 };
    assert.equal(isHung(watched(() => quiet, 25_000, well)), false);
    assert.ok(isHung(watched(() => quiet, 30_000, well)));
  });

  it('does not while one sign of life is left: a heartbeat, or work that is done', () => {
    assert.equal(isHung(watched((ms) => ({ ...still, work: ms }), 600_000)), false);
    assert.equal(isHung(watched(() => ({ ...still, heartbeat: 'Beating' }), 600_000)), false);
    assert.equal(isHung(watched(() => ({ ...still, heartbeat: 'Booting' }), 600_000)), false);
  });

  it('does not for the time in which nobody looked', () => {
    const before = watched((ms) => ({ ...still, work: ms }), 200_000);
    const paused = watchAfter(before, { ...still, work: before?.work ?? 0 }, 900_000, everyMs);
    assert.equal(isHung(paused), false);
  });

  it('is another one after a start: its time begins anew', () => {
    const hung = watched(() => still, 200_000);
    assert.equal(isHung(watchAfter(hung, { ...still, startedAt: 2_000 }, 205_000, everyMs)), false);
  });
});

describe('resets', () => {
  const now = Date.parse('2026-03-01T13:00:00Z');

  it('are no more than asked for within the window', () => {
    assert.equal(isSpent(monitoring, ['2026-03-01T12:30:00Z'], now), false);
    assert.equal(isSpent(monitoring, ['2026-03-01T12:30:00Z', '2026-03-01T12:59:00Z'], now), true);
    assert.equal(isSpent(monitoring, ['2026-03-01T11:59:00Z', '2026-03-01T12:59:00Z'], now), false);
  });

  it('are asked for by the VM, in full or in part; absent: none', () => {
    const of = (guestMonitoring?: object): unknown =>
      guestMonitoringOf(aVm('web', { spec: { availability: { evacuation: 'LiveMigrate', ...(guestMonitoring && { guestMonitoring }) } } }));
    assert.equal(of(), undefined);
    assert.deepEqual(of({ maxResets: 1 }), { interval: '30s', minimumUptime: '120s', maxResets: 1, resetWindow: '1h' });
  });
});
