import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PortCounters, SwitchConfiguration } from '../../../src/api/effective-port.ts';
import { SwitchPort } from '../../../src/api/switch-port.ts';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { PortGroup } from '../../../src/api/port-group.ts';
import { DistributedSwitch } from '../../../src/api/distributed-switch.ts';
import { PortError } from '../../../src/ports/errors.ts';
import type { SwitchFinding } from '../../../src/ports/switching.ts';
import { at as lineAt, prod, web, wiredHosts, type WiredHosts } from './wires.ts';

const ids = ({ ports }: SwitchConfiguration): string[] => ports.map(({ id }) => id);
const counted = (frames: number): PortCounters => ({
  receivedFrames: frames,
  receivedBytes: frames * 100,
  sentFrames: 0,
  sentBytes: 0,
  droppedFrames: 0,
});

async function remove(at: WiredHosts, name: string): Promise<void> {
  await at.during(at.person.delete(VirtualMachineInstance, { namespace: 'shop', name }));
  await at.until(async () => (await at.instance(name)) === undefined);
}

describe("an instance's ports (rule 4)", () => {
  test('are in force before its guest starts, with the identity that the instance gives them, and go after it', async () => {
    const at = await wiredHosts();
    await at.makeInstance('web', 'rack-1', { policy: { security: { promiscuous: true } } });
    await at.untilReason('web', 'Running');
    assert.ok(lineAt(at.done, 'rack-1 apply prod shop/web.eth0') < lineAt(at.done, 'rack-1 start web'));
    const [port] = (await at.applied('rack-1')).ports;
    const { uid } = (await at.instance('web'))?.metadata ?? {};
    assert.deepEqual(
      [port?.guest, port?.mac, port?.addresses, port?.vlan],
      [uid, '02:00:00:00:00:01', ['10.0.10.7'], { type: 'Access', id: 10 }],
    );
    assert.equal(port?.security.promiscuous, true);
    await remove(at, 'web');
    await at.until(async () => ids(await at.applied('rack-1')).length === 0);
    await at.stop();
  });

  test('that cannot be say why, and the guest starts once they can (rule 11)', async () => {
    const at = await wiredHosts();
    await at.makeInstance('web', 'rack-1', { portGroup: 'db', switch: 'prod' });
    await at.untilReason('web', 'PortGroupUnknown');
    await at.makeInstance('lost', 'rack-1', { switch: 'nowhere' });
    await at.untilReason('lost', 'SwitchUnknown');
    await at.setGroup('db', web);
    await at.untilReason('web', 'Running');
    await at.setSwitch('elsewhere', { hostSelector: { matchLabels: { rack: 'other' } } });
    await at.setGroup('far', { ...web, switch: 'elsewhere' });
    await at.makeInstance('far', 'rack-1', { switch: 'elsewhere', portGroup: 'far' });
    await at.untilReason('far', 'SwitchNotOnHost');
    assert.equal(at.done.filter((line) => line.includes('start')).join(), 'rack-1 start web');
    await at.stop();
  });

  test('are not there while the host refuses: its guest waits', async () => {
    let refused = true;
    const at = await wiredHosts({
      spoilt: (_host, switching) => ({
        apply: async (configuration) => {
          if (refused && configuration.ports.length > 0) throw new PortError('Failed', 'no more ports');
          return switching.apply(configuration);
        },
      }),
    });
    await at.makeInstance('web', 'rack-1');
    await at.untilReason('web', 'PortNotApplied');
    await at.until(async () => (await at.switchOf('rack-1'))?.reason === 'Failed');
    refused = false;
    await at.untilReason('web', 'Running');
    await at.until(async () => (await at.switchOf('rack-1'))?.ready === true);
    await at.stop();
  });

  test('stay while the guest lives, though its instance is gone: what nobody can see may only be late (rule 10)', async () => {
    const at = await wiredHosts();
    await at.makeInstance('web', 'rack-1');
    await at.untilReason('web', 'Running');
    const ref = { namespace: 'shop', name: 'web' };
    await at.during(at.person.patch(VirtualMachineInstance, ref, { metadata: { finalizers: [] } }));
    await at.during(at.person.delete(VirtualMachineInstance, ref));
    await at.clock.advance(1000);
    const isAlive = (): boolean => at.world().truth().hosts[0]?.guests.length === 1;
    assert.deepEqual([isAlive(), ids(await at.applied('rack-1'))], [true, ['shop/web.eth0']]);
    await at.until(() => Promise.resolve(!isAlive()));
    await at.until(async () => ids(await at.applied('rack-1')).length === 0);
    await at.stop();
  });

  test('stay as they were while their group or switch is not to be seen', async () => {
    const at = await wiredHosts();
    await at.makeInstance('web', 'rack-1');
    await at.untilReason('web', 'Running');
    const before = await at.applied('rack-1');
    await at.during(at.person.delete(PortGroup, { name: 'web' }));
    await at.until(async () => (await at.switchOf('rack-1'))?.reason === 'PortGroupUnknown');
    await at.during(at.person.delete(DistributedSwitch, { name: 'prod' }));
    await at.until(async () => (await at.switchOf('rack-1'))?.reason === 'SwitchUnknown');
    assert.deepEqual(await at.applied('rack-1'), before);
    await at.stop();
  });
});

