import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aCluster, anInstance, aVm, epoch } from '../../../test/builders/objects.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { decide, type LifeView } from '../../domain/life.ts';
import { leaveAnnotation } from '../../domain/maintenance-mark.ts';
import { findCondition } from '../../meta/conditions.ts';
import { statusOf } from './status.ts';

const now = Date.parse('2026-03-01T13:00:00Z');

function view(vm: VirtualMachine, instances: VirtualMachineInstance[] = [], more: Partial<LifeView> = {}): LifeView {
  const choice = { cluster: aCluster() };
  return {
    vm,
    instances,
    predecessors: [],
    moves: [],
    choice,
    namespaceEnds: false,
    now,
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

/** The status that follows, and its conditions in short: `Ready=True/Running`. */
function say(of: LifeView) {
  const status = statusOf(of, decide(of));
  const short = (type: string): string => {
    const condition = findCondition(status.conditions, type);
    return `${condition?.status ?? ''}/${condition?.reason ?? ''}`;
  };
  return { status, short, message: (type: string) => findCondition(status.conditions, type)?.message ?? '' };
}

describe('status of a VM: it tells the truth', () => {
  it('speaks of the generation that was decided on', () => {
    const vm = aVm('web', { metadata: { generation: 7 } });
    const { status } = say(view(vm, [anInstance(vm, 'h1')]));
    assert.equal(status.observedGeneration, 7);
    assert.deepEqual([...new Set(status.conditions?.map((condition) => condition.observedGeneration))], [7]);
  });

  it('is Ready when the guest runs as it should', () => {
    const vm = aVm('web');
    const { status, short } = say(view(vm, [anInstance(vm, 'h1')]));
    assert.equal(short('Ready'), 'True/Running');
    assert.equal(short('Placed'), 'True/Placed');
    assert.deepEqual([status.phase, status.nodeName, status.instance], ['Running', 'h1', 'web-1']);
  });

  it('is Ready when it should be off and is', () => {
    const { status, short } = say(view(aVm('web', { spec: { powerState: 'PoweredOff' } })));
    assert.equal(short('Ready'), 'True/PoweredOff');
    assert.deepEqual([status.phase, status.nodeName], ['PoweredOff', undefined]);
  });

  it('says before it starts what is about to be started, and counts the life', () => {
    const { status, short } = say(view(aVm('web', { spec: { disks: [{ name: 'root', size: '1Gi' }] }, status: { incarnation: 2 } })));
    assert.equal(short('Ready'), 'False/Starting');
    assert.deepEqual([status.phase, status.incarnation, status.nodeName, status.hostCluster], ['Starting', 3, 'h1', 'main']);
    assert.deepEqual(status.arbiter, { datastore: 'shared' });
    assert.deepEqual(status.disks, [{ name: 'root', datastore: 'shared', size: '1Gi', whenRemoved: 'Retain' }]);
  });

  it('is in doubt when the host does not answer, whatever the instance last said', () => {
    const vm = aVm('web');
    const { status, short } = say(view(vm, [anInstance(vm, 'h1')], { answers: () => false }));
    assert.equal(short('Ready'), 'Unknown/HostUnreachable');
    assert.equal(short('GuestAlive'), 'Unknown/HostUnreachable');
    assert.deepEqual([status.phase, status.nodeName], ['Unknown', 'h1']);
  });

  it('says why it is powered off when its host is to be empty (rule 11)', () => {
    const vm = aVm('web');
    const { short, message } = say(view(vm, [anInstance(vm, 'h1', { metadata: { annotations: { [leaveAnnotation]: 'h1' } } })]));
    assert.equal(short('Ready'), 'False/Evacuating');
    assert.equal(message('Ready'), 'it is powered off, since h1 is to be empty, and starts again');
  });

  it('gives the reason when nothing fits (rule 11)', () => {
    const { short, message, status } = say(view(aVm('web'), [], { place: () => ({ message: '0/8 hosts: 8 cordoned' }) }));
    assert.equal(short('Ready'), 'False/NoHostFits');
    assert.equal(short('Placed'), 'False/NoHostFits');
    assert.equal(message('Ready'), '0/8 hosts: 8 cordoned');
    assert.equal(status.phase, 'Pending');
  });

  it('is Stalled only where a person must help', () => {
    assert.equal(say(view(aVm('web', { spec: { powerState: 'Suspended' } }))).short('Stalled'), 'True/NothingToSuspend');
    assert.equal(say(view(aVm('web'))).short('Stalled'), 'False/Progressing');
  });

  it('says which changes wait for a restart, and stays Ready', () => {
    const vm = aVm('web', { spec: { cpu: { cores: 4 }, memory: { size: '2Gi' } } });
    const old = anInstance(vm, 'h1', { spec: { cpu: { cores: 1 }, memory: { size: '1Gi' } } });
    const { short, message } = say(view(vm, [old]));
    assert.equal(short('RestartRequired'), 'True/SpecChanged');
    assert.match(message('RestartRequired'), /spec\.cpu\.cores from 1 to 4, spec\.memory\.size from 1Gi to 2Gi/);
    assert.equal(short('Ready'), 'True/Running');
  });

  it('passes on what the agent says while the guest is not up', () => {
    const vm = aVm('web');
    const condition = {
      type: 'Ready',
      status: 'False' as const,
      reason: 'Booting',
      message: 'its guest boots',
      observedGeneration: 1,
      lastTransitionTime: epoch,
    };
    assert.equal(
      say(view(vm, [anInstance(vm, 'h1', { status: { phase: 'Starting', conditions: [condition] } })])).short('Ready'),
      'False/Booting',
    );
  });

  it('notes the restart in the life that carries it out', () => {
    const vm = aVm('web', { spec: { nextRestartTime: '2026-03-01T12:30:00Z' }, status: { incarnation: 1 } });
    assert.equal(say(view(vm)).status.lastRestartTime, '2026-03-01T12:30:00Z');
    const later = aVm('web', { spec: { nextRestartTime: '2026-03-01T14:30:00Z' }, status: { incarnation: 1 } });
    assert.equal(say(view(later)).status.lastRestartTime, undefined);
  });

  it('forgets a disk only when it is gone', () => {
    const made = { name: 'root', datastore: 'shared', size: '1Gi', whenRemoved: 'Delete' as const };
    const vm = aVm('web', { spec: { powerState: 'PoweredOff' }, status: { disks: [made], incarnation: 1 } });
    const releasing = anInstance(vm, 'h1', {
      spec: { incarnation: 2, powerState: 'Released', removeDisks: ['shared/root'] },
      status: { phase: 'Pending' },
    });
    assert.deepEqual(say(view(vm, [releasing])).status.disks, [made]);
    const released = { ...releasing, status: { ...releasing.status, phase: 'Released' as const } };
    assert.deepEqual(say(view(vm, [released])).status.disks, []);
  });

  it('moves no time stamp when nothing has changed (rule 7)', () => {
    const vm = aVm('web');
    const instances = [anInstance(vm, 'h1')];
    const first = say(view(vm, instances)).status;
    const again = say(view({ ...vm, status: first }, instances, { now: now + 60_000 })).status;
    assert.deepEqual(again, first);
  });
});

describe('since when a VM waits for those that start before it', () => {
  const startAfter = [{ virtualMachine: 'db' }];
  const availability = { evacuation: 'LiveMigrate' as const, startAfter };
  const since = '2026-03-01T12:50:00Z';
  const long = aVm('web', { spec: { availability }, status: { startWaitsSince: since } });

  it('stands there from the first word on, until it starts, whatever else it waits for: else its patience would begin anew (rule 2)', () => {
    const first = view(aVm('web', { spec: { availability } }));
    assert.equal(statusOf(first, decide(first)).startWaitsSince, '2026-03-01T13:00:00Z');
    const full = view(long, [], { place: () => ({ message: '0/1 hosts: 1 too little memory' }) });
    assert.equal(statusOf(full, decide(full)).startWaitsSince, since);
    assert.equal(statusOf(view(long), decide(view(long))).startWaitsSince, undefined);
    const off = view({ ...long, spec: { ...long.spec, powerState: 'PoweredOff' } });
    assert.equal(statusOf(off, decide(off)).startWaitsSince, undefined);
  });
});
