// What becomes of a VM whose host is dead for certain (rules 1, 2, 9, 11).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aCluster, anInstance, aVm } from '../../test/builders/objects.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import { guestFinalizer, type VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Newcomer } from './candidate.ts';
import { decide, type Decision, type LifeView } from './life.ts';

const guarded = { finalizers: [guestFinalizer] };
const going = { ...guarded, deletionTimestamp: '2026-03-01T12:59:00Z' };

/** Host h1 is fenced, the others answer. */
function view(vm: VirtualMachine, instances: readonly VirtualMachineInstance[], more: Partial<LifeView> = {}): LifeView {
  return {
    vm,
    instances,
    predecessors: [],
    moves: [],
    choice: { cluster: aCluster() },
    now: Date.parse('2026-03-01T13:00:00Z'),
    namespaceEnds: false,
    answers: (nodeName) => nodeName !== 'h1',
    isFenced: (nodeName) => nodeName === 'h1',
    fencedAt: () => undefined,
    peer: () => undefined,
    place: () => ({ host: 'h2' }),
    limit: () => undefined,
    admission: () => undefined,
    placeErrand: (_cluster, boundTo) => ({ host: boundTo ?? 'h2' }),
    fitsAgain: () => undefined,
    canGrow: () => undefined,
    ...more,
  };
}

const word = (decision: Decision): string => (decision.do === 'wait' ? decision.reason : decision.do);
const vm = aVm('web', { status: { incarnation: 1 } });
const dead = anInstance(vm, 'h1', { metadata: guarded });

