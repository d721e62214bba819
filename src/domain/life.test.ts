import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aMoveOf } from '../../test/builders/moves.ts';
import { aCluster, anInstance, aVm } from '../../test/builders/objects.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import { disksFinalizer, guestFinalizer, type VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { dependsOnNamespace } from './errands.ts';
import { instanceName } from './instance-spec.ts';
import { decide, type Decision, type LifeView } from './life.ts';
import { leaveAnnotation } from './maintenance-mark.ts';

const now = Date.parse('2026-03-01T13:00:00Z');

function view(vm: VirtualMachine, instances: VirtualMachineInstance[] = [], more: Partial<LifeView> = {}): LifeView {
  return {
    vm,
    instances,
    predecessors: [],
    moves: [],
    choice: { cluster: aCluster() },
    now,
    namespaceEnds: false,
    answers: () => true,
    isFenced: () => false,
    fencedAt: () => undefined,
    peer: () => undefined,
    place: () => ({ host: 'h1' }),
    limit: () => undefined,
    admission: () => undefined,
    placeErrand: (_cluster, boundTo) => ({ host: boundTo ?? 'h1' }),
    fitsAgain: () => undefined,
    canGrow: () => undefined,
    ...more,
  };
}

const held = { metadata: { finalizers: [guestFinalizer, disksFinalizer] } };
const over = { metadata: { deletionTimestamp: '2026-03-01T12:59:00Z', finalizers: [disksFinalizer] } };
const going = { metadata: { deletionTimestamp: '2026-03-01T12:59:00Z' } };
const waitReason = (decision: Decision): string => (decision.do === 'wait' ? decision.reason : decision.do);
const deleteReason = (decision: Decision): string => (decision.do === 'delete' ? decision.reason : decision.do);

describe('decide: keeping', () => {
  it('a VM whose finalizer somebody took away gets it back while it has instances, or disks to be removed', () => {
    const lost = { metadata: { finalizers: [] } };
    const disk = { name: 'root', datastore: 'shared', size: '1Gi', whenRemoved: 'Delete' } as const;
    const vm = aVm('web', lost);
    assert.equal(decide(view(vm, [anInstance(vm, 'h1')])).do, 'keep');
    const off = { ...vm.spec, powerState: 'PoweredOff' } as const;
    assert.equal(decide(view(aVm('web', { ...lost, spec: off, status: { disks: [disk] } }))).do, 'keep');
    assert.equal(decide(view(aVm('web', { ...lost, spec: off }))).do, 'nothing');
  });

  it('waits while a VM that had its name before may run on its disks, or remove them (rules 9 and 11)', () => {
    const before = anInstance(aVm('web', { metadata: { uid: 'another' } }), 'h2');
    const decision = decide(view(aVm('web'), [], { predecessors: [before] }));
    assert.deepEqual(decision, {
      do: 'wait',
      reason: 'NameInUse',
      message: 'waits until h2 says that the VM which had its name before is gone',
    });
  });
});

