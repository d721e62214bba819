import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EffectivePort } from '../../../api/effective-port.ts';
import { addressRequest, forAll, ipFrame, rawFrame, switchBench, type SwitchBench, type Talker } from './test-support.ts';
import type { Frame } from './frame.ts';

/** What stands at one end of a pair. */
type Kind =
  | 'VLAN 10'
  | 'VLAN 20'
  | 'trunk 10-19'
  | 'trunk 20-29'
  | 'promiscuous'
  | 'community 101'
  | 'community 103'
  | 'isolated'
  | 'firewall allows'
  | 'firewall denies'
  | 'spoofs its MAC'
  | 'spoofs its address';

const private_ = (secondary: number, kind: 'Promiscuous' | 'Community' | 'Isolated'): Partial<EffectivePort> => ({
  vlan: { type: 'Private', primary: 100, secondary, kind },
});

const rule = { name: 'one', direction: 'Ingress', protocol: 'UDP', ports: [[5000, 5000]], peers: [] } as const;

const kinds: Readonly<Record<Kind, Partial<EffectivePort>>> = {
  'VLAN 10': {},
  'VLAN 20': { vlan: { type: 'Access', id: 20 } },
  'trunk 10-19': { vlan: { type: 'Trunk', ids: [[10, 19]] } },
  'trunk 20-29': { vlan: { type: 'Trunk', ids: [[20, 29]] } },
  promiscuous: private_(100, 'Promiscuous'),
  'community 101': private_(101, 'Community'),
  'community 103': private_(103, 'Community'),
  isolated: private_(102, 'Isolated'),
  'firewall allows': { firewall: [{ ...rule, action: 'Allow' }] },
  'firewall denies': { firewall: [{ ...rule, action: 'Deny' }] },
  'spoofs its MAC': {},
  'spoofs its address': {},
};

const names = Object.keys(kinds) as Kind[];

/** The VLANs in which what this end sends travels; a trunk's guest sends in the first two of its own. */
const sendsIn: Readonly<Record<Kind, readonly number[]>> = {
  'VLAN 10': [10],
  'VLAN 20': [20],
  'trunk 10-19': [10, 11],
  'trunk 20-29': [20, 21],
  promiscuous: [100],
  'community 101': [101],
  'community 103': [103],
  isolated: [102],
  'firewall allows': [10],
  'firewall denies': [10],
  'spoofs its MAC': [],
  'spoofs its address': [],
};

/** The VLANs out of which this end is given frames, as IEEE 802.1Q and RFC 5517 have it. */
const hears: Readonly<Record<Kind, (vlan: number) => boolean>> = {
  'VLAN 10': (vlan) => vlan === 10,
  'VLAN 20': (vlan) => vlan === 20,
  'trunk 10-19': (vlan) => vlan >= 10 && vlan <= 19,
  'trunk 20-29': (vlan) => vlan >= 20 && vlan <= 29,
  promiscuous: (vlan) => vlan >= 100 && vlan <= 103,
  'community 101': (vlan) => vlan === 100 || vlan === 101,
  'community 103': (vlan) => vlan === 100 || vlan === 103,
  isolated: (vlan) => vlan === 100,
  'firewall allows': (vlan) => vlan === 10,
  'firewall denies': (vlan) => vlan === 10,
  'spoofs its MAC': (vlan) => vlan === 10,
  'spoofs its address': (vlan) => vlan === 10,
};

/** Of what travels to it: the firewall stops UDP to port 5000, and all that no rule allows. */
const lets: Partial<Readonly<Record<Kind, readonly string[]>>> = {
  'firewall allows': ['ARP', 'UDP 5000'],
  'firewall denies': ['ARP'],
};

const all = ['ARP', 'UDP 5000', 'UDP 6000'];

function expected(from: Kind, to: Kind): string[] {
  const vlans = sendsIn[from].filter(hears[to]);
  return vlans.flatMap((vlan) => (lets[to] ?? all).map((what) => `${what} in ${String(vlan)}`)).sort();
}

function says(from: Kind, one: Talker, two: Talker): Frame[] {
  const mac = from === 'spoofs its MAC' ? '02:00:00:00:00:99' : one.mac;
  const address = from === 'spoofs its address' ? '10.0.0.99' : one.address;
  const packet = (port: number): Frame =>
    ipFrame(mac, two.mac, { src: address, dst: two.address, protocol: 'UDP', srcPort: 1, dstPort: port });
  const frames = [{ ...addressRequest(mac, address, two.address), dst: two.mac }, packet(5000), packet(6000)];
  const trunk = from.startsWith('trunk');
  // An end without VLANs of its own is given no tags, and one with them must tag: both are tried wrongly too.
  const wrong = trunk ? frames : frames.map((frame) => ({ ...frame, tags: [10] }));
  const right = trunk ? sendsIn[from].flatMap((vlan) => frames.map((frame) => ({ ...frame, tags: [vlan] }))) : frames;
  const outside = trunk ? frames.flatMap((frame) => [5, 30, 100].map((vlan) => ({ ...frame, tags: [vlan] }))) : [];
  return [...wrong, ...outside, ...right];
}

