import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EffectivePort, HostSwitch, PortCounters, SwitchConfiguration } from '../../src/api/effective-port.ts';
import type { HostPort } from '../../src/ports/host-port.ts';
import { beating, guestOf, refused, started, tokenFor, type HostBench } from './host-bench.ts';

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

    framesContract(bench);
    followingContract(bench);

    test('are looked at by name', async () => {
      await bench().a.switching.apply({ switches: [hostSwitch(bench())], ports: [] });
      assert.deepEqual(await bench().during(bench().a.switching.check('prod')), []);
      await refused(bench().a.switching.check('nobody'), 'NotFound');
    });
  });
}

const one = { id: 'g1', mac: '02:00:00:00:00:01', address: '10.9.0.1' } as const;
const two = { id: 'g2', mac: '02:00:00:00:00:02', address: '10.9.0.2' } as const;

type Change = Partial<EffectivePort>;

function portOf({ address, id, mac }: typeof one | typeof two, change: Change = {}): EffectivePort {
  return hostPort(`${id}.eth0`, id, { mac, addresses: [address], ...change });
}

/** VM g1 on host a, and g2 on the same or on b, once they beat. */
async function pair(
  bench: HostBench,
  far: boolean,
  overlay: HostSwitch['overlay'] = 'None',
): Promise<(first: Change, second: Change) => Promise<void>> {
  for (const { id } of [one, two]) await started(bench, id);
  await beating(bench, 'g1');
  await beating(bench, 'g2');
  if (far) await moved(bench, two.id);
  const switches = [hostSwitch(bench, { overlay, privateVlans: [{ primary: 100, secondary: 102, type: 'Isolated' }] })];
  return async (first, second) => {
    const [here, there] = [portOf(one, first), portOf(two, { ...second, ...(far ? { guest: 'g2-moved' } : {}) })];
    await bench.a.switching.apply({ switches, ports: far ? [here] : [here, there] });
    await bench.b.switching.apply({ switches, ports: far ? [there] : [] });
  };
}

/** Moves what runs of a VM from a to b, where it is guest `<vm>-moved`. */
async function moved(bench: HostBench, vm: string, whenPrepared: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  const source = await guestOf(bench.a, vm);
  assert.ok(source !== undefined);
  const target = { ...source.spec, id: `${vm}-moved` };
  const endpoint = await bench.during(bench.b.moves.prepare(target));
  await whenPrepared();
  const progress = bench.a.moves.send(vm, endpoint, { mode: 'PreCopy', switchOver: () => Promise.resolve(tokenFor(target)) });
  const stages: string[] = [];
  const follow = async (): Promise<void> => {
    for await (const { stage } of progress) stages.push(stage);
  };
  await bench.during(follow());
  assert.equal(stages.at(-1), 'Done');
}

function framesContract(bench: () => HostBench): void {
  const isolated = { vlan: { type: 'Private', primary: 100, secondary: 102, kind: 'Isolated' } } as const;
  const promiscuous = { vlan: { type: 'Private', primary: 100, secondary: 100, kind: 'Promiscuous' } } as const;
  const rule = { name: 'echo', direction: 'Ingress', protocol: 'ICMP', ports: [], peers: [] } as const;
  const table: readonly (readonly [what: string, first: Change, second: Change, reaches: boolean])[] = [
    ['in one VLAN', {}, {}, true],
    ['in two VLANs', {}, { vlan: { type: 'Access', id: 20 } }, false],
    ['with a port that is blocked', {}, { blocked: true }, false],
    ['with a firewall that allows it', {}, { firewall: [{ ...rule, action: 'Allow' }] }, true],
    ['with a firewall that denies it', {}, { firewall: [{ ...rule, action: 'Deny' }] }, false],
    ['with a firewall that lets nothing begin', { firewall: [{ ...rule, action: 'Deny' }] }, {}, true],
    ['isolated', isolated, isolated, false],
    ['isolated and promiscuous', isolated, promiscuous, true],
    ['with an address that is not its own', { addresses: ['10.9.0.7'] }, {}, false],
  ];
  for (const far of [false, true])
    test(`let pass what they should, and nothing else (${far ? 'two hosts' : 'one host'})`, async () => {
      const apply = await pair(bench(), far);
      for (const [what, first, second, reaches] of table) {
        await apply(first, second);
        assert.equal(await bench().reaches(one.id, two.address), reaches, what);
      }
    });

  test('carry guests of two hosts through an overlay', async () => {
    const apply = await pair(bench(), true, 'Geneve');
    await apply({}, {});
    assert.equal(await bench().reaches(one.id, two.address), true);
    await apply({}, { vlan: { type: 'Access', id: 20 } });
    assert.equal(await bench().reaches(one.id, two.address), false);
  });

  test('count what passes', async () => {
    const apply = await pair(bench(), false);
    await apply({}, {});
    const before = await counted(bench().a, one.id);
    await bench().reaches(one.id, two.address);
    const after = await counted(bench().a, one.id);
    for (const field of ['sentFrames', 'sentBytes', 'receivedFrames', 'receivedBytes'] as const)
      assert.ok(after[field] > before[field], field);
  });
}

async function counted({ switching }: HostPort, vm: string): Promise<PortCounters> {
  const found = (await switching.counters()).find(({ id }) => id === `shop/${vm}.eth0`);
  assert.ok(found !== undefined, `port of ${vm}`);
  return found;
}

function followingContract(bench: () => HostBench): void {
  test('let a port go along with its guest: what it counted, and what it lets pass', async () => {
    const apply = await pair(bench(), false);
    const deny = { name: 'none', direction: 'Ingress', action: 'Deny', protocol: 'Any', ports: [], peers: [] } as const;
    await apply({ firewall: [deny] }, {});
    assert.equal(await bench().reaches(one.id, two.address), true);
    const switches = (await bench().a.switching.applied()).switches;
    const port = portOf(one, { firewall: [deny], guest: 'g1-moved' });
    const before = await counted(bench().a, one.id);
    await moved(bench(), one.id, async () => {
      await bench().b.switching.apply({ switches, ports: [port] });
      assert.deepEqual(await bench().b.switching.counters(), []);
    });
    assert.deepEqual(
      (await bench().a.switching.counters()).map(({ id }) => id),
      ['shop/g2.eth0'],
    );
    const after = await counted(bench().b, one.id);
    assert.ok(after.sentFrames >= before.sentFrames && after.receivedBytes >= before.receivedBytes);
    assert.equal(await bench().reaches(one.id, two.address), true);
    assert.equal(await bench().reaches(two.id, one.address), false);
  });
}
