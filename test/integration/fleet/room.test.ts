import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import type { Clock } from '../../../src/base/clock.ts';
import { ConnectionLost, type ApiRequest } from '../../../src/meta/control-plane.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { Event, Node } from '../../../src/meta/core.ts';
import { failure } from '../../../src/meta/status.ts';
import { says, startFleet, type Fleet, type Through } from './fleet.ts';
import { deleteMove, findMove, makeMove, untilPhase } from './moves.ts';

const tight = { cores: 4, memory: '8Gi' };
const large = { memory: { size: '6Gi' } };

async function message(fleet: Fleet, name: string): Promise<string> {
  return findCondition((await fleet.vm(name)).status.conditions, 'Ready')?.message ?? '';
}

/** Whether `request` makes an instance of a VM of that name. */
function makes(request: ApiRequest, name: string): boolean {
  if (request.method !== 'POST' || !request.path.endsWith('/virtualmachineinstances')) return false;
  return new TextDecoder().decode(request.body).includes(`"virtualMachine":"${name}"`);
}

/** The first try to make an instance of `one` is told to be lost, and arrives two seconds later. */
const lostAndLate: Through = (controlPlane, { clock }) => {
  let lost = false;
  return (request, signal) => {
    if (lost || !makes(request, 'one')) return controlPlane(request, signal);
    lost = true;
    void clock.sleep(2_000).then(() => controlPlane(request, new AbortController().signal));
    return Promise.reject(new ConnectionLost('reset'));
  };
};

/** Instances of `one` are refused, after a second. */
const refusedSlowly: Through =
  (controlPlane, { clock }) =>
  async (request, signal) => {
    if (!makes(request, 'one')) return controlPlane(request, signal);
    return refusal(clock, signal);
  };

async function refusal(clock: Clock, signal: AbortSignal) {
  await clock.sleep(1_000, signal);
  const text = JSON.stringify(failure(403, 'Forbidden', 'not here'));
  const body = (async function* () {
    yield await Promise.resolve(new TextEncoder().encode(text));
  })();
  return { status: 403, headers: { 'content-type': 'application/json' }, body };
}

describe('room on hosts (rule 5)', () => {
  test('a reservation that is raised under a running guest waits for room, and says so (rule 11)', async () => {
    const fleet = await startFleet(1, tight);
    await fleet.makeVm('one', { cpu: { cores: 2, reservation: '2' } });
    await fleet.makeVm('two', { cpu: { cores: 2, reservation: '1' } });
    await fleet.untilReady('one', 'two');
    const before = (await fleet.instance('two')).metadata.uid;
    await fleet.patchVm('two', { cpu: { reservation: '3' }, disks: [{ name: 'root', size: '15Gi' }] });
    await fleet.untilSays('two', 'Ready=False NoRoomToGrow');
    assert.equal(await message(fleet, 'two'), 'spec.cpu.reservation is not raised yet: rack-1 has too little unreserved CPU');
    await fleet.clock.advance(60_000);
    const held = await fleet.instance('two');
    assert.deepEqual([held.spec.cpu.reservation, held.spec.disks?.[0]?.size], ['1', '15Gi']);
    assert.deepEqual([(await fleet.vm('two')).status.phase, fleet.running('two')], ['Running', ['rack-1']]);
    await fleet.patchVm('one', { cpu: { reservation: '1' } });
    await fleet.untilSays('two', 'Ready=True Running');
    const grown = await fleet.instance('two');
    assert.deepEqual([grown.spec.cpu.reservation, grown.metadata.uid], ['3', before]);
    await fleet.makeVm('three', { cpu: { cores: 1, reservation: '500m' } });
    await fleet.untilSays('three', 'Placed=False NoHostFits');
    await fleet.stop();
  });

  test('two that are raised at once get no more than there is', async () => {
    const fleet = await startFleet(1, tight);
    for (const name of ['one', 'two']) await fleet.makeVm(name, { cpu: { cores: 2, reservation: '1' } });
    await fleet.untilReady('one', 'two');
    await fleet.during(
      Promise.all(
        ['one', 'two'].map((name) =>
          fleet.person.patch(VirtualMachine, { namespace: 'shop', name }, { spec: { cpu: { reservation: '3' } } }),
        ),
      ),
    );
    await fleet.clock.advance(30_000);
    const reserved = [(await fleet.instance('one')).spec.cpu.reservation, (await fleet.instance('two')).spec.cpu.reservation];
    assert.deepEqual(reserved.sort(), ['1', '3']);
    await fleet.stop();
  });

  test('what was sent and not answered keeps its room until it is known what became of it', async () => {
    const fleet = await startFleet(1, tight, lostAndLate);
    await fleet.makeVm('one', large);
    await fleet.until(async () => (await fleet.vm('one')).metadata.finalizers !== undefined);
    await fleet.makeVm('two', large);
    await fleet.untilReady('one');
    assert.equal((await fleet.instance('one')).spec.incarnation, 1);
    await fleet.untilSays('two', 'Placed=False NoHostFits');
    await fleet.clock.advance(30_000);
    assert.deepEqual(await fleet.instances('two'), []);
    await fleet.stop();
  });

  test('what a move has booked is free again when it is called off before anything was made', async () => {
    let isLost = false;
    const losing: Through = (controlPlane) => (request, signal) =>
      isLost && makes(request, 'one') ? Promise.reject(new ConnectionLost('reset')) : controlPlane(request, signal);
    const fleet = await startFleet(2, tight, losing);
    await fleet.makeVm('one', large);
    await fleet.untilReady('one');
    await fleet.clock.advance(10_000);
    isLost = true;
    await makeMove(fleet, 'go', { virtualMachine: 'one' });
    await untilPhase(fleet, 'go', 'Preparing');
    await deleteMove(fleet, 'go');
    await fleet.until(async () => (await findMove(fleet, 'go')) === undefined);
    await fleet.makeVm('two', large);
    await fleet.untilReady('two');
    await fleet.stop();
  });

  test('who waits for room that was booked in vain gets it', async () => {
    const fleet = await startFleet(1, tight, refusedSlowly);
    await fleet.makeVm('one', large);
    await fleet.until(async () => (await fleet.vm('one')).metadata.finalizers !== undefined);
    await fleet.makeVm('two', large);
    await fleet.untilReady('two');
    await fleet.stop();
  });
});