async function meet(bench: SwitchBench, from: Kind, to: Kind, hosts: readonly [string, string]): Promise<string[]> {
  const [one, two] = [await bench.vm(hosts[0], 'one', kinds[from]), await bench.vm(hosts[1], 'two', kinds[to])];
  await bench.vm(hosts[1], 'bystander', { vlan: { type: 'Access', id: 50 } });
  two.heard.length = 0;
  const sent = says(from, one, two);
  for (const frame of sent) one.nic().send(frame);
  await bench.settle();
  return two.heard.flatMap(({ payload, tags }) => heardAs(payload, tags, from)).sort();
}

/** A trunk sees in which VLAN it came; for others it is the one in which it was sent. */
function heardAs(payload: Frame['payload'], tags: readonly number[], from: Kind): string[] {
  const vlan = String(tags[0] ?? sendsIn[from][0] ?? 0);
  if (payload.type === 'IP') return [`UDP ${String(payload.dstPort)} in ${vlan}`];
  return payload.type === 'ARP' && payload.operation === 'Request' ? [`ARP in ${vlan}`] : [];
}

for (const [where, hosts, overlay] of [
  ['on one host', ['a', 'a'], 'None'],
  ['on two hosts', ['a', 'b'], 'None'],
  ['on two hosts with an overlay', ['a', 'b'], 'Geneve'],
] as const)
  describe(`who hears whom ${where}`, () => {
    for (const from of names)
      test(`from ${from}`, async () => {
        for (const to of names) {
          const bench = await switchBench({ change: { overlay } });
          assert.deepEqual(await meet(bench, from, to, hosts), expected(from, to), `to ${to}`);
        }
      });
  });

