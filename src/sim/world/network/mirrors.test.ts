import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EffectivePort } from '../../../api/effective-port.ts';
import type { FlowRecord } from './flow-export.ts';
import { rawFrame, switchBench, type SwitchBench, type Talker } from './test-support.ts';

const to = 'shop/ids.eth0';

async function copies(
  bench: SwitchBench,
  hosts: readonly [string, string, string],
  direction: 'Ingress' | 'Egress' | 'Both',
  change: Partial<EffectivePort> = {},
): Promise<Talker> {
  const ids = await bench.vm(hosts[0], 'ids', { mirrorDestination: true, vlan: { type: 'Access', id: 66 } });
  const web = await bench.vm(hosts[1], 'web', { mirrors: [{ name: 'watch', direction, to }], ...change });
  const peer = await bench.vm(hosts[2], 'peer');
  ids.heard.length = 0;
  web.nic().send(rawFrame(web.mac, peer.mac, 'out'));
  peer.nic().send(rawFrame(peer.mac, web.mac, 'in'));
  await bench.settle();
  return ids;
}

describe('a mirror session', () => {
  for (const [where, hosts] of [
    ['on one host', ['a', 'a', 'a']],
    ['from another host', ['b', 'a', 'c']],
  ] as const)
    for (const overlay of ['None', 'Geneve'] as const)
      test(`copies what passes its port, in its direction, with the VLAN (${where}, overlay ${overlay})`, async () => {
        for (const [direction, texts] of [
          ['Egress', ['out']],
          ['Ingress', ['in']],
          ['Both', ['out', 'in']],
        ] as const) {
          const ids = await copies(await switchBench({ hosts: ['a', 'b', 'c'], change: { overlay } }), hosts, direction);
          assert.deepEqual(ids.texts(), texts);
          assert.ok(ids.heard.every(({ tags }) => tags[0] === 10));
        }
      });

  test('copies nothing that its port refused', async () => {
    const bench = await switchBench({ hosts: ['a', 'b', 'c'] });
    const ids = await copies(bench, ['b', 'a', 'c'], 'Both', { mtu: 40 });
    assert.deepEqual(ids.texts(), []);
  });

  test('cuts a copy to what the switch carries', async () => {
    const bench = await switchBench({ hosts: ['a', 'b', 'c'] });
    const ids = await copies(bench, ['b', 'a', 'c'], 'Both');
    const [web, peer] = [bench.portOf('web'), bench.portOf('peer')];
    bench.world.nic({ namespace: 'shop', name: 'web' }, 'eth0')?.send(rawFrame(web.mac, peer.mac, 'large', 1500));
    await bench.settle();
    assert.equal(ids.texts().at(-1), 'large');
  });

  test('sends copies to where the port is that takes them, once it is known', async () => {
    const bench = await switchBench({ hosts: ['a', 'b', 'c'] });
    const router = bench.outsider();
    await copies(bench, ['b', 'a', 'c'], 'Both');
    const toAll = router.heard.filter(({ frame }) => frame.payload.type === 'Mirror');
    assert.deepEqual(toAll, []);
  });

  test('is not taken by a port that does not say that it takes copies', async () => {
    const bench = await switchBench();
    const ids = await bench.vm('a', 'ids');
    const mirrors = [{ name: 'watch', direction: 'Both', to }] as const;
    const [web, peer] = [await bench.vm('a', 'web', { mirrors }), await bench.vm('b', 'peer', { mirrors })];
    web.nic().send(rawFrame(web.mac, peer.mac, 'out'));
    await bench.settle();
    assert.deepEqual(ids.texts(), []);
  });

  test('ends at a port that sends nothing, and is for nobody else', async () => {
    const bench = await switchBench();
    const web = await bench.vm('a', 'web');
    const ids = await bench.vm('a', 'ids', { mirrorDestination: true });
    ids.nic().send(rawFrame(ids.mac, web.mac, 'out'));
    web.nic().send(rawFrame(web.mac, ids.mac, 'in'));
    web.nic().send(rawFrame(web.mac, 'ff:ff:ff:ff:ff:ff', 'in'));
    await bench.settle();
    assert.deepEqual([web.texts(), ids.texts()], [[], []]);
  });
});

test('flow export tells the collector of one frame in so many', async () => {
  const bench = await switchBench();
  const collector = bench.outsider({ name: 'collector', addresses: ['192.0.2.10'], untagged: 0 });
  const flowExport = { collector: '192.0.2.10:4739', sampling: 10 };
  const [web, peer] = [await bench.vm('a', 'web', { flowExport }), await bench.vm('b', 'peer')];
  for (let i = 0; i < 25; i++) web.say(peer, { srcPort: 1234, dstPort: 80, bytes: 100 });
  await bench.settle();
  const records = collector.heard.flatMap(({ frame: { payload }, vlan }) =>
    vlan === 0 && payload.type === 'IP' && payload.dst === '192.0.2.10' ? [payload.data as FlowRecord] : [],
  );
  const flow = { src: web.address, dst: peer.address, protocol: 'UDP', srcPort: 1234, dstPort: 80 };
  const record: FlowRecord = { port: 'shop/web.eth0', direction: 'Egress', flow: { ...flow, protocol: 'UDP' }, bytes: 128, sampling: 10 };
  assert.deepEqual(records, [record, record]);
});