describe('a VM whose host is dead', () => {
  it('starts elsewhere as one that replaces its dead life, which goes first', () => {
    const decision = decide(view(vm, [dead]));
    assert.ok(decision.do === 'create');
    assert.deepEqual([decision.spec.nodeName, decision.spec.incarnation, decision.spec.replaces], ['h2', 2, [dead.metadata.uid]]);
    assert.deepEqual(decision.dead, [dead]);
  });

  it('names those too whom the dead one was to replace: nobody knows how far that came', () => {
    const second = anInstance(vm, 'h1', { metadata: guarded, spec: { incarnation: 2, replaces: ['first'] } });
    const decision = decide(view(vm, [second]));
    assert.deepEqual(decision.do === 'create' && decision.spec.replaces, [second.metadata.uid, 'first']);
  });

  it('does so for one that was going as its host died', () => {
    assert.equal(word(decide(view(vm, [anInstance(vm, 'h1', { metadata: going })]))), 'create');
  });

  it('waits where the proof is missing (rule 9)', () => {
    assert.equal(word(decide(view(vm, [dead], { isFenced: () => false }))), 'nothing');
    assert.equal(word(decide(view(vm, [anInstance(vm, 'h1', { metadata: going })], { isFenced: () => false }))), 'Stopping');
  });

  it('waits for what lives still of it elsewhere (rule 1)', () => {
    const other = anInstance(vm, 'h3', { metadata: { ...going, name: 'other', uid: 'other' } });
    assert.equal(word(decide(view(vm, [dead, other]))), 'Stopping');
  });

  it('says why it waits: local disks, memory that is kept there, Disabled, no room (rule 11)', () => {
    const local = aVm('web', {
      status: { disks: [{ name: 'root', datastore: 'local', size: '1Gi', whenRemoved: 'Retain', nodeName: 'h1' }] },
    });
    const disabled = aVm('web', { spec: { availability: { restartPriority: 'Disabled', evacuation: 'LiveMigrate' } } });
    const memory = { arbiter: { lease: 'vm' }, disks: [{ name: 'root', datastore: 'local', size: '1Gi' }] };
    const asleep = anInstance(vm, 'h1', {
      metadata: guarded,
      spec: { powerState: 'Suspended', ...memory },
      status: { phase: 'Suspended' },
    });
    assert.equal(word(decide(view(local, [dead]))), 'HostDead');
    assert.equal(word(decide(view(disabled, [dead]))), 'HostDead');
    assert.equal(word(decide(view(vm, [asleep]))), 'HostDead');
    assert.equal(word(decide(view(vm, [dead], { place: () => ({ message: '0/2 hosts: 2 too little memory' }) }))), 'NoHostFits');
  });

  it('that slept goes on from its memory where that can be reached, with what that memory knows of; once powered off it does not', () => {
    const disks = [{ name: 'root', datastore: 'shared', size: '1Gi' }];
    const spec = { powerState: 'Suspended', memory: { size: '2Gi' }, disks } as const;
    const asleep = anInstance(vm, 'h1', { metadata: guarded, spec: { ...spec }, status: { phase: 'Suspended' } });
    const decision = decide(view(vm, [asleep]));
    assert.ok(decision.do === 'create');
    assert.equal(decision.spec.wakes, true);
    assert.deepEqual([decision.spec.memory, decision.spec.disks], [spec.memory, spec.disks]);
    const off = anInstance(vm, 'h1', { metadata: going, spec: { ...spec }, status: { phase: 'Suspended' } });
    const fresh = decide(view(vm, [off]));
    assert.ok(fresh.do === 'create');
    assert.equal(fresh.spec.wakes, undefined);
    const announced = decide(view({ ...vm, status: { ...vm.status, incarnation: 2 } }, [off]));
    assert.ok(announced.do === 'create');
    assert.equal(announced.spec.wakes, true);
  });

  it('is not refused for the limit of its cluster, in which it counts already', () => {
    assert.equal(word(decide(view(vm, [dead], { limit: () => 'full' }))), 'create');
  });

  it('is not refused for the promise that is kept for it, and may have the hosts that are', () => {
    const asked: (boolean | undefined)[] = [];
    const place = (newcomer: Newcomer) => {
      asked.push(newcomer.replaces);
      return { host: 'h2' };
    };
    assert.equal(word(decide(view(vm, [dead], { admission: () => 'kept', place }))), 'create');
    assert.deepEqual(asked, [true]);
  });

  it('that is powered off meanwhile rests: its dead life says who holds the arbiter, until that is replaced', () => {
    const off = aVm('web', { spec: { powerState: 'PoweredOff' } });
    assert.equal(word(decide(view(off, [dead]))), 'delete');
    assert.equal(word(decide(view(off, [anInstance(vm, 'h1', { metadata: going })]))), 'nothing');
  });
});

describe('the dead', () => {
  const gone = anInstance(vm, 'h1', { metadata: going });
  it('are buried once another life replaces them, or their VM goes', () => {
    const next = anInstance(vm, 'h2', { metadata: guarded, spec: { incarnation: 2, replaces: [gone.metadata.uid] } });
    assert.equal(word(decide(view(vm, [gone, next]))), 'bury');
    const leaving = aVm('web', { metadata: { deletionTimestamp: '2026-03-01T12:59:00Z' } });
    assert.equal(word(decide(view(leaving, [gone]))), 'bury');
  });

  it('are not buried without the proof (rule 9)', () => {
    const next = anInstance(vm, 'h2', { metadata: guarded, spec: { incarnation: 2, replaces: [gone.metadata.uid] } });
    assert.equal(word(decide(view(vm, [gone, next], { isFenced: () => false }))), 'nothing');
  });

  it('do not keep a target that they never handed over to', () => {
    const origin = { migration: 'm', instance: dead.metadata.name, instanceUID: dead.metadata.uid };
    const target = anInstance(vm, 'h2', {
      metadata: { ...guarded, name: 'target', uid: 'target' },
      spec: { origin },
      status: { phase: 'Incoming' },
    });
    const decision = decide(view(vm, [dead, target]));
    assert.ok(decision.do === 'delete' && decision.instances[0] === target);
    assert.equal(word(decide(view(vm, [dead, target], { answers: () => false }))), 'Stopping');
  });
});
