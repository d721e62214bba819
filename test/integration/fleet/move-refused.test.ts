import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { VirtualMachineMigration } from '../../../src/api/virtual-machine-migration.ts';
import { Node } from '../../../src/meta/core.ts';
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
