// What a port counts never goes back: over a move, a stop, and the loss of its host.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { Namespace } from '../../../src/meta/core.ts';
import { rawFrame } from '../../../src/sim/world/network/frame.ts';
import { startOperator } from '../fleet/fleet.ts';
import { endOf, hostOf, makeMove } from '../fleet/moves.ts';
import { startNetworks, type NetworkFleet } from './networks.ts';

const nics = { networks: [{ name: 'eth0', portGroup: 'web' }] };

let fleet: NetworkFleet;
before(async () => {
  fleet = await startNetworks(3);
  for (const name of ['web', 'peer']) await fleet.makeVm(name, nics);
  await fleet.untilReady('web', 'peer');
});
after(() => fleet.stop());

const macOf = async (name: string): Promise<string> => (await fleet.vm(name)).status.networks?.[0]?.macAddress ?? assert.fail();
const send = async (frames: number): Promise<void> => {
  const [from, to] = [await macOf('web'), await macOf('peer')];
  const nic = fleet.world().nic({ namespace: 'shop', name: 'web' }, 'eth0') ?? assert.fail('web has no NIC');
  for (let i = 0; i < frames; i++) nic.send(rawFrame(from, to, 'hello'));
  await fleet.clock.advance(1_000);
};
const sent = async (): Promise<number> => (await fleet.port('web.eth0'))?.status.counters?.sentFrames ?? 0;
const from = async (): Promise<number> => (await fleet.instance('web')).spec.networks?.[0]?.counters?.sentFrames ?? 0;

describe('counters of a port', () => {
  test('are said of it when its guest has moved', async () => {
    await send(50);
    // Hosts report once a minute.
    await fleet.clock.advance(130_000);
    await makeMove(fleet, 'away');
    assert.equal(await endOf(fleet, 'away'), 'Complete=True Succeeded');
    await fleet.until(async () => (await sent()) >= 50);
    assert.notEqual((await fleet.port('web.eth0'))?.status.countedAt, undefined);
  });

  test('go on in the next life, wherever that is', async () => {
    await send(20);
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.untilSays('web', 'Ready=True PoweredOff');
    await fleet.until(async () => (await sent()) >= 70);
    const before = await sent();
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.untilSays('web', 'Ready=True Running');
    assert.equal(await from(), before);
    await send(5);
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.untilSays('web', 'Ready=True PoweredOff');
    await fleet.until(async () => (await sent()) >= before + 5);
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.untilSays('web', 'Ready=True Running');
  });

  test('go on though no operator saw how the last life ended (rule 4)', async () => {
    const before = await sent();
    await send(40);
    const { metadata, spec } = await fleet.instance('web');
    fleet.operator.hold();
    await fleet.during(fleet.person.delete(VirtualMachineInstance, metadata));
    await fleet.until(async () => (await fleet.instances('web')).length === 0);
    assert.ok((await sent()) >= before + 40, 'it stands on the port before the instance goes');
    startOperator(fleet, 'second');
    await fleet.until(() => Promise.resolve(fleet.running('web').length === 1), 120_000);
    const { nodeName } = (await fleet.instance('web')).spec;
    const counted = await fleet.during(fleet.world().hostPort(nodeName).switching.counters());
    const counts = counted.find(({ id }) => id === 'shop/web.eth0')?.sentFrames ?? 0;
    assert.ok(counts >= before + 40, `${String(counts)} on ${nodeName}, where ${String(before + 40)} were counted on ${spec.nodeName}`);
    await fleet.untilReady('web');
  });

  test('where the host is lost are those of its last report', async () => {
    await send(30);
    await fleet.clock.advance(130_000);
    const before = await sent();
    await fleet.makeFault('dark', { type: 'PowerLoss', nodeName: await hostOf(fleet), duration: '5m' });
    await fleet.until(async () => (await sent()) >= before + 30);
  });

  test('a namespace that is deleted takes its ports along, and frees what they have', async () => {
    await fleet.clock.advance(400_000);
    await fleet.during(fleet.person.delete(Namespace, { name: 'shop' }));
    await fleet.until(async () => (await fleet.during(fleet.person.get(Namespace, { name: 'shop' }))) === undefined, 600_000);
    assert.equal((await fleet.ports()).length, 0);
    assert.ok((await fleet.claims()).every(({ spec }) => spec.freedAt !== undefined));
    await fleet.clock.advance(700_000);
    assert.equal((await fleet.claims()).length, 0);
  });
});
