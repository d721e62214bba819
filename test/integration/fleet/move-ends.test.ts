// What becomes of a VM whose move meets trouble: until it is handed over it goes on at its source, afterwards at its target, and never at both.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Fault } from '../../../src/api/fault.ts';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { PortError } from '../../../src/ports/errors.ts';
import type { HostPort } from '../../../src/ports/host-port.ts';
import { behaviourOf } from '../../../src/sim/world/behaviour.ts';
import { personAt } from './drain.ts';
import { says, startFleet, type Fleet } from './fleet.ts';
import { deleteMove, endOf, findMove, hostOf, makeMove, moveNamed, slow, untilPhase, untilTidy, type MoveSpec } from './moves.ts';

const hostname = 'kubernetes.io/hostname';

/** A VM on rack-1 that may go anywhere. */
async function onFirst(fleet: Fleet, name = 'web', spec: object = {}): Promise<void> {
  await fleet.makeVm(name, { ...spec, placement: { nodeSelector: { [hostname]: 'rack-1' } } });
  await fleet.untilReady(name);
  await fleet.patchVm(name, { placement: null });
  await fleet.clock.advance(10_000);
}

/** A move of `web` from rack-1 to rack-2, and what happens while it is at `phase`. */
interface Trouble {
  readonly what: string;
  readonly move?: MoveSpec;
  readonly phase: 'Transferring' | 'Arriving';
  readonly then?: (fleet: Fleet) => Promise<void>;
  readonly says: string;
  readonly endsOn: 'rack-1' | 'rack-2';
  /** Whether the memory of the guest was lost, so that it started anew. */
  readonly isLost?: true;
}

const fault = (type: Fault['spec']['type'], nodeName: string, duration: string) => (fleet: Fleet) =>
  fleet.makeFault(type.toLowerCase(), { type, nodeName, duration });
const postCopy: MoveSpec = { ...slow, mode: 'PostCopy' };

const troubles: readonly Trouble[] = [
  {
    what: 'post-copy, as was asked for: it runs at its target while its memory follows',
    move: postCopy,
    phase: 'Arriving',
    then: async (fleet) => {
      assert.deepEqual(fleet.running('web'), ['rack-2']);
      assert.equal((await fleet.vm('web')).status.nodeName, 'rack-2');
    },
    says: 'Complete=True Succeeded',
    endsOn: 'rack-2',
  },
  {
    what: 'the target loses its power',
    phase: 'Transferring',
    then: fault('PowerLoss', 'rack-2', '100s'),
    says: 'Failed=True TargetUnreachable',
    endsOn: 'rack-1',
  },
  {
    what: 'the target’s agent goes away for long',
    phase: 'Transferring',
    move: { ...slow, bandwidth: '3M' },
    then: fault('ManagementPartition', 'rack-2', '100s'),
    says: 'Failed=True TargetLost',
    endsOn: 'rack-1',
  },
  {
    what: 'somebody deletes the instance that was made ready',
    phase: 'Transferring',
    then: async (fleet) => {
      const target = (await fleet.instances('web')).find(({ spec }) => spec.nodeName === 'rack-2') ?? assert.fail('there is none');
      await fleet.during(fleet.person.delete(VirtualMachineInstance, target.metadata));
    },
    says: 'Failed=True TargetLost',
    endsOn: 'rack-1',
  },
  {
    what: 'the network between the hypervisors is cut',
    phase: 'Transferring',
    then: fault('MigrationPartition', 'rack-2', '5m'),
    says: 'Failed=True TargetUnreachable',
    endsOn: 'rack-1',
  },
  {
    what: 'nobody hears of the source for a while: nothing is decided meanwhile',
    phase: 'Transferring',
    then: async (fleet) => {
      await fault('ManagementPartition', 'rack-1', '90s')(fleet);
      await fleet.until(
        async () => (await moveNamed(fleet, 'go')).status.conditions?.some(({ reason }) => reason === 'SourceUnreachable') === true,
      );
    },
    move: { bandwidth: '8M' },
    says: 'Complete=True Succeeded',
    endsOn: 'rack-2',
  },
  {
    what: 'the source loses its power before it has handed over: the VM starts there anew',
    phase: 'Transferring',
    then: fault('PowerLoss', 'rack-1', '2m'),
    says: 'Failed=True SourceLost',
    endsOn: 'rack-1',
    isLost: true,
  },
  {
    what: 'the source loses its power while the memory follows: the VM starts anew where it is',
    move: postCopy,
    phase: 'Arriving',
    then: fault('PowerLoss', 'rack-1', '2m'),
    says: 'Failed=True MemoryLost',
    endsOn: 'rack-2',
    isLost: true,
  },
  {
    what: 'nobody hears of the source while the memory follows: it follows all the same',
    move: postCopy,
    phase: 'Arriving',
    then: fault('ManagementPartition', 'rack-1', '90s'),
    says: 'Complete=True Succeeded',
    endsOn: 'rack-2',
  },
  {
    what: 'it takes longer than it may',
    move: { bandwidth: '1M', timeout: '20s' },
    phase: 'Transferring',
    says: 'Failed=True TimedOut',
    endsOn: 'rack-1',
  },
];