describe('decide: starting', () => {
  it('creates the next life where placement says, with the arbiter fixed by its disks', () => {
    const vm = aVm('web', { spec: { disks: [{ name: 'root', size: '1Gi' }] }, status: { incarnation: 4 } });
    const decision = decide(view(vm));
    assert.ok(decision.do === 'create');
    assert.equal(decision.spec.incarnation, 5);
    assert.equal(decision.spec.nodeName, 'h1');
    assert.deepEqual(decision.spec.arbiter, { datastore: 'shared' });
    assert.deepEqual(decision.spec.disks, [{ name: 'root', datastore: 'shared', size: '1Gi' }]);
  });

  it('names it by what it is, so that two operators make one object (rule 1)', () => {
    const vm = aVm('web');
    assert.equal(instanceName(vm, 1), instanceName(vm, 1));
    assert.notEqual(instanceName(vm, 1), instanceName(vm, 2));
    assert.notEqual(instanceName(vm, 1), instanceName(aVm('web', { metadata: { uid: 'another' } }), 1));
  });

  it('is arbitrated by the API unless all disks are on one shared datastore', () => {
    const arbiterWith = (...datastores: string[]) => {
      const disks = datastores.map((datastore, index) => ({ name: `d${String(index)}`, size: '1Gi', datastore }));
      const decision = decide(view(aVm('web', { spec: { disks } })));
      return decision.do === 'create' ? decision.spec.arbiter : undefined;
    };
    assert.deepEqual(arbiterWith('shared', 'shared'), { datastore: 'shared' });
    assert.deepEqual(arbiterWith('shared', 'local'), { lease: 'vm-uid-web' });
    assert.deepEqual(arbiterWith(), { lease: 'vm-uid-web' });
  });

  it('keeps the arbiter for life, whatever becomes of the disks: two might both say yes (rule 1)', () => {
    const decision = decide(view(aVm('web', { status: { arbiter: { datastore: 'shared' }, incarnation: 1 } })));
    assert.deepEqual(decision.do === 'create' && decision.spec.arbiter, { datastore: 'shared' });
  });

  it('starts nothing while an old life is not gone for certain (rule 1)', () => {
    const vm = aVm('web');
    assert.equal(waitReason(decide(view(vm, [anInstance(vm, 'h1', going)]))), 'Stopping');
  });

  it('waits with the reason when it cannot be placed (rule 11)', () => {
    const vm = aVm('web', { spec: { disks: [{ name: 'root', size: '1Gi', datastore: 'fast' }] } });
    assert.equal(waitReason(decide(view(aVm('web'), [], { place: () => ({ message: '0/8 hosts: 8 cordoned' }) }))), 'NoHostFits');
    assert.equal(waitReason(decide(view(aVm('web'), [], { limit: () => 'full' }))), 'LimitReached');
    assert.equal(waitReason(decide(view(aVm('web'), [], { admission: () => 'kept' }))), 'AdmissionRefused');
    assert.equal(waitReason(decide(view(aVm('web'), [], { choice: { reason: 'NoHostCluster', message: '' } }))), 'NoHostCluster');
    const decision = decide(view(vm));
    assert.equal(waitReason(decision), 'DatastoreNotFound');
    assert.match(decision.do === 'wait' ? decision.message : '', /spec\.disks\[0\]\.datastore.*no datastore fast.*shared, local/);
  });

  it('does nothing for a VM that is as it should be', () => {
    const vm = aVm('web');
    assert.deepEqual(decide(view(vm, [anInstance(vm, 'h1')])), { do: 'nothing' });
    assert.deepEqual(decide(view(aVm('web', { spec: { powerState: 'PoweredOff' } }))), { do: 'nothing' });
  });
});

describe('decide: two instances (rule 1)', () => {
  const vm = aVm('web', { status: { instance: 'web-1' } });
  it('keeps the one that the status names', () => {
    const [first, second] = [anInstance(vm, 'h1'), anInstance(vm, 'h2', { spec: { incarnation: 2 } })];
    const decision = decide(view(vm, [second, first]));
    assert.deepEqual(decision, { do: 'delete', instances: [second], reason: 'Duplicate' });
  });
  it('else keeps the newest', () => {
    const [second, third] = [2, 3].map((incarnation) => anInstance(vm, 'h1', { spec: { incarnation } }));
    const decision = decide(
      view(
        vm,
        [second, third].flatMap((one) => one ?? []),
      ),
    );
    assert.deepEqual(decision, { do: 'delete', instances: [second], reason: 'Duplicate' });
  });
});

describe('decide: power states', () => {
  const off = aVm('web', { spec: { powerState: 'PoweredOff' } });
  const asleep = aVm('web', { spec: { powerState: 'Suspended' } });
  const suspended = anInstance(asleep, 'h1', { spec: { powerState: 'Suspended' }, status: { phase: 'Suspended' } });

  it('powers off by deleting the instance', () => {
    assert.equal(deleteReason(decide(view(off, [anInstance(off, 'h1')]))), 'PoweredOff');
  });
  it('suspends the instance, waits until its memory is written, and then rests', () => {
    const running = anInstance(asleep, 'h1');
    assert.deepEqual(decide(view(asleep, [running])), { do: 'patch', instance: running, spec: { powerState: 'Suspended' } });
    const writing = anInstance(asleep, 'h1', { spec: { powerState: 'Suspended' } });
    assert.equal(waitReason(decide(view(asleep, [writing]))), 'Suspending');
    assert.deepEqual(decide(view(asleep, [suspended])), { do: 'nothing' });
  });
  it('says that a VM without memory cannot be suspended', () => {
    assert.equal(waitReason(decide(view(asleep))), 'NothingToSuspend');
  });
  it('takes a VM whose guest died before it slept for what it is: off', () => {
    const lost = anInstance(asleep, 'h1', { spec: { powerState: 'Suspended' }, status: { phase: 'Stopped' } });
    assert.equal(deleteReason(decide(view(asleep, [lost]))), 'PoweredOff');
  });
  it('wakes it where its memory is, if it fits there again (rule 5)', () => {
    const vm = aVm('web');
    assert.deepEqual(decide(view(vm, [suspended])), { do: 'patch', instance: suspended, spec: { powerState: 'PoweredOn' } });
    assert.equal(waitReason(decide(view(vm, [suspended], { fitsAgain: () => 'too full' }))), 'NoRoomToResume');
  });
  it('does not wait for room on a host where no memory of it is', () => {
    const lost = anInstance(asleep, 'h1', { spec: { powerState: 'Suspended' }, status: { phase: 'Stopped' } });
    assert.equal(deleteReason(decide(view(aVm('web'), [lost], { fitsAgain: () => 'it is claimed' }))), 'PoweredOff');
    assert.equal(decide(view(aVm('web'), [lost])).do, 'patch');
  });
});

