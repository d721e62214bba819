import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EffectivePort, HostSwitch, SwitchConfiguration } from '../../src/api/effective-port.ts';
import { refused, type HostBench } from './host-bench.ts';

/** A switch of the suite; its uplink is the bench's. */
export function hostSwitch(bench: HostBench, change: Partial<HostSwitch> = {}): HostSwitch {
  const uplinks = [{ name: 'uplink1', nic: bench.nic }];
  return { name: 'prod', engine: 'Default', mtu: 1500, uplinks, teaming: 'ActiveStandby', overlay: 'None', privateVlans: [], ...change };
}

/** A port of switch prod that lets all pass. */
export function hostPort(id: string, guest: string, change: Partial<EffectivePort> = {}): EffectivePort {
  return {
    id: `shop/${id}`,
    guest,
    nic: 'eth0',
    switch: 'prod',
    group: 'web',
    mac: '02:00:00:00:00:01',
    addresses: [],
    vlan: { type: 'Access', id: 10 },
    mtu: 1500,
    blocked: false,
    shaping: {},
    security: { promiscuous: false, macChanges: false, forgedTransmits: false },
    firewall: [],
    mirrors: [],
    mirrorDestination: false,
    ...change,
  };
}

const none: SwitchConfiguration = { switches: [], ports: [] };

export function switchingContract(bench: () => HostBench): void {
  describe('the switches of a host', () => {
    test('are none at first, then what was applied last', async () => {
      const { switching } = bench().a;
      assert.deepEqual(await switching.applied(), none);
      const configuration = { switches: [hostSwitch(bench())], ports: [hostPort('web.eth0', 'g1')] };
      assert.deepEqual(await switching.apply(configuration), []);
      assert.deepEqual(await switching.applied(), configuration);
      assert.deepEqual(await bench().b.switching.applied(), none);
      assert.deepEqual(await switching.apply(none), []);
      assert.deepEqual([await switching.applied(), await switching.counters()], [none, []]);
    });

    test('say what cannot be done, and do the rest', async () => {
      const { switching } = bench().a;
      const uplinks = [
        { name: 'uplink1', nic: bench().nic },
        { name: 'uplink2', nic: 'missing0' },
      ];
      const switches = [
        hostSwitch(bench(), { uplinks }),
        hostSwitch(bench(), { name: 'second' }),
        hostSwitch(bench(), { name: 'third', engine: 'Nobodys', uplinks: [] }),
        hostSwitch(bench(), { name: 'fourth', mtu: 100_000, uplinks: [] }),
      ];
      const ports = [hostPort('web.eth0', 'g1'), hostPort('web.eth1', 'g1', { switch: 'fifth', mac: '02:00:00:00:00:02' })];
      const troubles = await switching.apply({ switches, ports });
      assert.deepEqual(
        troubles.map((trouble) => [trouble.switch, trouble.reason, trouble.port]),
        [
          ['prod', 'NicMissing', undefined],
          ['second', 'NicTaken', undefined],
          ['third', 'EngineUnknown', undefined],
          ['fourth', 'MtuTooLarge', undefined],
          ['fifth', 'Failed', 'shop/web.eth1'],
        ],
      );
      assert.deepEqual(
        (await switching.counters()).map(({ id }) => id),
        ['shop/web.eth0'],
      );
    });

    test('go on counting from what is known of a port, and never go back', async () => {
      const { switching } = bench().a;
      await switching.apply({ switches: [hostSwitch(bench())], ports: [hostPort('web.eth0', 'g1')] });
      const id = 'shop/web.eth0';
      const counters = { receivedFrames: 7, receivedBytes: 700, sentFrames: 5, sentBytes: 500, droppedFrames: 1 };
      await switching.resume(id, counters);
      assert.deepEqual(await switching.counters(), [{ id, ...counters }]);
      await switching.resume(id, { ...counters, receivedFrames: 3, sentFrames: 9 });
      assert.deepEqual(await switching.counters(), [{ id, ...counters, sentFrames: 9 }]);
      await refused(switching.resume('shop/nobody.eth0', counters), 'NotFound');
    });

    test('are looked at by name', async () => {
      await bench().a.switching.apply({ switches: [hostSwitch(bench())], ports: [] });
      assert.deepEqual(await bench().during(bench().a.switching.check('prod')), []);
      await refused(bench().a.switching.check('nobody'), 'NotFound');
    });
  });
}
