import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { VirtualMachineMigration } from '../../../src/api/virtual-machine-migration.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { Namespace, Node } from '../../../src/meta/core.ts';
import { personAt } from './drain.ts';
import { says, startFleet, type Fleet } from './fleet.ts';
import { endOf, hostOf, makeMove, moveNamed, slow, untilPhase, type MoveSpec } from './moves.ts';

const hostname = 'kubernetes.io/hostname';
const onFirst = { placement: { nodeSelector: { [hostname]: 'rack-1' } } };

/** Three hosts of which rack-1 has the VM, and rack-2 and rack-3 are as `prepare` leaves them. */
interface Bad {
  readonly what: string;
  readonly vm?: object;
  /** It goes on asking for rack-1. */
  readonly isBound?: true;
  readonly move?: MoveSpec;
  readonly prepare?: (fleet: Fleet) => Promise<void>;
  readonly says: string;
}

const to = (nodeName: string): MoveSpec => ({ target: { nodeName } });
const label = (fleet: Fleet, name: string, labels: object): Promise<unknown> =>
  fleet.during(fleet.person.patch(Node, { name }, { metadata: { labels } }));
const ofNode = (name: string, spec: object) => (fleet: Fleet) =>
  fleet.during(fleet.person.patch(Node, { name }, { spec })).then(() => undefined);
const beside =
  (spec: object, name = 'db') =>
  async (fleet: Fleet) => {
    await fleet.makeVm(name, { placement: { nodeSelector: { [hostname]: 'rack-2' } }, ...spec });
    await fleet.untilReady(name);
  };
const apart = (topologyKey: string) => [{ labelSelector: {}, topologyKey, required: true }];

/** A host `odd-1` that is not like the others. */
async function odd(fleet: Fleet, template: object): Promise<void> {
  await fleet.makePool('odd', 1, template);
  await fleet.until(() => fleet.poolIsReady('odd'));
}
async function inAnother({ person, during }: Fleet): Promise<void> {
  await during(person.apply(Namespace, { name: 'other' }, {}, { fieldManager: 'person' }));
  const spec = { powerState: 'PoweredOff', memory: { size: '1Gi' } };
  await during(person.apply(VirtualMachine, { namespace: 'other', name: 'elsewhere' }, { spec }, { fieldManager: 'person' }));
}
async function asleep(fleet: Fleet): Promise<void> {
  await fleet.patchVm('web', { powerState: 'Suspended' });
  await fleet.untilSays('web', 'Ready=True Suspended');
}