describe('a guest', () => {
  test('hears nothing that is for others, unless its port is promiscuous', async () => {
    const bench = await switchBench();
    const security = { promiscuous: true, macChanges: false, forgedTransmits: false };
    const [one, two] = [await bench.vm('a', 'one'), await bench.vm('b', 'two')];
    const [plain, nosy, elsewhere] = [
      await bench.vm('b', 'plain'),
      await bench.vm('b', 'nosy', { security }),
      await bench.vm('b', 'elsewhere', { security, vlan: { type: 'Access', id: 20 } }),
    ];
    one.nic().send(rawFrame(one.mac, two.mac, 'secret'));
    two.nic().send(rawFrame(two.mac, one.mac, 'answer'));
    await bench.settle();
    assert.deepEqual([two.texts(), plain.texts(), nosy.texts(), elsewhere.texts()], [['secret'], [], ['secret', 'answer'], []]);
  });

  test('may send as another where forged transmits are allowed, and receive so where MAC changes are', async () => {
    for (const [forgedTransmits, macChanges, heard] of [
      [false, false, [[], []]],
      [true, false, [['as another'], []]],
      [true, true, [['as another'], ['to another']]],
    ] as const) {
      const bench = await switchBench();
      const security = { promiscuous: false, macChanges, forgedTransmits };
      const [one, two] = [await bench.vm('a', 'one', { security }), await bench.vm('b', 'two')];
      const other = '02:00:00:00:00:77';
      one.nic().setMac(other);
      one.nic().send(rawFrame(other, two.mac, 'as another'));
      two.nic().send(rawFrame(two.mac, other, 'to another'));
      await bench.settle();
      assert.deepEqual([two.texts(), one.texts()], heard);
    }
  });

  test('does not hop into another VLAN by tagging twice', async () => {
    const bench = await switchBench();
    const untagged = await bench.vm('a', 'untagged', { vlan: { type: 'Access', id: 0 } });
    const trunk = await bench.vm('a', 'trunk', { vlan: { type: 'Trunk', ids: [[0, 10]] } });
    const victim = await bench.vm('b', 'victim', { vlan: { type: 'Access', id: 20 } });
    const router = bench.outsider();
    untagged.nic().send({ ...rawFrame(untagged.mac, victim.mac, 'hop'), tags: [20] });
    trunk.nic().send({ ...rawFrame(trunk.mac, victim.mac, 'hop'), tags: [0, 20] });
    trunk.nic().send({ ...rawFrame(trunk.mac, victim.mac, 'hop'), tags: [10, 20] });
    await bench.settle();
    assert.deepEqual(victim.texts(), []);
    assert.deepEqual(
      router.heard.filter(({ frame }) => frame.payload.type === 'Raw').map(({ frame, vlan }) => [vlan, ...frame.tags]),
      [[10, 20]],
    );
  });

  test('does not speak for its host, whatever it may forge', async () => {
    const bench = await switchBench({ change: { overlay: 'Geneve' } });
    const plain = await switchBench();
    const security = { promiscuous: false, macChanges: true, forgedTransmits: true };
    for (const at of [bench, plain]) {
      const one = await at.vm('a', 'one', { security, vlan: { type: 'Access', id: 0 } });
      const victim = await at.vm('b', 'victim', { vlan: { type: 'Access', id: 20 } });
      const inner = rawFrame(one.mac, victim.mac, 'hop');
      const tunnel = { type: 'Tunnel', kind: 'Geneve', switch: 'prod', vlan: 20, inner } as const;
      one.nic().send({ ...rawFrame(one.mac, '01:00:5e:00:00:01', '', 200), payload: tunnel });
      await at.settle();
      assert.deepEqual(victim.texts(), []);
      const [own] = (await at.world.hostPort('a').switching.counters()).filter(({ id }) => id === 'shop/one.eth0');
      assert.equal(own?.droppedFrames, 1);
    }
  });

  test('claims no address that is not its own, by ARP, NDP or RARP', async () => {
    const bench = await switchBench();
    const addresses = ['10.0.0.1', 'fd00::1'];
    const [one, two] = [await bench.vm('a', 'one', { addresses }), await bench.vm('b', 'two')];
    two.heard.length = 0;
    const claim = (senderAddress: string, targetAddress: string, mac = one.mac): void => {
      one.nic().send({ ...addressRequest(mac, senderAddress, targetAddress), src: one.mac });
    };
    claim('10.0.0.254', '10.0.0.2');
    claim('10.0.0.254', '10.0.0.254');
    claim('10.0.0.1', '10.0.0.2', two.mac);
    claim('fd00::fe', 'fd00::fe');
    claim('fd00::fe', 'fd00::2');
    const lie = {
      type: 'NDP',
      operation: 'Advertisement',
      senderMac: one.mac,
      senderAddress: 'fd00::1',
      targetAddress: 'fd00::fe',
    } as const;
    one.nic().send({ ...rawFrame(one.mac, two.mac, ''), payload: lie });
    one.nic().send({ ...rawFrame(one.mac, forAll, ''), payload: { type: 'RARP', mac: two.mac } });
    await bench.settle();
    assert.deepEqual(two.heard, []);
    for (const [sender, target] of [
      ['10.0.0.1', '10.0.0.2'],
      ['0.0.0.0', '10.0.0.1'],
      ['fd00:0:0::1', 'fd00::2'],
      ['fe80::ff:fe00:1', 'fd00::2'],
      ['::', 'fd00::1'],
    ] as const)
      claim(sender, target);
    await bench.settle();
    assert.equal(two.heard.length, 5);
  });

  test('hears and says nothing while its port is blocked', async () => {
    const bench = await switchBench();
    const [one, two] = [await bench.vm('a', 'one'), await bench.vm('a', 'two')];
    await bench.changePort('one', { blocked: true });
    one.nic().send(rawFrame(one.mac, two.mac, 'out'));
    two.nic().send(rawFrame(two.mac, one.mac, 'in'));
    two.nic().send(rawFrame(two.mac, forAll, 'in'));
    await bench.settle();
    assert.deepEqual([one.texts(), two.texts()], [[], []]);
    await bench.changePort('one', { blocked: false });
    one.nic().send(rawFrame(one.mac, two.mac, 'out'));
    await bench.settle();
    assert.deepEqual(two.texts(), ['out']);
  });

  test('in an access VLAN that is private is isolated as the VLAN is', async () => {
    const bench = await switchBench();
    const vlan = { type: 'Access', id: 102 } as const;
    const [one, two] = [await bench.vm('a', 'one', { vlan }), await bench.vm('a', 'two', private_(102, 'Isolated'))];
    const router = await bench.vm('b', 'router', private_(100, 'Promiscuous'));
    for (const from of [one, two]) from.nic().send(rawFrame(from.mac, forAll, from.name));
    await bench.settle();
    assert.deepEqual([one.texts(), two.texts(), router.texts()], [[], [], ['one', 'two']]);
  });
});