describe('a change of policy', () => {
  test('is in force on all hosts within seconds, for one write each, and nothing is written at rest (rule 7)', async () => {
    const at = await wiredHosts({ hosts: 3 });
    for (const host of ['rack-1', 'rack-2', 'rack-3']) for (const name of ['a', 'b']) await at.makeInstance(`${host}-${name}`, host);
    for (const host of ['rack-1', 'rack-2', 'rack-3']) for (const name of ['a', 'b']) await at.untilReason(`${host}-${name}`, 'Running');
    await at.clock.advance(10_000);
    at.told();
    await at.setGroup('web', { ...web, policy: { shaping: { egress: { average: '100M' } } } });
    await at.clock.advance(5000);
    for (const host of ['rack-1', 'rack-2', 'rack-3'])
      assert.deepEqual(
        (await at.applied(host)).ports.map(({ shaping }) => shaping.egress?.average),
        [100e6, 100e6],
      );
    assert.equal(at.told().length, 3);
    assert.notEqual((await at.switchOf('rack-1'))?.configuration, (await at.switchOf('rack-2'))?.configuration);
    await at.clock.advance(600_000);
    assert.deepEqual(at.told(), []);
    await at.stop();
  });

  test('is told once for all that comes within a moment: VMs that start together', async () => {
    const at = await wiredHosts();
    at.told();
    for (const name of ['a', 'b', 'c', 'd']) await at.makeInstance(name, 'rack-1');
    for (const name of ['a', 'b', 'c', 'd']) await at.untilReason(name, 'Running');
    await at.clock.advance(5000);
    assert.equal(at.told().length, 1);
    await at.stop();
  });

  test('of the answers of one host changes its uplinks, and nobody else', async () => {
    const at = await wiredHosts({ hosts: 2 });
    at.done.length = 0;
    await at.answer('rack-1', { uplink1: 'eth2' });
    await at.until(async () => (await at.applied('rack-1')).switches[0]?.uplinks[0]?.nic === 'eth2');
    await at.clock.advance(5000);
    assert.deepEqual([...new Set(at.done.map((line) => line.split(' ')[0]))], ['rack-1']);
    await at.answer('rack-1', {});
    await at.until(async () => (await at.switchOf('rack-1'))?.reason === 'UplinkUnanswered');
    await at.answer('rack-1', { uplink1: 'eth9' });
    await at.until(async () => (await at.switchOf('rack-1'))?.reason === 'NicMissing');
    await at.stop();
  });
});

describe('without the API (rule 10)', () => {
  test('what was applied stays, also for an agent that starts without it', async () => {
    let away = false;
    const at = await wiredHosts({ reaches: () => !away });
    await at.makeInstance('web', 'rack-1');
    await at.untilReason('web', 'Running');
    const before = await at.applied('rack-1');
    away = true;
    at.done.length = 0;
    const end = await at.during(at.world().inject({ type: 'AgentCrash', host: 'rack-1' }));
    await at.clock.advance(5000);
    await at.during(end());
    await at.clock.advance(300_000);
    assert.deepEqual(await at.applied('rack-1'), before);
    assert.deepEqual(at.done, []);
    away = false;
    await at.setGroup('web', { ...web, vlan: { id: 20 } });
    await at.until(
      async () =>
        (await at.applied('rack-1')).ports[0]?.vlan.type === 'Access' &&
        JSON.stringify((await at.applied('rack-1')).ports[0]?.vlan).includes('20'),
    );
    await at.stop();
  });

  test('no change of switches is begun: a host that is cut off would take it for the cause', async () => {
    let away = false;
    const at = await wiredHosts({
      reaches: (_host, _port, { method, path }) => !away || method !== 'GET' || !path.endsWith('/hosts/rack-1'),
    });
    away = true;
    await at.setSwitch('prod', { ...prod, mtu: 9000 });
    await at.clock.advance(60_000);
    assert.equal((await at.applied('rack-1')).switches[0]?.mtu, 1500);
    away = false;
    await at.until(async () => (await at.applied('rack-1')).switches[0]?.mtu === 9000);
    await at.stop();
  });
});