const bad: readonly Bad[] = [
  { what: 'a VM that there is not', move: { virtualMachine: 'nobody' }, says: 'Failed=True VirtualMachineNotFound' },
  { what: 'a host that there is not', move: to('rack-9'), says: 'Failed=True TargetNotFound' },
  { what: 'the host that it is on', move: to('rack-1'), says: 'Failed=True TargetIsSource' },
  { what: 'a cordoned host', move: to('rack-2'), prepare: ofNode('rack-2', { unschedulable: true }), says: 'Failed=True TargetCordoned' },
  {
    what: 'a host with a taint',
    move: to('rack-2'),
    prepare: ofNode('rack-2', { taints: [{ key: 'lab', value: 'x', effect: 'NoSchedule' }] }),
    says: 'Failed=True TargetTainted',
  },
  { what: 'a host that its selector leaves out', isBound: true, move: to('rack-2'), says: 'Failed=True TargetNotSelected' },
  {
    what: 'a host without memory for it',
    vm: { ...onFirst, memory: { size: '40Gi' } },
    move: to('rack-2'),
    prepare: beside({ memory: { size: '40Gi' } }),
    says: 'Failed=True TargetTooLittleMemory',
  },
  {
    what: 'a host without processors for it',
    vm: { ...onFirst, cpu: { cores: 1, reservation: '10' } },
    move: to('rack-2'),
    prepare: beside({ cpu: { cores: 1, reservation: '10' } }),
    says: 'Failed=True TargetTooLittleCPU',
  },
  {
    what: 'a host with a VM that it must be away from',
    vm: { placement: { nodeSelector: { [hostname]: 'rack-1' }, antiAffinity: apart(hostname) } },
    move: to('rack-2'),
    prepare: beside({}),
    says: 'Failed=True TargetAffinity',
  },
  {
    what: 'a host of another cluster',
    move: to('rack-2'),
    prepare: async (fleet) => {
      const selector = { matchExpressions: [{ key: 'apart', operator: 'DoesNotExist' }] };
      const { items } = await fleet.during(fleet.person.list(HostCluster));
      for (const { metadata } of items)
        await fleet.during(fleet.person.patch(HostCluster, { name: metadata.name }, { spec: { hostSelector: selector } }));
      await label(fleet, 'rack-2', { apart: 'yes' });
    },
    says: 'Failed=True TargetNotInHostCluster',
  },
  {
    what: 'a VM with a local disk',
    vm: { ...onFirst, disks: [{ name: 'root', size: '1Gi', datastore: 'local' }] },
    says: 'Failed=True LocalDisks',
  },
  {
    what: 'a host without power',
    move: to('rack-2'),
    prepare: async (fleet) => {
      await fleet.makeFault('out', { type: 'PowerLoss', nodeName: 'rack-2' });
      await fleet.clock.advance(60_000);
    },
    says: 'Failed=True TargetNotReady',
  },
  { what: 'a VM that is off', vm: { ...onFirst, powerState: 'PoweredOff' }, says: 'Failed=True VirtualMachinePoweredOff' },
  {
    what: 'a host that was asked to be empty',
    move: to('rack-2'),
    prepare: (fleet) => personAt(fleet).patchHost('rack-2', { mode: 'Maintenance' }),
    says: 'Failed=True TargetClaimed',
  },
  {
    what: 'a host that is being drained',
    move: to('rack-2'),
    prepare: async (fleet) => {
      await beside({})(fleet);
      await fleet.clock.advance(30_000);
      await personAt(fleet).drain('rack-2');
    },
    says: 'Failed=True TargetClaimed',
  },
  {
    what: 'a host whose Node is deleted',
    move: to('rack-2'),
    prepare: async (fleet) => {
      await fleet.during(fleet.person.delete(Node, { name: 'rack-2' }));
      // Its kubelet would make it anew.
      await fleet.makeFault('away', { type: 'HostHang', nodeName: 'rack-2' });
    },
    says: 'Failed=True TargetNotInHostCluster',
  },
  {
    what: 'a host that drives it away',
    move: to('rack-2'),
    prepare: ofNode('rack-2', { taints: [{ key: 'repair', effect: 'NoExecute' }] }),
    says: 'Failed=True TargetTainted',
  },
  {
    what: 'a host away from a VM that it must be with',
    vm: { placement: { nodeSelector: { [hostname]: 'rack-1' }, affinity: apart(hostname) } },
    move: to('rack-2'),
    prepare: async (fleet) => fleet.makeVm('db', onFirst),
    says: 'Failed=True TargetAffinity',
  },
  {
    what: 'a host with a VM that must be away from it',
    move: to('rack-2'),
    prepare: beside({ placement: { nodeSelector: { [hostname]: 'rack-2' }, antiAffinity: apart(hostname) } }),
    says: 'Failed=True TargetAffinity',
  },
  {
    what: 'a host with fewer processors than it has',
    vm: { ...onFirst, cpu: { cores: 4 } },
    move: to('odd-1'),
    prepare: (fleet) => odd(fleet, { cores: 2 }),
    says: 'Failed=True TargetTooFewCores',
  },
  {
    what: 'a host without the CPU features that it sees',
    vm: { ...onFirst, cpu: { cores: 1, baseline: 'x86-64-v3' } },
    move: to('odd-1'),
    prepare: (fleet) => odd(fleet, { baselines: ['x86-64-v2'] }),
    says: 'Failed=True TargetLacksFeatures',
  },
  {
    what: 'a host without room since another VM is on its way there',
    vm: { ...onFirst, memory: { size: '40Gi' } },
    move: to('rack-2'),
    prepare: async (fleet) => {
      await fleet.makeVm('db', { placement: { nodeSelector: { [hostname]: 'rack-3' } }, memory: { size: '40Gi' } });
      await fleet.untilReady('db');
      await fleet.patchVm('db', { placement: null });
      await makeMove(fleet, 'first', { virtualMachine: 'db', bandwidth: '1M', ...to('rack-2') });
      await untilPhase(fleet, 'first', 'Transferring');
    },
    says: 'Failed=True TargetTooLittleMemory',
  },
  {
    what: 'a VM of another namespace',
    move: { virtualMachine: 'elsewhere' },
    prepare: inAnother,
    says: 'Failed=True VirtualMachineNotFound',
  },
  { what: 'a VM that is to be suspended', vm: onFirst, prepare: asleep, says: 'Failed=True VirtualMachineSuspended' },
  {
    what: 'a VM that has never run',
    move: { virtualMachine: 'big' },
    prepare: (fleet) => fleet.makeVm('big', { memory: { size: '1Ti' } }),
    says: 'Ready=False NotRunning',
  },
  {
    what: 'a VM whose host does not answer',
    prepare: async (fleet) => {
      await fleet.makeFault('cut', { type: 'ManagementPartition', nodeName: 'rack-1' });
      await fleet.clock.advance(60_000);
    },
    says: 'Ready=False SourceUnreachable',
  },
  {
    what: 'nothing but hosts that are to be empty',
    prepare: async (fleet) => {
      for (const name of ['rack-2', 'rack-3']) await personAt(fleet).patchHost(name, { mode: 'Maintenance' });
    },
    says: 'Ready=False NoHostFits',
  },
  {
    what: 'nothing but full hosts',
    vm: { ...onFirst, memory: { size: '40Gi' } },
    prepare: async (fleet) => {
      for (const index of [2, 3])
        await fleet.makeVm(`db-${String(index)}`, {
          placement: { nodeSelector: { [hostname]: `rack-${String(index)}` } },
          memory: { size: '40Gi' },
        });
      await fleet.untilReady('db-2', 'db-3');
    },
    says: 'Ready=False NoHostFits',
  },
  { what: 'nothing but hosts that do not fit', isBound: true, says: 'Ready=False NoHostFits' },
  {
    what: 'nothing but cordoned hosts',
    prepare: async (fleet) => {
      await ofNode('rack-2', { unschedulable: true })(fleet);
      await ofNode('rack-3', { unschedulable: true })(fleet);
    },
    says: 'Ready=False NoHostFits',
  },
];

