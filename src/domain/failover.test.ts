import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostFence } from '../api/host.ts';
import type { Signs } from '../api/signs.ts';
import { limitsOf, mostFenced, nextStep, verdictOf, type FailoverStep, type FailoverView, type Verdict } from './failover.ts';

const limits = limitsOf(undefined);
const silent: Signs = { silentMs: 6_000, wasHeard: true, byPeers: false, pings: false };

describe('what the witnesses say together', () => {
  const cases: readonly (readonly [string, Partial<Signs>, Verdict])[] = [
    ['heard a moment ago', { silentMs: 900 }, 'Heard'],
    ['not heard yet by one who has just begun to listen', { silentMs: 900, wasHeard: false }, 'Suspect'],
    ['silent for less than deadAfter', { silentMs: 4_900 }, 'Suspect'],
    ['the machine answers: only its agent died', { pings: true }, 'AgentDead'],
    ['another agent hears it', { byPeers: true }, 'Partitioned'],
    ['it beats on a datastore, and hears others', { storage: { silentMs: 900, hearsPeers: true, isIdle: true } }, 'Partitioned'],
    ['it beats on a datastore, and hears nobody', { storage: { silentMs: 900, hearsPeers: false, isIdle: false } }, 'Isolated'],
    ['the same, and no VM runs on it any more', { storage: { silentMs: 900, hearsPeers: false, isIdle: true } }, 'GivenUp'],
    ['its last beat on a datastore is old', { storage: { silentMs: 5_500, hearsPeers: false, isIdle: false } }, 'Dead'],
    ['nothing tells of it', {}, 'Dead'],
  ];
  for (const [what, signs, verdict] of cases)
    it(what, () => {
      assert.equal(verdictOf({ ...silent, ...signs }, limits), verdict);
    });

  it('takes a host for dead after five seconds, or as its cluster says', () => {
    assert.equal(verdictOf({ ...silent, silentMs: 5_000 }, limits), 'Dead');
    assert.equal(verdictOf(silent, limitsOf({ deadAfter: '10s' })), 'Suspect');
  });
});

describe('how many may be taken for dead at once', () => {
  it('is a share of the cluster, and at least one', () => {
    assert.deepEqual(
      [1, 4, 9, 10, 200].map((members) => mostFenced(limits, members)),
      [1, 1, 1, 2, 40],
    );
    assert.equal(mostFenced(limitsOf({ maxConcurrentFencing: '0%' }), 200), 1);
  });
});

describe('the next step', () => {
  const dead: FailoverView = {
    verdict: 'Dead',
    watchedMs: 2_000,
    fencedMs: 10_000,
    fence: undefined,
    bootID: 'first',
    power: 'On',
    hasVms: true,
    vanished: 1,
    unasked: 0,
    most: 1,
  };
  const fence: HostFence = { state: 'Fencing', since: '2026-03-01T12:00:00Z', found: 'PoweredOn', bootID: 'first' };
  const fenced: HostFence = { ...fence, state: 'Fenced' };
  const step = (view: Partial<FailoverView>): string => wordOf(nextStep({ ...dead, ...view }));
  const wordOf = (of: FailoverStep): string => (of.do === 'wait' ? of.reason : of.do);

  it('says that a dead host is to be fenced before its power is cut, and cuts it then (rule 9)', () => {
    assert.equal(step({}), 'announce');
    assert.equal(step({ fence }), 'cut');
  });

  it('leaves what lives as it is', () => {
    for (const verdict of ['AgentDead', 'Partitioned', 'Isolated'] as const) {
      assert.equal(step({ verdict }), verdict);
      assert.equal(step({ verdict, fence }), verdict);
    }
    assert.equal(step({ verdict: 'Heard' }), 'nothing');
  });

  it('does nothing on waking: a silence that was not watched says nothing', () => {
    assert.equal(step({ watchedMs: 0 }), 'watch');
    assert.equal(step({ watchedMs: 0, fence }), 'watch');
  });

  it('presumes that it is cut off when more vanish at once than may be fenced, and fences none', () => {
    assert.equal(step({ vanished: 2 }), 'TooManyVanished');
    assert.equal(step({ vanished: 2, fence }), 'TooManyVanished');
    assert.equal(step({ vanished: 2, most: 2 }), 'announce');
  });

  it('waits for the BMCs of those that vanished with it, before it says so', () => {
    assert.equal(step({ vanished: 2, unasked: 1 }), 'watch');
    assert.equal(step({ vanished: 3, unasked: 1 }), 'TooManyVanished');
  });

  it('fences a host whose BMC says that it is off, however many vanish', () => {
    assert.equal(step({ vanished: 9, power: 'Off' }), 'announce');
  });

  it('says why it can prove nothing (rule 11)', () => {
    assert.equal(step({ power: 'NoBMC' }), 'NoBMC');
    assert.equal(step({ power: 'Unreachable' }), 'BMCUnreachable');
    assert.equal(step({ power: 'NotAsked' }), 'watch');
    assert.equal(step({ hasVms: false }), 'NoVirtualMachines');
  });

  it('takes back what is not proved when the host is heard again', () => {
    assert.equal(step({ verdict: 'Heard', fence }), 'lift');
  });

  it('takes the proof away only when the agent of another boot answers', () => {
    assert.equal(step({ fence: fenced }), 'revive');
    assert.equal(step({ fence: fenced, verdict: 'Heard' }), 'revive');
    assert.equal(step({ fence: fenced, verdict: 'Heard', bootID: undefined }), 'revive');
    assert.equal(step({ fence: fenced, bootID: 'second' }), 'revive');
    assert.equal(step({ fence: fenced, verdict: 'Heard', bootID: 'second', fencedMs: 500 }), 'revive');
    assert.equal(step({ fence: fenced, verdict: 'Heard', bootID: 'second' }), 'lift');
  });
});