describe('decide: one-shot restart', () => {
  const at = (time: string, status = {}) => aVm('web', { spec: { nextRestartTime: time }, status });
  it('ends the life that began before the time, once the time has come', () => {
    const vm = at('2026-03-01T12:30:00Z');
    assert.equal(deleteReason(decide(view(vm, [anInstance(vm, 'h1')]))), 'Restart');
  });
  it('leaves alone: a time to come, a life that began later, a time that was carried out, a time before the VM was made', () => {
    const born = { metadata: { creationTimestamp: '2026-03-01T12:45:00Z' } };
    const idle = (vm: VirtualMachine, parts = {}): void => {
      assert.deepEqual(decide(view(vm, [anInstance(vm, 'h1', parts)])), { do: 'nothing' });
    };
    idle(at('2026-03-01T14:00:00Z'));
    idle(at('2026-03-01T12:30:00Z'), born);
    idle(at('2026-03-01T12:30:00Z', { lastRestartTime: '2026-03-01T12:30:00Z' }));
    idle(at('2026-02-01T12:30:00Z'));
  });
});

describe('decide: on a host that is to be empty', () => {
  const asked = { metadata: { annotations: { [leaveAnnotation]: 'h1' } } };

  it('powers off what was asked to leave, to start it again once it has ended', () => {
    const vm = aVm('web');
    assert.equal(deleteReason(decide(view(vm, [anInstance(vm, 'h1', asked)]))), 'Evacuated');
    assert.equal(waitReason(decide(view(vm, [anInstance(vm, 'h1', { metadata: { ...asked.metadata, ...going.metadata } })]))), 'Stopping');
    const elsewhere = decide(view(vm, [], { place: () => ({ host: 'h2' }) }));
    assert.ok(elsewhere.do === 'create' && elsewhere.spec.nodeName === 'h2');
  });

  it('does not power off what is on its way, before its move is over', () => {
    const vm = aVm('web');
    const current = anInstance(vm, 'h1', asked);
    const begun = aMoveOf('web', { status: { sourceInstance: current.metadata.name, targetInstance: 'web-2' } });
    assert.equal(waitReason(decide(view(vm, [current], { moves: [begun] }))), 'Migrating');
    assert.equal(deleteReason(decide(view(vm, [current], { moves: [aMoveOf('web')] }))), 'Evacuated');
  });

  it('does not power off what could not come back, nor what sleeps', () => {
    const vm = aVm('web');
    const choice = { cluster: aCluster('main', {}, { deletionTimestamp: '2026-03-01T12:59:00Z' }) };
    assert.equal(waitReason(decide(view(vm, [anInstance(vm, 'h1', asked)], { choice }))), 'HostClusterDeleting');
    const asleep = aVm('web', { spec: { powerState: 'Suspended' } });
    const instance = anInstance(asleep, 'h1', { ...asked, spec: { powerState: 'Suspended' }, status: { phase: 'Suspended' } });
    assert.equal(decide(view(asleep, [instance])).do, 'nothing');
  });
});