describe('a change that cuts the host off', () => {
  const cutBy = async (port: { switching: { applied(): Promise<SwitchConfiguration> } }): Promise<boolean> =>
    !(await port.switching.applied()).switches.some(({ uplinks }) => uplinks.some(({ nic }) => nic === 'eth0'));

  test('is undone by the host alone in time, said, and not tried again until something changes', async () => {
    const at = await wiredHosts({ hosts: 2, reaches: (_host, port) => cutBy(port) });
    await at.makeInstance('web', 'rack-1');
    await at.untilReason('web', 'Running');
    const before = await at.applied('rack-1');
    const other = await at.applied('rack-2');
    await at.answer('rack-1', { uplink1: 'eth0' });
    await at.until(async () => (await at.applied('rack-1')).switches[0]?.uplinks[0]?.nic === 'eth0');
    await at.clock.advance(20_000);
    assert.equal((await at.applied('rack-1')).switches[0]?.uplinks[0]?.nic, 'eth0');
    await at.clock.advance(15_000);
    const after = await at.applied('rack-1');
    assert.deepEqual([after.switches, after.ports], [before.switches, before.ports]);
    await at.until(async () => (await at.switchOf('rack-1'))?.reason === 'RolledBack');
    at.done.length = 0;
    await at.clock.advance(300_000);
    assert.deepEqual(at.done, []);
    assert.deepEqual(await at.applied('rack-2'), other);
    await at.answer('rack-1', { uplink1: 'eth2' });
    await at.until(async () => (await at.switchOf('rack-1'))?.ready === true);
    assert.equal((await at.applied('rack-1')).switches[0]?.uplinks[0]?.nic, 'eth2');
    await at.stop();
  });

  for (const crash of ['AgentCrash', 'PowerLoss'] as const)
    test(`is undone by the next agent, when the first one ends in the midst of it: ${crash}`, async () => {
      const at = await wiredHosts({ reaches: (_host, port) => cutBy(port) });
      const before = await at.applied('rack-1');
      await at.answer('rack-1', { uplink1: 'eth0' });
      await at.until(async () => (await at.applied('rack-1')).switches[0]?.uplinks[0]?.nic === 'eth0');
      const end = await at.during(at.world().inject({ type: crash, host: 'rack-1' }));
      await at.clock.advance(5000);
      await at.during(end());
      await at.until(async () => (await at.switchOf('rack-1'))?.reason === 'RolledBack');
      assert.deepEqual((await at.applied('rack-1')).switches, before.switches);
      await at.stop();
    });

  test('is kept when the API answers in time, whatever was lost before', async () => {
    let away = false;
    let lossy = false;
    const at = await wiredHosts({
      reaches: () => !away,
      spoilt: (_host, switching) => ({
        apply: (one) => {
          if (lossy) away = one.trial !== undefined;
          return switching.apply(one);
        },
      }),
    });
    lossy = true;
    await at.setSwitch('prod', { ...prod, mtu: 9000 });
    await at.until(async () => (await at.applied('rack-1')).switches[0]?.mtu === 9000);
    await at.clock.advance(20_000);
    away = false;
    await at.clock.advance(60_000);
    const { switches, trial } = await at.applied('rack-1');
    assert.deepEqual([switches[0]?.mtu, trial], [9000, undefined]);
    assert.equal((await at.switchOf('rack-1'))?.ready, true);
    await at.stop();
  });
});

