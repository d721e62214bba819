import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HostSwitch, SwitchConfiguration } from '../../api/effective-port.ts';
import { courseOf, proven, undone } from './trial.ts';

function aSwitch(name: string, more: Partial<HostSwitch> = {}): HostSwitch {
  return { name, engine: 'Default', mtu: 1500, uplinks: [], teaming: 'ActiveStandby', overlay: 'None', privateVlans: [], ...more };
}

const wanted = (...switches: HostSwitch[]) => switches.map((to) => ({ to, rollbackMs: 30_000 }));
const having = (...switches: HostSwitch[]): SwitchConfiguration => ({ switches, ports: [] });
const broken = aSwitch('prod', { uplinks: [{ name: 'uplink1', nic: 'eth0' }] });

describe('a change of switches', () => {
  test('that frames feel is on trial, with what was there before to go back to', () => {
    const course = courseOf(wanted(broken), having(aSwitch('prod')), 7);
    assert.deepEqual(course, { switches: [broken], trial: { good: [aSwitch('prod')], since: 7, afterMs: 30_000 } });
  });

  test('that is only about how often it is looked at is on no trial: it cuts nobody off', () => {
    const often = aSwitch('prod', { healthCheckMs: 60_000 });
    assert.deepEqual(courseOf(wanted(often), having(aSwitch('prod')), 7), { switches: [often] });
  });

  test('during a trial begins another, and goes back to what was good before both', () => {
    const applied = { ...having(broken), trial: { good: [aSwitch('prod')], since: 7, afterMs: 30_000 } };
    const other = aSwitch('prod', { mtu: 9000 });
    assert.deepEqual(courseOf(wanted(other), applied, 9).trial, { good: [aSwitch('prod')], since: 9, afterMs: 30_000 });
    assert.deepEqual(courseOf(wanted(broken), applied, 9).trial, applied.trial);
  });

  test('takes the shortest patience of all that change', () => {
    const all = [
      { to: aSwitch('a', { mtu: 9000 }), rollbackMs: 10_000 },
      { to: aSwitch('b', { mtu: 9000 }), rollbackMs: 20_000 },
      { to: aSwitch('c'), rollbackMs: 5_000 },
    ];
    const { trial } = courseOf(all, having(aSwitch('a'), aSwitch('b'), aSwitch('c')), 0);
    assert.equal(trial?.afterMs, 10_000);
  });
});

describe('a host that was cut off', () => {
  const cut: SwitchConfiguration = { ...having(broken), trial: { good: [aSwitch('prod')], since: 7, afterMs: 30_000 } };

  test('goes back, and does not try the same again', () => {
    const back = undone(cut);
    assert.deepEqual(back.switches, [aSwitch('prod')]);
    assert.equal(back.trial, undefined);
    const again = courseOf(wanted(broken), back, 99);
    assert.deepEqual([again.switches, again.trial, again.refused], [[aSwitch('prod')], undefined, back.refused]);
  });

  test('tries again once something else is wanted, and once what it has is wanted', () => {
    const back = undone(cut);
    const mended = aSwitch('prod', { uplinks: [{ name: 'uplink1', nic: 'eth1' }] });
    assert.deepEqual(courseOf(wanted(mended), back, 99).switches, [mended]);
    assert.deepEqual(courseOf(wanted(aSwitch('prod')), back, 99), { switches: [aSwitch('prod')] });
  });

  test('has no switch where it had none, and keeps one whose end cut it off', () => {
    const first = undone({ ...having(broken), trial: { good: [], since: 7, afterMs: 30_000 } });
    assert.deepEqual(first.switches, []);
    assert.deepEqual(courseOf(wanted(broken), first, 99).switches, []);
    const last = undone({ ...having(), trial: { good: [broken], since: 7, afterMs: 30_000 } });
    assert.deepEqual(courseOf(wanted(), last, 99).switches, [broken]);
    assert.deepEqual(courseOf(wanted(aSwitch('prod')), last, 99).switches, [aSwitch('prod')]);
  });

  test('changes other switches meanwhile, and forgets nothing over it', () => {
    const back = undone(cut);
    const course = courseOf(wanted(broken, aSwitch('second')), back, 99);
    assert.deepEqual(course.switches, [aSwitch('prod'), aSwitch('second')]);
    assert.deepEqual(course.refused, back.refused);
    assert.deepEqual(course.trial?.good, [aSwitch('prod')]);
  });
});

test('what is proven is on trial no more', () => {
  assert.deepEqual(proven({ ...having(broken), trial: { good: [], since: 7, afterMs: 1 } }), having(broken));
});
