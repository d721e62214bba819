import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aProfile } from '../../test/builders/profiles.ts';
import type { Compliance, Permit } from '../api/host-compliance.ts';
import type { HostProfile, HostProfileSpec } from '../api/host-profile.ts';
import type { Impact } from '../api/setting.ts';
import { courseOf, mostAway, type Course, type Rollout } from './rollout.ts';
import { stageOf, type HostFact } from './rollout-host.ts';
import { settingsHash } from './settings/wanted.ts';

const settings = { sysctl: [{ name: 'vm.swappiness', value: '10' }] };
const revision = 'r1';

function said(change: Partial<Compliance> = {}): Compliance {
  return {
    profile: 'base',
    revision,
    state: 'NonCompliant',
    since: '2026-03-01T12:00:00Z',
    impact: 'None',
    message: 'differs',
    findings: [],
    ...change,
  };
}

function fact(name: string, change: Partial<HostFact> = {}): HostFact {
  return {
    name,
    answers: true,
    ready: true,
    revision,
    said: said(),
    permit: undefined,
    claim: undefined,
    empty: false,
    evacuation: undefined,
    ...change,
  };
}

const permit = (impact: Impact = 'None'): Permit => ({ revision, impact });
const mine = { by: 'Profile', profile: 'base' } as const;
const compliant = { said: said({ state: 'Compliant' }) };
const heavy = (impact: Impact): Partial<HostFact> => ({ said: said({ impact }) });

function base(spec: Partial<HostProfileSpec> = {}, rollout: Partial<Rollout> = {}): HostProfile {
  const made = aProfile('base', settings, spec);
  const known = { settings: settingsHash(made), canaries: [], canaryPassed: false, ...rollout };
  return { ...made, status: { ...made.status, rollout: known } };
}

const passed = { canaryPassed: true, canaries: ['a'] };

function course(profile: HostProfile, facts: readonly HostFact[], wellForMs = 0): Course {
  return courseOf({ profile, facts, wellForMs, soakMs: 10_000 });
}

const acts = ({ acts: all }: Course): string[] => all.map((act) => `${act.do} ${act.host}`);

describe('how far a host is', () => {
  const table: [string, Partial<HostFact>, ReturnType<typeof stageOf>][] = [
    ['has not looked yet', { said: undefined }, 'Looking'],
    ['has looked at settings of old', { said: said({ revision: 'r0' }) }, 'Looking'],
    ['is at work on settings of old', { said: said({ revision: 'r0', applying: true }) }, 'Working'],
    ['may be at work on settings of old', { said: said({ revision: 'r0' }), permit: { revision: 'r0', impact: 'None' } }, 'Working'],
    ['is as it should be', compliant, 'Compliant'],
    ['differs', {}, 'Pending'],
    ['differs, and may be changed', { permit: permit() }, 'Working'],
    ['differs, and might be changed to settings of old', { permit: { revision: 'r0', impact: 'Reboot' } }, 'Pending'],
    ['needs more than it has leave for', { ...heavy('Reboot'), permit: permit('None') }, 'Pending'],
    ['is claimed', { ...heavy('Reboot'), claim: mine }, 'Emptying'],
    ['cannot be made so', { said: said({ refused: 'no' }) }, 'Refused'],
    ['went back', { said: said({ undone: { revision, message: 'undone' } }), permit: permit() }, 'Undone'],
    ['does not answer', { answers: false }, 'Unknown'],
    ['does not answer any more, in the middle of a change', { answers: false, permit: permit() }, 'Lost'],
    ['does not answer any more, and was well with it', { answers: false, permit: permit(), ...compliant }, 'Unknown'],
    ['boots', { answers: false, permit: permit('Reboot'), said: said({ impact: 'Reboot', applying: true }) }, 'Working'],
    ['could not look', { said: said({ state: 'Unknown' }) }, 'Unknown'],
  ];
  for (const [what, change, stage] of table) {
    test(`one that ${what}: ${stage}`, () => {
      assert.equal(stageOf(fact('a', change), 'base'), stage);
    });
  }
});

