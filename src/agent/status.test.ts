import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anInstance, aVm } from '../../test/builders/objects.ts';
import type { VirtualMachineInstanceSpec } from '../api/virtual-machine-instance.ts';
import { findCondition } from '../meta/conditions.ts';
import type { Guest } from '../ports/guests.ts';
import { guestSpecOf } from './guest-spec.ts';
import type { Finding } from './finding.ts';
import { statusOf } from './status.ts';

const now = Date.parse('2026-03-01T13:00:00Z');

function instance(powerState: VirtualMachineInstanceSpec['powerState'] = 'PoweredOn', metadata = {}) {
  return anInstance(aVm('web'), 'h1', { spec: { powerState }, status: { conditions: [] }, metadata });
}

function guest(state: Guest['state'], heartbeat: Guest['heartbeat'] = 'Beating'): Guest {
  return { spec: guestSpecOf(instance(), 'shared'), state, heartbeat, startedAt: now - 5_000, work: 1 };
}

function say(of: ReturnType<typeof instance>, finding: Finding): string {
  const status = statusOf(of, finding, now);
  const ready = findCondition(status.conditions, 'Ready');
  const alive = findCondition(status.conditions, 'GuestAlive');
  return `${status.phase ?? ''} Ready=${ready?.status ?? ''}/${ready?.reason ?? ''} GuestAlive=${alive?.status ?? ''}`;
}

describe('status of an instance: what its agent sees', () => {
  const table: [string, ReturnType<typeof instance>, Finding, string][] = [
    ['no guest yet', instance(), { guest: undefined }, 'Pending Ready=False/Starting GuestAlive=False'],
    ['a guest that boots', instance(), { guest: guest('Running', 'Booting') }, 'Starting Ready=False/Booting GuestAlive=False'],
    ['a guest that is up', instance(), { guest: guest('Running') }, 'Running Ready=True/Running GuestAlive=True'],
    ['a guest that hangs', instance(), { guest: guest('Running', 'Silent') }, 'Running Ready=True/Running GuestAlive=False'],
    ['a guest that ended by itself', instance(), { guest: guest('Stopped') }, 'Pending Ready=False/Starting GuestAlive=False'],
    ['a guest that falls asleep', instance('Suspended'), { guest: guest('Running') }, 'Suspending Ready=False/Suspending GuestAlive=True'],
    ['a guest that sleeps', instance('Suspended'), { guest: guest('Suspended') }, 'Suspended Ready=True/Suspended GuestAlive=False'],
    ['a guest that died before it slept', instance('Suspended'), { guest: undefined }, 'Stopped Ready=False/MemoryLost GuestAlive=False'],
    ['disks being removed', instance('Released'), { guest: undefined }, 'Pending Ready=False/Releasing GuestAlive=False'],
    ['disks gone', instance('Released'), { guest: undefined, released: true }, 'Released Ready=True/Released GuestAlive=False'],
    [
      'a guest that is being stopped',
      instance('PoweredOn', { deletionTimestamp: 'x' }),
      { guest: guest('Running') },
      'Stopping Ready=True/Running GuestAlive=True',
    ],
    [
      'a refusal',
      instance(),
      { guest: undefined, trouble: { reason: 'DiskFull', message: 'no space' } },
      'Pending Ready=False/DiskFull GuestAlive=False',
    ],
  ];
  for (const [what, of, finding, expected] of table) it(`says of ${what}: ${expected}`, () => assert.equal(say(of, finding), expected));

  it('says the same of the same, whenever it is asked (rule 7)', () => {
    const of = instance();
    const first = statusOf(of, { guest: guest('Running') }, now);
    assert.deepEqual(statusOf({ ...of, status: first }, { guest: guest('Running') }, now + 60_000), first);
  });

  it('puts the memory file where the arbiter is, under a name that no disk can have', () => {
    const { memoryFile } = guestSpecOf(instance(), 'elsewhere');
    assert.deepEqual(memoryFile, { datastore: 'shared', volume: 'shop/web/_memory' });
  });
});