describe('decide: leaving', () => {
  const disks = [
    { name: 'root', size: '1Gi', whenRemoved: 'Delete' as const },
    { name: 'data', size: '1Gi', whenRemoved: 'Retain' as const },
  ];
  const made = disks.map((disk) => ({ ...disk, datastore: 'shared' }));
  const leaving = aVm('web', {
    metadata: { deletionTimestamp: '2026-03-01T12:59:00Z' },
    spec: { disks },
    status: { disks: made, incarnation: 1 },
  });

  it('ends the life, waits, removes the disks marked Delete and no others, waits, and only then lets go', () => {
    assert.equal(deleteReason(decide(view(leaving, [anInstance(leaving, 'h1')]))), 'Deleted');
    assert.equal(waitReason(decide(view(leaving, [anInstance(leaving, 'h1', going)]))), 'Stopping');
    const release = decide(view(leaving));
    assert.ok(release.do === 'create');
    assert.equal(release.spec.powerState, 'Released');
    assert.deepEqual(release.spec.removeDisks, ['shared/root']);
    const instance = anInstance(leaving, 'h1', { spec: release.spec, status: { phase: 'Pending' } });
    assert.equal(waitReason(decide(view(leaving, [instance]))), 'RemovingDisks');
    const done = { ...instance, status: { ...instance.status, phase: 'Released' as const } };
    assert.equal(deleteReason(decide(view(leaving, [done]))), 'DisksRemoved');
    const gone = { ...leaving, status: { ...leaving.status, disks: made.slice(1) } };
    assert.equal(waitReason(decide(view(gone, [{ ...done, metadata: { ...done.metadata, ...going.metadata } }]))), 'RemovingDisks');
    assert.deepEqual(decide(view(gone)), { do: 'finish', leftBehind: [] });
  });

  it('removes a disk that left the spec between two lives, before the next one starts', () => {
    const vm = aVm('web', { spec: { disks: disks.slice(1) }, status: { disks: made, incarnation: 1 } });
    assert.deepEqual(decide(view(vm, [anInstance(vm, 'h1', { ...held, spec: { disks: made } })])), { do: 'nothing' });
    const decision = decide(view(vm));
    assert.ok(decision.do === 'create');
    assert.deepEqual(decision.spec.removeDisks, ['shared/root']);
  });

  it('asks the instance whose life is over to remove them, and lets it go when they are gone', () => {
    const ended = anInstance(leaving, 'h1', over);
    const asked = decide(view(leaving, [ended]));
    assert.deepEqual(asked, { do: 'patch', instance: ended, spec: { powerState: 'Released', removeDisks: ['shared/root'] } });
    const spec = { powerState: 'Released' as const, removeDisks: ['shared/root'] };
    assert.equal(waitReason(decide(view(leaving, [anInstance(leaving, 'h1', { ...over, spec })]))), 'RemovingDisks');
    const done = anInstance(leaving, 'h1', { ...over, spec, status: { phase: 'Released' } });
    assert.equal(deleteReason(decide(view(leaving, [done]))), 'DisksRemoved');
    const guarded = { metadata: { ...going.metadata, finalizers: [guestFinalizer, disksFinalizer] } };
    assert.equal(waitReason(decide(view(leaving, [anInstance(leaving, 'h1', guarded)]))), 'Stopping', 'the guest may live');
  });

  it('lets go of an ended instance that has nothing to remove, but not while the namespace is being deleted: its VM will be next', () => {
    const vm = aVm('web', { spec: { disks }, status: { disks: made, incarnation: 1 } });
    const ended = anInstance(vm, 'h1', over);
    assert.ok(dependsOnNamespace(vm, [ended]));
    assert.deepEqual(decide(view(vm, [ended])), { do: 'letGo', instances: [ended] });
    assert.equal(waitReason(decide(view(vm, [ended], { namespaceEnds: true }))), 'NamespaceDeleting');
    const another = anInstance(vm, 'h2', { ...held, spec: { incarnation: 2 } });
    assert.deepEqual(decide(view(vm, [ended, another])), { do: 'letGo', instances: [ended] });
  });

  it('without an instance in a namespace that is being deleted: goes, and names the disks that stay (rule 11)', () => {
    assert.ok(dependsOnNamespace(leaving, []));
    assert.deepEqual(decide(view(leaving, [], { namespaceEnds: true })), { do: 'finish', leftBehind: made.slice(0, 1) });
  });

  it('holds an instance that started before a disk was marked Delete', () => {
    const vm = aVm('web', { spec: { disks }, status: { disks: made, incarnation: 1 } });
    const running = anInstance(vm, 'h1', { metadata: { finalizers: [guestFinalizer] }, spec: { disks: made } });
    assert.deepEqual(decide(view(vm, [running])), { do: 'hold', instance: running });
  });

  it('goes to the host that has the local disk', () => {
    const local = {
      ...leaving,
      status: {
        ...leaving.status,
        disks: [{ ...made[0], name: 'root', size: '1Gi', whenRemoved: 'Delete' as const, datastore: 'local', nodeName: 'h7' }],
      },
    };
    const decision = decide(view(local));
    assert.equal(decision.do === 'create' && decision.spec.nodeName, 'h7');
  });
});