describe('a move that meets trouble', () => {
  for (const { what, move = slow, phase, then, says, endsOn, isLost } of troubles) {
    test(what, async () => {
      const fleet = await startFleet(3);
      await onFirst(fleet);
      await makeMove(fleet, 'go', { target: { nodeName: 'rack-2' }, ...move });
      await untilPhase(fleet, 'go', phase);
      await then?.(fleet);
      assert.equal(await endOf(fleet, 'go', 1_800_000), says);
      await fleet.untilSays('web', 'Ready=True Running', 900_000);
      await untilTidy(fleet);
      assert.equal(await hostOf(fleet), endsOn);
      const ends = fleet.lives().flatMap(({ to }) => (to === undefined || to.by === 'Paused' ? [] : [to.by]));
      assert.equal(ends.length, isLost === true ? 1 : 0, ends.join());
      await fleet.stop();
    });
  }
});

test('a target that does not make ready in its time is given up: the VM has never left its source', async () => {
  const deaf = (port: HostPort): HostPort => ({
    ...port,
    moves: { ...port.moves, prepare: () => Promise.reject(new PortError('Failed', 'no huge pages')) },
  });
  const fleet = await startFleet(2, {}, undefined, deaf);
  await onFirst(fleet);
  await makeMove(fleet, 'go');
  assert.equal(await endOf(fleet, 'go'), 'Failed=True NotPrepared');
  assert.match((await moveNamed(fleet, 'go')).status.conditions?.find(({ type }) => type === 'Failed')?.message ?? '', /no huge pages/);
  await untilTidy(fleet);
  assert.deepEqual([await hostOf(fleet), fleet.lives().length], ['rack-1', 1]);
  await fleet.stop();
});

test('suspended while its memory follows, and its move deleted: that waits until all of it has arrived', async () => {
  const fleet = await startFleet(2);
  await onFirst(fleet);
  await makeMove(fleet, 'go', { ...postCopy, bandwidth: '10M' });
  await untilPhase(fleet, 'go', 'Arriving');
  await fleet.patchVm('web', { powerState: 'Suspended' });
  await fleet.untilSays('web', 'Ready=False Migrating');
  await deleteMove(fleet, 'go');
  assert.equal(await findMove(fleet, 'go'), undefined, 'there is nothing to cancel');
  await fleet.clock.advance(10_000);
  assert.equal(says(await fleet.vm('web'), 'Ready'), 'Ready=False Migrating');
  assert.equal((await fleet.instances('web')).length, 2, 'its memory follows still');
  await fleet.untilSays('web', 'Ready=True Suspended', 900_000);
  await fleet.patchVm('web', { powerState: 'PoweredOn' });
  await untilTidy(fleet);
  assert.deepEqual(fleet.running('web'), ['rack-2']);
  await fleet.stop();
});

/** A VM on rack-1 that writes more than any of these moves can send. */
async function aBusyVm(fleet: Fleet): Promise<string> {
  for (let index = 0; index < 60; index++) {
    const name = `vm-${String(index)}`;
    await fleet.makeVm(name, { powerState: 'PoweredOff', placement: { nodeSelector: { [hostname]: 'rack-1' } } });
    const { uid } = (await fleet.vm(name)).metadata;
    if (behaviourOf(uid).dirty.bytesPerSecond < 100e6) continue;
    await fleet.patchVm(name, { powerState: 'PoweredOn' });
    await fleet.untilReady(name);
    await fleet.patchVm(name, { placement: null });
    await fleet.clock.advance(10_000);
    return name;
  }
  return assert.fail('none writes much');
}

describe('a guest that writes faster than the link carries', () => {
  const bandwidth = '100M';

  test('is not moved by PreCopy: that fails, says so, and leaves it as it was', async () => {
    const fleet = await startFleet(2);
    const virtualMachine = await aBusyVm(fleet);
    await makeMove(fleet, 'go', { virtualMachine, bandwidth, mode: 'PreCopy' });
    assert.equal(await endOf(fleet, 'go', 1_800_000), 'Failed=True NotConverging');
    await untilTidy(fleet, virtualMachine);
    assert.deepEqual([await hostOf(fleet, virtualMachine), fleet.lives().length], ['rack-1', 1]);
    await fleet.stop();
  });

  test('is moved by Auto, as post-copy in the end', async () => {
    const fleet = await startFleet(2);
    const virtualMachine = await aBusyVm(fleet);
    await makeMove(fleet, 'go', { virtualMachine, bandwidth, mode: 'Auto' });
    assert.equal(await endOf(fleet, 'go', 1_800_000), 'Complete=True Succeeded');
    await untilTidy(fleet, virtualMachine);
    assert.equal((await moveNamed(fleet, 'go')).status.mechanism, 'PostCopy');
    assert.deepEqual(fleet.running(virtualMachine), ['rack-2']);
    await fleet.stop();
  });
});