describe('counters (rule 4)', () => {
  test('are told at most once a minute while they differ, and last of all by the instance whose guest ended', async () => {
    let frames = 10;
    const told: number[] = [];
    const at = await wiredHosts({
      spoilt: (_host, switching) => ({ counters: async () => (await switching.counters()).map(({ id }) => ({ id, ...counted(frames) })) }),
    });
    await at.makeInstance('web', 'rack-1');
    await at.untilReason('web', 'Running');
    await at.until(async () => (await at.usage('rack-1'))?.status.ports?.[0]?.receivedFrames === 10);
    frames = 25;
    await at.until(async () => (await at.usage('rack-1'))?.status.ports?.[0]?.receivedFrames === 25);
    // What a host forgot that lost its power does not take back what it said.
    frames = 3;
    await at.clock.advance(130_000);
    assert.equal((await at.usage('rack-1'))?.status.ports?.[0]?.receivedFrames, 25);
    frames = 40;
    const ref = { namespace: 'shop', name: 'web' };
    await at.during(at.person.patch(VirtualMachineInstance, ref, { metadata: { finalizers: ['hypersphere.io/guest', 'test/kept'] } }));
    await at.during(at.person.delete(VirtualMachineInstance, ref));
    await at.until(async () => {
      told.push((await at.instance('web'))?.status.networks?.[0]?.receivedFrames ?? 0);
      return (await at.instance('web'))?.metadata.finalizers?.includes('hypersphere.io/guest') === false;
    });
    assert.deepEqual((await at.instance('web'))?.status.networks, [{ name: 'eth0', ...counted(40) }]);
    await at.stop();
  });

  test('go on from what the instance and the last report say, before the guest starts', async () => {
    let away = false;
    const at = await wiredHosts({ reaches: (_host, _port, { method, path }) => !away || method !== 'GET' || !path.includes('hostusages') });
    await at.makeInstance('web', 'rack-1', { counters: counted(70) });
    await at.untilReason('web', 'Running');
    assert.ok(lineAt(at.done, 'rack-1 resume shop/web.eth0 70') < lineAt(at.done, 'rack-1 start web'));
    await at.until(async () => (await at.usage('rack-1'))?.status.ports?.[0]?.receivedFrames === 70);
    await at.during(at.port('rack-1').switching.resume('shop/web.eth0', counted(90)));
    await at.until(async () => (await at.usage('rack-1'))?.status.ports?.[0]?.receivedFrames === 90);
    at.done.length = 0;
    away = true;
    const end = await at.during(at.world().inject({ type: 'PowerLoss', host: 'rack-1' }));
    await at.clock.advance(1000);
    await at.during(end());
    await at.untilReason('web', 'CountersUnknown');
    away = false;
    await at.until(() => Promise.resolve(at.done.some((line) => line.includes('start'))));
    assert.ok(lineAt(at.done, 'rack-1 resume shop/web.eth0 90') < lineAt(at.done, 'rack-1 start web'));
    const [port] = await at.during(at.port('rack-1').switching.counters());
    assert.equal(port?.receivedFrames, 90);
    await at.stop();
  });
});

test('go on where a VM moved to and lost its memory, from what its port says of it', async () => {
  const at = await wiredHosts();
  const identity = { virtualMachine: 'web', network: 'eth0', switch: 'prod', portGroup: 'web' };
  const ref = { namespace: 'shop', name: 'web.eth0' };
  await at.during(at.person.apply(SwitchPort, ref, { spec: identity }, { fieldManager: 'person' }));
  const status = { status: { counters: counted(50) } };
  await at.during(at.person.apply(SwitchPort, ref, status, { fieldManager: 'person', subresource: 'status' }));
  const origin = { migration: 'move', instance: 'web-0', instanceUID: 'uid-web-0' };
  const { metadata, spec } = await at.makeInstance('web', 'rack-1', {}, { origin });
  await at.untilReason('web', 'Incoming');
  await at.during(at.port('rack-1').datastores.arbiter('shared').testAndSet(spec.virtualMachineUID, undefined, metadata.uid));
  await at.untilReason('web', 'Running');
  assert.ok(lineAt(at.done, 'rack-1 resume shop/web.eth0 50') < lineAt(at.done, 'rack-1 start web'));
  assert.ok(lineAt(at.done, 'rack-1 apply prod shop/web.eth0') < lineAt(at.done, 'rack-1 prepare web'));
  await at.stop();
});

test('what lies behind the uplinks is looked at in its time, and told when it is other than before', async () => {
  let findings: SwitchFinding[] = [];
  let looks = 0;
  const at = await wiredHosts({
    spoilt: () => ({
      check: async () => {
        looks++;
        return findings;
      },
    }),
  });
  await at.setSwitch('prod', { ...prod, healthCheck: { interval: '1m' } });
  await at.clock.advance(130_000);
  assert.ok(looks >= 1 && looks <= 3, String(looks));
  at.told();
  const missing = { switch: 'prod', uplink: 'uplink1', reason: 'VLANMissing', message: 'VLAN 10 does not come back' } as const;
  const down = { switch: 'prod', uplink: 'uplink2', reason: 'LinkDown', message: 'no link' } as const;
  findings = [down, missing];
  await at.clock.advance(70_000);
  assert.deepEqual(
    (await at.switchOf('rack-1'))?.findings?.map(({ reason }) => reason),
    ['VLANMissing', 'LinkDown'],
  );
  findings = [missing, down];
  await at.clock.advance(200_000);
  assert.equal(at.told().length, 1);
  await at.setSwitch('prod', prod);
  await at.until(async () => (await at.switchOf('rack-1'))?.findings === undefined);
  await at.stop();
});
