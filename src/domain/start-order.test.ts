// In which order VMs start, and how long one waits for another (rules 2 and 11).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aVm, epoch } from '../../test/builders/objects.ts';
import type { StartAfter, VirtualMachine } from '../api/virtual-machine.ts';
import { cycleWords, givenUp, startCycle, startWait, type FindPeer } from './start-order.ts';

const now = Date.parse('2026-03-01T13:00:00Z');
const minute = 60_000;

function after(name: string, ...startAfter: (string | StartAfter)[]): VirtualMachine {
  const terms = startAfter.map((term) => (typeof term === 'string' ? { virtualMachine: term } : term));
  return aVm(name, { spec: { availability: { evacuation: 'LiveMigrate', startAfter: terms } } });
}

function alive(name: string, reason: 'Heartbeat' | 'Booting' | 'NotRunning', isHeard = true): FindPeer {
  const status = reason === 'Heartbeat' ? ('True' as const) : ('False' as const);
  const conditions = [{ type: 'GuestAlive', status, reason, message: '', lastTransitionTime: epoch }];
  return (asked) => (asked === name ? { vm: aVm(name, { status: { conditions } }), isHeard } : undefined);
}

const among =
  (...vms: VirtualMachine[]): FindPeer =>
  (name) => {
    const vm = vms.find(({ metadata }) => metadata.name === name);
    return vm === undefined ? undefined : { vm, isHeard: true };
  };

describe('startWait', () => {
  const web = after('web', 'db');

  it('waits until the other is alive, and says for whom', () => {
    assert.equal(startWait(web, alive('db', 'Heartbeat'), now), undefined);
    const wait = startWait(web, alive('db', 'Booting'), now);
    assert.equal(wait?.message, 'starts after VM db, which is not alive (spec.availability.startAfter)');
    assert.notEqual(
      startWait(web, () => undefined, now),
      undefined,
      'there is none of that name',
    );
  });

  it('is content with processors that run where that is what was asked for', () => {
    const soon = after('web', { virtualMachine: 'db', until: 'PoweredOn' });
    assert.equal(startWait(soon, alive('db', 'Booting'), now), undefined);
    assert.notEqual(startWait(soon, alive('db', 'NotRunning'), now), undefined);
  });

  it('believes nothing of a host that is silent: it may be dying', () => {
    assert.notEqual(startWait(web, alive('db', 'Heartbeat', false), now), undefined);
  });

  it('waits five minutes, or as long as it says, and from when it began to: nothing waits for ever (rule 2)', () => {
    const none: FindPeer = () => undefined;
    assert.equal(startWait(web, none, now)?.until, now + 5 * minute);
    const patient = after('web', { virtualMachine: 'db', timeout: '10m' }, { virtualMachine: 'cache', timeout: '30s' });
    assert.equal(startWait(patient, none, now)?.until, now + minute / 2);
    const since = { ...patient, status: { ...patient.status, startWaitsSince: new Date(now - minute).toISOString() } };
    assert.match(startWait(since, none, now)?.message ?? '', /^starts after VM db, which is not alive \(/);
    assert.deepEqual(givenUp(since, alive('db', 'Heartbeat')), ['cache']);
    assert.equal(startWait(since, none, now + 9 * minute), undefined);
  });
});

describe('startCycle', () => {
  it('is found from each VM in it, the shortest one, and from no other', () => {
    const [a, b, c, d] = [after('a', 'b'), after('b', 'c', 'd'), after('c', 'a'), after('d', 'a', 'b')];
    const find = among(a, b, c, d);
    assert.deepEqual(startCycle(a, find), ['a', 'b', 'c']);
    assert.deepEqual(startCycle(b, find), ['b', 'd']);
    assert.deepEqual(startCycle(after('outside', 'a'), find), undefined);
    assert.match(cycleWords(['b', 'd']), /: b after d, d after b$/);
  });

  it('may be of one alone, and is none where nobody is of that name', () => {
    assert.deepEqual(startCycle(after('a', 'a'), among()), ['a']);
    assert.equal(startCycle(after('a', 'b'), among()), undefined);
  });
});