describe('a move and a drain that meet', () => {
  test('a move waits while the only other host is to be empty, and goes there when that is lifted', async () => {
    const fleet = await startFleet(2);
    await onFirst(fleet);
    await personAt(fleet).patchHost('rack-2', { mode: 'Maintenance' });
    await makeMove(fleet, 'go');
    await untilPhase(fleet, 'go', 'Pending');
    await fleet.clock.advance(30_000);
    assert.equal((await moveNamed(fleet, 'go')).status.phase, 'Pending');
    await personAt(fleet).patchHost('rack-2', { mode: 'Normal' });
    assert.equal(await endOf(fleet, 'go'), 'Complete=True Succeeded');
    assert.equal(await hostOf(fleet), 'rack-2');
    await fleet.stop();
  });

  test('a VM that arrives at a host which is drained meanwhile leaves it again; the drain waits for that', async () => {
    const fleet = await startFleet(3);
    await onFirst(fleet);
    await fleet.makeVm('db', { placement: { nodeSelector: { [hostname]: 'rack-2' } } });
    await fleet.untilReady('db');
    await fleet.patchVm('db', { placement: null });
    const person = personAt(fleet);
    await fleet.until(async () => (await person.guards('rack-2')).length === 1);
    await makeMove(fleet, 'go', { target: { nodeName: 'rack-2' }, bandwidth: '10M' });
    await untilPhase(fleet, 'go', 'Transferring');
    const drain = await person.drain('rack-2');
    await fleet.until(() => Promise.resolve(fleet.running('db').join() === 'rack-3'), 60_000);
    assert.equal(await drain.isOver(), false, 'one is on its way there');
    await fleet.until(() => drain.isOver(), 900_000);
    assert.equal(await endOf(fleet, 'go'), 'Complete=True Succeeded');
    assert.equal(fleet.running('web').includes('rack-2'), false);
    assert.ok(fleet.lives().every(({ to }) => to === undefined || to.by === 'Paused'));
    await fleet.stop();
  });

  test('a drain lets a person’s move of its VM be, and moves what is left', async () => {
    const fleet = await startFleet(3);
    await onFirst(fleet);
    await onFirst(fleet, 'db');
    const person = personAt(fleet);
    await makeMove(fleet, 'mine', { target: { nodeName: 'rack-2' }, ...slow });
    await untilPhase(fleet, 'mine', 'Transferring');
    const drain = await person.drain('rack-1');
    await fleet.until(() => drain.isOver(), 900_000);
    assert.equal(await endOf(fleet, 'mine'), 'Complete=True Succeeded');
    assert.deepEqual((await person.migrations()).map(({ spec }) => `${spec.virtualMachine} ${spec.priority}`).sort(), [
      'db System',
      'web User',
    ]);
    await fleet.stop();
  });

  for (const how of ['evict', 'delete'] as const) {
    test(`uncordoned in the middle (${how}): what is on its way arrives, what waits stays, and the host is free again`, async () => {
      const fleet = await startFleet(3, { nic: '100M' });
      const names = ['web', 'a', 'b', 'c', 'd', 'e'];
      for (const name of names) await onFirst(fleet, name);
      const person = personAt(fleet);
      const drain = await person.drain('rack-1', how);
      await fleet.until(async () => (await person.migrations()).filter(({ status }) => status.phase === 'Transferring').length === 2);
      const [begun, waiting] = [true, false].map(
        (is) => async () =>
          (await person.migrations())
            .filter(({ status }) => (status.targetInstance !== undefined) === is)
            .map(({ spec }) => spec.virtualMachine),
      );
      const leaving = (await begun?.()) ?? [];
      assert.ok(((await waiting?.()) ?? []).length > 0, 'some wait their turn');
      await person.cordon('rack-1', false);
      await fleet.until(async () => (await person.host('rack-1')).status.phase === 'Available', 900_000);
      await fleet.until(async () => (await waiting?.())?.length === 0);
      for (const name of leaving) await untilTidy(fleet, name);
      const stayed = names.filter((name) => fleet.running(name).join() === 'rack-1');
      assert.deepEqual(stayed.sort(), names.filter((name) => !leaving.includes(name)).sort());
      assert.equal(await drain.isOver(), false, 'it never says of a host with VMs that it is empty');
      assert.ok(fleet.lives().every(({ to }) => to === undefined || to.by === 'Paused'));
      await fleet.stop();
    });
  }

  test('housekeeping that is deleted by a person is asked for again', async () => {
    const fleet = await startFleet(2, { nic: '100M' });
    await onFirst(fleet);
    const person = personAt(fleet);
    const drain = await person.drain('rack-1');
    await fleet.until(async () => (await person.migrations()).some(({ status }) => status.phase === 'Transferring'));
    const [move] = await person.migrations();
    await deleteMove(fleet, move?.metadata.name ?? '');
    await fleet.until(async () => (await findMove(fleet, move?.metadata.name ?? ''))?.metadata.uid !== move?.metadata.uid);
    await fleet.until(() => drain.isOver(), 900_000);
    assert.deepEqual(fleet.running('web'), ['rack-2']);
    assert.ok(fleet.lives().every(({ to }) => to === undefined || to.by === 'Paused'));
    await fleet.stop();
  });
});