describe('removing disks takes no room (rule 2)', () => {
  const doomed = { disks: [{ name: 'root', size: '1Gi', whenRemoved: 'Delete' }] };

  async function deleted(fleet: Fleet, name: string): Promise<void> {
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name }));
    await fleet.until(async () => (await fleet.find(name)) === undefined);
  }

  test('on a cordoned host a VM with disks to delete goes', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web', doomed);
    await fleet.untilReady('web');
    await fleet.during(fleet.person.patch(Node, { name: 'rack-1' }, { spec: { unschedulable: true } }));
    await deleted(fleet, 'web');
    assert.deepEqual(fleet.volumes(), []);
    await fleet.stop();
  });

  test('so it does beside VMs that must be away from it', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web', doomed);
    await fleet.untilReady('web');
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.untilSays('web', 'Ready=True PoweredOff');
    await fleet.during(fleet.person.patch(VirtualMachine, { namespace: 'shop', name: 'web' }, { metadata: { labels: { app: 'web' } } }));
    const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname', required: true };
    await fleet.makeVm('keeper', { placement: { antiAffinity: [term] } });
    await fleet.untilReady('keeper');
    await deleted(fleet, 'web');
    assert.deepEqual(fleet.volumes(), ['shared/shop/keeper/root']);
    await fleet.stop();
  });

  test('an instance that removes disks is nobody to keep away from, and counts for no limit', async () => {
    const fleet = await startFleet(1);
    await fleet.during(fleet.person.patch(HostCluster, { name: 'main' }, { spec: { limits: { virtualMachines: 1 } } }));
    await fleet.makeVm('web', { disks: [{ name: 'root', size: '1Gi', whenRemoved: 'Delete', datastore: 'local' }] });
    await fleet.untilReady('web');
    await fleet.makeVm('next', { disks: [] });
    await fleet.untilSays('next', 'Placed=False LimitReached');
    // The guest ends, then the agent goes: what is left of the VM is an instance that removes its disk.
    await fleet.patchVm('web', { powerState: 'PoweredOff', disks: [] });
    await fleet.untilReady('next');
    await fleet.stop();
  });
});

describe('a VM that fits nowhere while the fleet grows (rule 7)', () => {
  test('is told of once, and its figures follow without a storm', async () => {
    const fleet = await startFleet(2);
    // Until its hosts are said to be ready: that they are not is another reason, and news.
    await fleet.clock.advance(5_000);
    await fleet.makeVm('web', { placement: { nodeSelector: { zone: 'a' } } });
    await fleet.untilSays('web', 'Placed=False NoHostFits');
    fleet.writes.length = 0;
    const began = fleet.clock.now();
    for (let hosts = 3; hosts <= 30; hosts++) {
      await fleet.scale('rack', hosts);
      await fleet.clock.advance(700);
    }
    await fleet.until(async () => (await message(fleet, 'web')) === '0/30 hosts: 30 not in zone a');
    const most = Math.ceil((fleet.clock.now() - began) / 5_000) + 1;
    const said = fleet.writes.filter((write) => write.includes('/virtualmachines/web/status'));
    assert.ok(said.length <= most, `${String(said.length)} writes of its status, at most ${String(most)}`);
    const { items } = await fleet.during(fleet.person.list(Event, { namespace: 'shop' }));
    assert.deepEqual(
      items.map(({ reason, note }) => [reason, note]),
      [['NoHostFits', '0/2 hosts: 2 not in zone a']],
    );
    const cordoned = fleet.person.patch(
      VirtualMachine,
      { namespace: 'shop', name: 'web' },
      { spec: { placement: { nodeSelector: { zone: 'b' } } } },
    );
    await fleet.during(cordoned);
    await fleet.until(async () => (await message(fleet, 'web')) === '0/30 hosts: 30 not in zone b', 1_000);
    await fleet.stop();
  });
});

describe('how much is written for a VM', () => {
  test('six writes from its creation until it is Ready; hosts that come up make no events', async () => {
    const fleet = await startFleet(4, { guestBootTime: '0s' });
    await fleet.clock.advance(60_000);
    const events = async () =>
      (await fleet.during(fleet.person.list(Event))).items.map(({ regarding, reason }) => `${regarding.kind} ${reason}`);
    assert.deepEqual(await events(), []);
    await fleet.makeVm('first');
    await fleet.untilReady('first');
    await fleet.clock.advance(60_000);
    fleet.writes.length = 0;
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    await fleet.clock.advance(1_000);
    // Pods: each host has one, which stands for what its VMs take.
    const writes = fleet.writes.filter((write) => !/\/leases|\/hostusages|\/hostclusters|\/pods/.test(write));
    assert.equal(writes.length, 6, writes.join('\n'));
    assert.deepEqual(await events(), []);
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.untilSays('web', 'Ready=True PoweredOff');
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.untilSays('web', 'Ready=True Running');
    await fleet.clock.advance(1_000);
    assert.deepEqual((await events()).sort(), ['VirtualMachine PoweredOff', 'VirtualMachine Started']);
    assert.equal(says(await fleet.vm('web'), 'Placed'), 'Placed=True Placed');
    await fleet.stop();
  });
});