describe('moves that cannot be: each says why, and the VM is not touched (rule 11)', () => {
  for (const { what, vm = onFirst, isBound, move = {}, prepare, says: wanted } of bad) {
    test(what, async () => {
      const fleet = await startFleet(3);
      await fleet.makeVm('web', { ...vm });
      await fleet.until(async () => says(await fleet.vm('web'), 'Ready').startsWith('Ready=True'));
      await prepare?.(fleet);
      if (isBound === undefined) await fleet.patchVm('web', { placement: { nodeSelector: null } });
      await fleet.clock.advance(10_000);
      const before = await fleet.instances('web');
      const lives = fleet.lives().length;
      await makeMove(fleet, 'go', move);
      if (wanted.startsWith('Failed')) {
        assert.equal(await endOf(fleet, 'go'), wanted);
        assert.equal(says(await moveNamed(fleet, 'go'), 'Stalled').split(' ')[0], 'Stalled=True');
      } else {
        await untilPhase(fleet, 'go', 'Pending');
        assert.equal(says(await moveNamed(fleet, 'go'), 'Ready'), wanted);
      }
      await fleet.clock.advance(30_000);
      assert.deepEqual(
        (await fleet.instances('web')).map(({ metadata, spec }) => [metadata.uid, spec]),
        before.map(({ metadata, spec }) => [metadata.uid, spec]),
      );
      assert.equal(fleet.lives().length, lives);
      await fleet.stop();
    });
  }

  test('several at once: the oldest goes, all others fail', async () => {
    const fleet = await startFleet(3);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    await fleet.clock.advance(10_000);
    const from = await hostOf(fleet);
    await makeMove(fleet, 'm0', slow);
    await untilPhase(fleet, 'm0', 'Transferring');
    for (let index = 1; index <= 25; index++) await makeMove(fleet, `m${String(index)}`, index % 2 === 0 ? { priority: 'System' } : {});
    for (let index = 1; index <= 25; index++) assert.equal(await endOf(fleet, `m${String(index)}`), 'Failed=True AlreadyMigrating');
    assert.equal(await endOf(fleet, 'm0', 300_000), 'Complete=True Succeeded');
    assert.notEqual(await hostOf(fleet), from);
    assert.equal(
      (await fleet.during(fleet.person.list(VirtualMachineMigration, { namespace: 'shop' }))).items.length,
      26,
      'none is deleted by us',
    );
    await fleet.stop();
  });
});