describe('decide: changes under a running guest', () => {
  it('passes on reservations and growing disks, nothing else', () => {
    const disks = [{ name: 'root', size: '1Gi', datastore: 'shared' }];
    const vm = aVm('web', {
      spec: { cpu: { cores: 4, reservation: '1' }, memory: { size: '2Gi' }, disks: [{ name: 'root', size: '2Gi' }] },
    });
    const running = anInstance(vm, 'h1', { spec: { cpu: { cores: 2 }, memory: { size: '1Gi' }, disks } });
    assert.deepEqual(decide(view(vm, [running])), {
      do: 'patch',
      instance: running,
      spec: { cpu: { cores: 2, reservation: '1' }, memory: { size: '1Gi' }, disks: [{ name: 'root', size: '2Gi', datastore: 'shared' }] },
    });
  });

  describe('of which its host has no room for all (rule 5)', () => {
    const disks = [{ name: 'root', size: '1Gi', datastore: 'shared' }];
    const grown = [{ name: 'root', size: '2Gi' }];
    const full = { canGrow: () => 'h1 has too little unreserved CPU' };
    const running = (vm: VirtualMachine, size = '1Gi') =>
      anInstance(vm, 'h1', { spec: { cpu: { cores: 1, reservation: '1' }, disks: disks.map((disk) => ({ ...disk, size })) } });

    it('takes on the rest, and then waits with the reason (rule 11)', () => {
      const vm = aVm('web', { spec: { cpu: { cores: 1, reservation: '2' }, disks: grown } });
      const first = decide(view(vm, [running(vm)], full));
      assert.ok(first.do === 'patch');
      assert.deepEqual([first.spec.cpu, first.spec.disks?.[0]?.size], [{ cores: 1, reservation: '1' }, '2Gi']);
      const then = decide(view(vm, [running(vm, '2Gi')], full));
      assert.equal(waitReason(then), 'NoRoomToGrow');
      assert.match(then.do === 'wait' ? then.message : '', /spec\.cpu\.reservation .*h1 has too little unreserved CPU/);
    });

    it('always gives back', () => {
      const vm = aVm('web', { spec: { cpu: { cores: 1, reservation: '500m' } } });
      assert.equal(decide(view(vm, [running(vm)], full)).do, 'patch');
      const without = aVm('web', { spec: { cpu: { cores: 1 } } });
      assert.equal(decide(view(without, [running(without)], full)).do, 'patch');
    });
  });
});

describe('decide: in a HostCluster that is being deleted', () => {
  const choice = { cluster: aCluster('main', {}, { deletionTimestamp: '2026-03-01T12:59:00Z' }) };
  it('starts nothing, and says why (rule 11)', () => {
    assert.equal(waitReason(decide(view(aVm('web'), [], { choice }))), 'HostClusterDeleting');
  });
  it('restarts nothing, since it could not come back', () => {
    const vm = aVm('web', { spec: { nextRestartTime: '2026-03-01T12:30:00Z' } });
    assert.equal(waitReason(decide(view(vm, [anInstance(vm, 'h1')], { choice }))), 'HostClusterDeleting');
  });
  it('lets run what runs, and removes the disks of what goes', () => {
    const vm = aVm('web');
    assert.deepEqual(decide(view(vm, [anInstance(vm, 'h1')], { choice })), { do: 'nothing' });
    const made = { name: 'root', datastore: 'shared', size: '1Gi', whenRemoved: 'Delete' as const };
    const leaving = aVm('web', { metadata: { deletionTimestamp: '2026-03-01T12:59:00Z' }, status: { disks: [made], incarnation: 1 } });
    assert.equal(decide(view(leaving, [], { choice })).do, 'create');
  });
});
