import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FirewallRule } from '../../../api/effective-port.ts';
import type { Connections } from './connections.ts';
import { lets, newFirewall, type Firewall } from './firewall.ts';
import type { IpPayload, Payload } from './frame.ts';
import { rawFrame, switchBench } from './test-support.ts';

const own = '10.0.0.1';
const other = '10.0.0.2';
const deny: FirewallRule = { name: 'none', direction: 'Ingress', action: 'Deny', protocol: 'Any', ports: [], peers: [] };

function packet(change: Partial<IpPayload>): IpPayload {
  const ends = { src: own, dst: other, srcPort: 4000, dstPort: 80 };
  return { type: 'IP', ...ends, protocol: 'TCP', flags: {}, sequence: 0, acknowledged: 0, bytes: 0, ...change };
}

/** Begins a conversation of its own; the answer comes later. */
function begun(change: Partial<IpPayload> = {}): { readonly firewall: Firewall; readonly answer: Partial<IpPayload> } {
  const firewall = newFirewall([deny], new Map());
  assert.equal(lets(firewall, packet(change), 'Egress', 0), true);
  return { firewall, answer: { ...change, src: other, dst: own, srcPort: 80, dstPort: 4000 } };
}

const second = 1000;
const day = 86_400 * second;

describe('a firewall', () => {
  for (const protocol of ['TCP', 'UDP'] as const)
    test(`lets an answer of ${protocol} in, and nothing that was not asked for`, () => {
      const { answer, firewall } = begun({ protocol });
      assert.equal(lets(firewall, packet(answer), 'Ingress', second), true);
      for (const change of [
        { srcPort: 81 },
        { dstPort: 4001 },
        { src: '10.0.0.3' },
        { protocol: protocol === 'TCP' ? 'UDP' : 'TCP' } as const,
      ])
        assert.equal(lets(firewall, packet({ ...answer, ...change }), 'Ingress', second), false);
    });

  test('lets the answer to an echo in, and no echo that is asked for from there', () => {
    const { answer, firewall } = begun({ protocol: 'ICMP' });
    assert.equal(lets(firewall, packet({ ...answer, flags: { reply: true } }), 'Ingress', second), true);
    assert.equal(lets(firewall, packet(answer), 'Ingress', second), false);
  });

  test('forgets what was silent for too long: sooner what was not answered, and what is over', () => {
    const table: readonly (readonly [
      what: string,
      change: Partial<IpPayload>,
      before: readonly Partial<IpPayload>[],
      ms: number,
      passes: boolean,
    ])[] = [
      ['TCP, not answered', {}, [], 59 * second, true],
      ['TCP, not answered', {}, [], 61 * second, false],
      ['TCP, answered', {}, [{}], 4 * day, true],
      ['TCP, answered', {}, [{}], 6 * day, false],
      ['TCP, over', {}, [{}, { flags: { fin: true } }], 9 * second, true],
      ['TCP, over', {}, [{}, { flags: { fin: true } }], 11 * second, false],
      ['TCP, reset', {}, [{ flags: { rst: true } }], 11 * second, false],
      ['UDP, not answered', { protocol: 'UDP' }, [], 31 * second, false],
      ['UDP, answered', { protocol: 'UDP' }, [{}], 119 * second, true],
      ['UDP, answered', { protocol: 'UDP' }, [{}], 121 * second, false],
    ];
    for (const [what, change, before, ms, passes] of table) {
      const { answer, firewall } = begun(change);
      for (const one of before) assert.equal(lets(firewall, packet({ ...answer, ...one }), 'Ingress', 0), true, what);
      assert.equal(lets(firewall, packet(answer), 'Ingress', ms), passes, `${what} after ${String(ms)} ms`);
    }
  });

  test('tracks so many and no more: the oldest go', () => {
    const connections: Connections = new Map();
    const firewall = newFirewall([deny], connections);
    for (let i = 0; i < 65_600; i++)
      lets(firewall, packet({ src: `10.1.${String(i >> 8)}.${String(i & 255)}`, protocol: 'UDP' }), 'Egress', 0);
    assert.equal(connections.size, 65_536);
    const answer = (i: number): IpPayload =>
      packet({ src: other, dst: `10.1.${String(i >> 8)}.${String(i & 255)}`, srcPort: 80, dstPort: 4000, protocol: 'UDP' });
    assert.deepEqual([lets(firewall, answer(0), 'Ingress', 0), lets(firewall, answer(65_599), 'Ingress', 0)], [false, true]);
  });

  test('looks at protocol, port and peer, in order, and denies what no rule matches', () => {
    const rules: FirewallRule[] = [
      { ...deny, action: 'Deny', protocol: 'TCP', ports: [[22, 22]], peers: ['10.0.0.2'] },
      {
        ...deny,
        action: 'Allow',
        protocol: 'TCP',
        ports: [
          [20, 25],
          [80, 80],
        ],
        peers: ['10.0.0.0/24', 'fd00::/64'],
      },
    ];
    const table: readonly (readonly [Partial<IpPayload>, boolean])[] = [
      [{ src: '10.0.0.2', dstPort: 22 }, false],
      [{ src: '10.0.0.3', dstPort: 22 }, true],
      [{ src: '10.0.0.3', dstPort: 80 }, true],
      [{ src: '10.0.0.3', dstPort: 81 }, false],
      [{ src: '10.0.1.3', dstPort: 80 }, false],
      [{ src: '10.0.0.3', dstPort: 80, protocol: 'UDP' }, false],
      [{ src: 'fd00::5', dst: 'fd00::1', dstPort: 80 }, true],
      [{ src: 'fd00:0:0:1::5', dst: 'fd00::1', dstPort: 80 }, false],
      [{ src: 'nobody', dstPort: 80 }, false],
    ];
    for (const [change, passes] of table)
      assert.equal(lets(newFirewall(rules, new Map()), packet({ dst: own, ...change }), 'Ingress', 0), passes, JSON.stringify(change));
    const arp: Payload = { type: 'ARP', operation: 'Request', senderMac: '', senderAddress: other, targetAddress: own };
    assert.equal(lets(newFirewall(rules, new Map()), arp, 'Ingress', 0), true);
  });

  test('stops what its guest must not send', async () => {
    const bench = await switchBench();
    const firewall = [{ ...deny, direction: 'Egress', action: 'Deny' } as const];
    const [web, peer] = [await bench.vm('a', 'web', { firewall }), await bench.vm('b', 'peer')];
    peer.heard.length = 0;
    web.say(peer);
    await bench.settle();
    assert.equal(peer.heard.length, 0);
    peer.say(web, { srcPort: 1, dstPort: 2 });
    await bench.settle();
    web.say(peer, { srcPort: 2, dstPort: 1 });
    web.nic().send(rawFrame(web.mac, peer.mac, 'no IP'));
    await bench.settle();
    assert.deepEqual(
      peer.heard.map(({ payload }) => payload.type),
      ['IP', 'Raw'],
    );
  });
});