describe('a roll-out', () => {
  test('begins when all that answer have said what would change; those that do not answer are not waited for', () => {
    const facts = [fact('a'), fact('b', { said: undefined })];
    const waiting = course(base(), facts);
    assert.deepEqual([waiting.reason, acts(waiting), waiting.rollout.canaries], ['Checking', [], []]);
    assert.deepEqual(course(base(), [fact('a'), fact('b', { said: undefined, answers: false })]).rollout.canaries, ['a']);
  });

  test('ends before it begins where a host would refuse it; where that is no reason to pause, that host is left out', () => {
    const facts = [fact('a'), fact('b', { said: said({ refused: 'b: no' }) })];
    const { reason, stalled, acts: none } = course(base(), facts);
    assert.deepEqual([reason, stalled, none], ['Refused', true, []]);
    const lenient = { rollout: { ...base().spec.rollout, pauseOnFailure: false } };
    assert.deepEqual(acts(course(base(lenient), facts)), ['permit a']);
  });

  test('reaches its first host alone, and others once that is well, for long enough', () => {
    const begun = base({}, { canaries: ['a'] });
    assert.deepEqual(acts(course(begun, [fact('a'), fact('b')])), ['permit a']);
    assert.deepEqual(acts(course(begun, [fact('a', { permit: permit() }), fact('b')])), []);
    const well = [fact('a', compliant), fact('b')];
    const soaking = course(begun, well, 9_999);
    assert.deepEqual([soaking.reason, soaking.well, soaking.rollout.canaryPassed, acts(soaking)], ['Soaking', true, false, []]);
    assert.equal(course(begun, well, 10_000).rollout.canaryPassed, true);
    assert.deepEqual(acts(course(base({}, passed), well)), ['permit b']);
  });

  test('of a fleet that has no host yet, or none that answers, has proved nothing: who comes first is the first', () => {
    for (const nobody of [[], [fact('a', { answers: false })], [fact('a', { ready: false })]])
      assert.equal(course(base(), nobody).rollout.canaryPassed, false);
    assert.equal(course(base(), []).message, 'it selects no host');
    assert.equal(course(base(), [fact('a', { answers: false })]).reason, 'HostsUnknown');
    assert.equal(course(base(), [fact('a', compliant), fact('b', { answers: false })]).rollout.canaryPassed, true);
    assert.deepEqual(acts(course(base(), [fact('a'), fact('b')])), ['permit a']);
  });

  test('ends where the first host is not well, whatever else it says', () => {
    const lenient = { rollout: { ...base().spec.rollout, pauseOnFailure: false } };
    for (const bad of [{ said: said({ undone: { revision, message: 'undone' } }) }, { answers: false, permit: permit() }]) {
      const { reason, stalled, acts: none } = course(base(lenient, { canaries: ['a'] }), [fact('a', bad), fact('b')], 60_000);
      assert.deepEqual([reason, stalled, none], ['CanaryFailed', true, []]);
    }
    const unready = course(base({}, { canaries: ['a'] }), [fact('a', { ...compliant, ready: false }), fact('b')], 60_000);
    assert.equal(unready.rollout.canaryPassed, false);
  });

  test('of other settings supersedes what was there: another first host, and what was claimed is given back', () => {
    const old = base({}, { settings: 'other', ...passed });
    const { rollout } = course(old, [fact('a'), fact('b'), fact('c')]);
    assert.deepEqual([rollout.settings, rollout.canaries, rollout.canaryPassed], [settingsHash(old), ['a'], false]);
    const claimed = { ...heavy('Reboot'), claim: mine };
    const superseded = course(old, [fact('a', heavy('Reboot')), fact('b', claimed), fact('c', { ...claimed, empty: true })]);
    assert.deepEqual([superseded.rollout.canaries, acts(superseded)], [['b'], ['release c']]);
  });

  test('has so many hosts away at once, and counts those that are away for other reasons where it would take more away', () => {
    const two = base({ rollout: { ...base().spec.rollout, maxUnavailable: 2 } }, passed);
    const five = ['a', 'b', 'c', 'd', 'e'];
    assert.deepEqual(
      acts(
        course(
          two,
          five.map((name) => fact(name)),
        ),
      ),
      ['permit a', 'permit b'],
    );
    assert.deepEqual(acts(course(two, [fact('a', { permit: permit() }), ...five.slice(1).map((name) => fact(name))])), ['permit b']);
    // It has leave, and could not look just now: it begins as soon as it can.
    const blind = fact('a', { said: said({ state: 'Unknown' }), permit: permit() });
    assert.deepEqual(acts(course(two, [blind, ...five.slice(1).map((name) => fact(name))])), ['permit b']);
    const heavies = five.slice(1).map((name) => fact(name, heavy('Maintenance')));
    assert.deepEqual(acts(course(two, [fact('a', compliant), ...heavies])), ['claim b', 'claim c']);
    assert.deepEqual(acts(course(two, [fact('a', { ...compliant, ready: false }), ...heavies])), ['claim b']);
    assert.deepEqual(acts(course(two, [fact('a', { ...compliant, claim: { by: 'Maintenance' } }), ...heavies])), ['claim b']);
    const lights = five.slice(1).map((name) => fact(name));
    assert.deepEqual(acts(course(two, [fact('a', { ...compliant, ready: false }), ...lights])), ['permit b', 'permit c']);
  });

  test('gives leave to a claimed host once it is empty, and gives the host back once it is done, however that ended', () => {
    const at = (change: Partial<HostFact>): string[] =>
      acts(course(base({}, passed), [fact('a', { ...heavy('Reboot'), claim: mine, ...change })]));
    assert.deepEqual(at({}), []);
    assert.deepEqual(at({ empty: true }), ['permit a']);
    assert.deepEqual(at({ empty: true, permit: permit('Reboot') }), []);
    assert.deepEqual(at({ said: said({ applying: true, state: 'Compliant' }) }), []);
    assert.deepEqual(at(compliant), ['release a']);
    assert.deepEqual(at({ said: said({ undone: { revision, message: 'x' } }) }), ['release a']);
    assert.deepEqual(at({ answers: false }), []);
  });

  test('leaves alone who is claimed for something else, or is not ready', () => {
    for (const change of [
      { claim: { by: 'Maintenance' } as const },
      { claim: { by: 'Profile', profile: 'other' } as const },
      { ready: false },
    ]) {
      const { reason, acts: none } = course(base({}, passed), [fact('a', { ...heavy('Maintenance'), ...change })]);
      assert.deepEqual([reason, none], ['Waiting', []]);
      assert.deepEqual(acts(course(base({ rollout: { ...base().spec.rollout, maxUnavailable: 3 } }, passed), [fact('a', change)])), []);
    }
  });

  test('stops where a host is harmed, but for what has begun; what stands in the way of another is said', () => {
    const bad = fact('b', { said: said({ message: 'undone: x', undone: { revision, message: 'undone: x' } }) });
    const facts = [fact('a', compliant), bad, fact('c'), fact('d', { ...heavy('Reboot'), claim: mine, empty: true })];
    const paused = course(base({}, passed), facts);
    assert.deepEqual([paused.reason, paused.stalled, acts(paused), paused.message], ['Paused', true, ['release d'], 'b: undone: x']);
    const blocked = fact('a', { ...heavy('Reboot'), claim: mine, evacuation: 'shop/x stays' });
    assert.equal(course(base({}, passed), [blocked]).message, '1 host left; a is not empty: shop/x stays');
  });

  test('where it only reports does nothing, and gives back what was claimed', () => {
    const report = base({ enforcement: 'Report' }, passed);
    const { reason, acts: none, stalled } = course(report, [fact('a'), fact('b')]);
    assert.deepEqual([reason, none, stalled], ['NonCompliant', [], false]);
    assert.deepEqual(acts(course(report, [fact('a', { ...heavy('Reboot'), claim: mine, empty: true })])), ['release a']);
  });

  test('is over when all are as they should be; says so when some cannot be looked at, or there are none', () => {
    assert.equal(course(base({}, passed), [fact('a', compliant)]).reason, undefined);
    assert.equal(course(base({}, passed), [fact('a', compliant), fact('b', { answers: false })]).reason, 'HostsUnknown');
    assert.deepEqual([course(base(), []).reason, course(base(), []).message], [undefined, 'it selects no host']);
  });

  test('a share of hosts is rounded down, and is at least one', () => {
    const at = (maxUnavailable: number | string, total: number): number =>
      mostAway(base({ rollout: { ...base().spec.rollout, maxUnavailable } }), total);
    assert.deepEqual([at('10%', 200), at('10%', 19), at('10%', 5), at(3, 200), at('100%', 7)], [20, 1, 1, 3, 7]);
  });
});
