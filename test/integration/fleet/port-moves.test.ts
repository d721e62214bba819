import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EffectivePort, PortCounters } from '../../../src/api/effective-port.ts';
import { SwitchPort } from '../../../src/api/switch-port.ts';
import { addressRequest } from '../../../src/sim/world/network/frame.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { eventsOf, deleteMove, endOf, hostOf, makeMove, otherThan, slow, untilPhase, untilTidy, type MoveSpec } from './moves.ts';

const id = 'shop/web.eth0';

async function running(): Promise<Fleet> {
  const fleet = await startFleet(2);
  const policy = { shaping: { egress: { average: '10M' } }, security: { promiscuous: true } };
  await fleet.makeVm('web', { networks: [{ name: 'eth0', portGroup: 'web', policy }] });
  await fleet.untilReady('web');
  await fleet.clock.advance(10_000);
  return fleet;
}

/** The guest asks for somebody's address. */
async function say(fleet: Fleet, times: number): Promise<void> {
  const nic = fleet.world().nic({ namespace: 'shop', name: 'web' }, 'eth0') ?? assert.fail('it has no NIC');
  for (let count = 0; count < times; count++) nic.send(addressRequest(nic.mac(), nic.addresses()[0] ?? '', '10.0.10.1'));
  await fleet.clock.advance(100);
}

/** The port as its host has it, whichever guest it is for. */
async function portOn(fleet: Fleet, host: string): Promise<EffectivePort | undefined> {
  const { ports } = await fleet.during(fleet.world().hostPort(host).switching.applied());
  const found = ports.find((port) => port.id === id);
  return found === undefined ? undefined : { ...found, guest: 'any' };
}

async function countersOn(fleet: Fleet, host: string): Promise<PortCounters | undefined> {
  return (await fleet.during(fleet.world().hostPort(host).switching.counters())).find((one) => one.id === id);
}

async function identity(fleet: Fleet): Promise<unknown> {
  const port = await fleet.during(fleet.person.get(SwitchPort, { namespace: 'shop', name: 'web.eth0' }));
  return [port?.metadata.uid, port?.spec, (await fleet.vm('web')).status.networks];
}

describe('a port whose VM moves (rule 4)', () => {
  for (const mode of ['PreCopy', 'PostCopy'] as const)
    test(`is what it was, and counts on: ${mode}`, async () => {
      const fleet = await running();
      const from = await hostOf(fleet);
      await say(fleet, 7);
      const before = [await identity(fleet), await portOn(fleet, from)];
      const counted = (await countersOn(fleet, from))?.sentFrames ?? 0;
      assert.ok(counted >= 7);
      await makeMove(fleet, 'go', { mode });
      assert.equal(await endOf(fleet, 'go'), 'Complete=True Succeeded');
      await untilTidy(fleet);
      const to = await hostOf(fleet);
      assert.notEqual(to, from);
      assert.deepEqual([await identity(fleet), await portOn(fleet, to)], before);
      await say(fleet, 1);
      assert.ok(((await countersOn(fleet, to))?.sentFrames ?? 0) > counted);
      await fleet.until(async () => (await portOn(fleet, from)) === undefined);
      await fleet.stop();
    });

  for (const [how, spec, end] of [
    ['cancelled', slow, undefined],
    ['failed', { bandwidth: '1M', mode: 'PreCopy', timeout: '20s' }, 'Failed=True'],
  ] as const satisfies readonly (readonly [string, MoveSpec, string | undefined])[])
    test(`is where it was when the move is ${how}, and counts on there`, async () => {
      const fleet = await running();
      const from = await hostOf(fleet);
      const other = await otherThan(fleet, from);
      await say(fleet, 7);
      const before = [await identity(fleet), await portOn(fleet, from)];
      const counted = (await countersOn(fleet, from))?.sentFrames ?? 0;
      await makeMove(fleet, 'go', spec);
      await untilPhase(fleet, 'go', 'Transferring');
      assert.deepEqual(await portOn(fleet, other), before[1], 'what is prepared for has its port');
      if (end === undefined) await deleteMove(fleet, 'go');
      else assert.ok((await endOf(fleet, 'go')).startsWith(end));
      await untilTidy(fleet);
      assert.equal(await hostOf(fleet), from);
      assert.ok((await eventsOf(fleet)).includes(`VirtualMachine Migration${end === undefined ? 'Cancelled' : 'Failed'}`));
      assert.deepEqual([await identity(fleet), await portOn(fleet, from)], before);
      await say(fleet, 1);
      assert.equal((await countersOn(fleet, from))?.sentFrames, counted + 1);
      await fleet.until(async () => (await portOn(fleet, other)) === undefined);
      await fleet.stop();
    });
});
