// A VM whose host has lost its disks: its agent's word that the guest is dead counts once the instance goes (rules 1, 2, 9, 11).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aVm, anInstance, aCluster, epoch, meta, type InstanceParts } from '../../test/builders/objects.ts';
import type { FTPair } from '../api/ft-pair.ts';
import { guestFinalizer, type VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import { decide, type Decision, type LifeView } from './life.ts';

const vm = aVm('web', { status: { incarnation: 1 } });
const because = (phase: 'Pending' | 'Stopped', reason = 'StorageLost'): InstanceParts['status'] => ({
  phase,
  conditions: [{ type: 'Ready', status: 'False', reason, message: 'h1 lost it', observedGeneration: 1, lastTransitionTime: epoch }],
});
const lost = (status: InstanceParts['status'], isGoing = false): VirtualMachineInstance =>
  anInstance(vm, 'h1', {
    metadata: { finalizers: [guestFinalizer], ...(isGoing ? { deletionTimestamp: epoch } : {}) },
    status: status ?? {},
  });

function view(instance: VirtualMachineInstance, more: Partial<LifeView> = {}, of: VirtualMachine = vm): LifeView {
  return {
    vm: of,
    instances: [instance],
    predecessors: [],
    moves: [],
    choice: { cluster: aCluster() },
    now: Date.parse('2026-03-01T13:00:00Z'),
    namespaceEnds: false,
    answers: () => true,
    isFenced: () => false,
    fencedAt: () => undefined,
    peer: () => undefined,
    place: ({ leaves }) => ({ host: leaves === 'h1' ? 'h2' : 'h1' }),
    limit: () => undefined,
    admission: () => undefined,
    placeErrand: () => ({ host: 'h1' }),
    fitsAgain: () => undefined,
    canGrow: () => undefined,
    ...more,
  };
}

const pair: FTPair = {
  apiVersion: 'hypersphere.io/v1alpha1',
  kind: 'FTPair',
  metadata: meta('web', { namespace: 'shop' }),
  spec: { virtualMachine: 'web', mode: 'Checkpoint', checkpoint: { interval: '50ms' } },
  status: { conditions: [], shadow: { instance: 'web-shadow', nodeName: 'h2' } },
};

const word = (decision: Decision): string => (decision.do === 'wait' ? decision.reason : decision.do);

describe('a VM whose host has lost its disks', () => {
  it('is deleted there once its guest has ended, when it fits elsewhere', () => {
    assert.equal(word(decide(view(lost(because('Pending'))))), 'delete');
    assert.equal(word(decide(view(lost(because('Pending', 'Unreachable'))))), 'nothing', 'nobody has ended it');
  });

  it('stays, and says why, where it fits nowhere else or is not to be restarted (rule 11)', () => {
    const full = decide(view(lost(because('Pending')), { place: () => ({ message: '0/2 hosts: 2 too little memory' }) }));
    assert.match(full.do === 'wait' ? full.message : '', /^h1 lost it: it starts there .*, since nowhere else fits: 0\/2 hosts/);
    const availability = { evacuation: 'LiveMigrate', restartPriority: 'Disabled' } as const;
    const fixed = aVm('web', { spec: { availability }, status: { incarnation: 1 } });
    assert.equal(word(decide(view(lost(because('Pending')), {}, fixed))), 'StorageLost');
  });

  it('waits for its shadow, until that says that it cannot go on', () => {
    const primary = lost(because('Pending'));
    const shadow = (reason: string, stage: 'InStep' | 'Refused' = 'InStep'): VirtualMachineInstance =>
      anInstance(vm, 'h2', {
        metadata: { name: 'web-shadow', uid: 'uid-shadow' },
        spec: { shadowOf: { pair: 'web', instance: 'web-1', instanceUID: primary.metadata.uid } },
        status: { ...because('Pending', reason), phase: 'Shadow', protection: { instanceUID: primary.metadata.uid, stage } },
      });
    const beside = (one: VirtualMachineInstance): Decision => decide(view(primary, { instances: [primary, one], pair }));
    assert.equal(word(beside(shadow('Shadow'))), 'StorageLost');
    for (const one of [shadow('ArbiterUnreachable'), shadow('Shadow', 'Refused')]) assert.equal(word(beside(one)), 'delete');
  });

  it('starts elsewhere, as one that replaces it, once its agent says that it goes and its guest is dead, and not before (rules 1 and 9)', () => {
    const decision = decide(view(lost(because('Stopped'), true)));
    assert.ok(decision.do === 'create');
    assert.deepEqual([decision.spec.nodeName, decision.spec.replaces], ['h2', ['uid-web-1']]);
    assert.equal(word(decide(view(lost(because('Stopped', 'Unreachable'), true)))), 'Stopping');
    assert.equal(word(decide(view(lost({ phase: 'Stopping' }, true)))), 'Stopping');
  });
});
