import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { forAll, prod, rawFrame, switchBench, type SwitchBench, type SwitchBenchOptions, type Talker } from './test-support.ts';
import { agingMs } from './fabric.ts';

interface Pair {
  readonly bench: SwitchBench;
  readonly one: Talker;
  readonly two: Talker;
  /** Whether a frame of that length gets from one to the other and back. */
  talks(length?: number): Promise<boolean>;
}

async function pair(options: SwitchBenchOptions = {}): Promise<Pair> {
  const bench = await switchBench(options);
  const mtu = options.change?.mtu ?? 1500;
  const [one, two] = [await bench.vm('a', 'one', { mtu }), await bench.vm('b', 'two', { mtu })];
  let number = 0;
  return {
    bench,
    one,
    two,
    talks: async (length = 46) => {
      const text = String(++number);
      one.nic().send(rawFrame(one.mac, two.mac, text, length));
      two.nic().send(rawFrame(two.mac, one.mac, text, length));
      await bench.settle();
      const heard = [one, two].map((of) => of.texts().filter((other) => other === text).length);
      assert.ok(
        heard.every((count) => count <= 1),
        'a frame came twice',
      );
      return heard.every((count) => count === 1);
    },
  };
}

const teamings = ['ActiveStandby', 'SourceMAC', 'LACP'] as const;

describe('the uplinks of a switch', () => {
  for (const teaming of teamings)
    test(`${teaming}: carry each frame once, by whichever are left`, async () => {
      const { bench, one, talks, two } = await pair({ change: { teaming } });
      assert.equal(await talks(), true);
      const first = await bench.world.inject({ type: 'LinkDown', host: 'a', nic: 'eth1' });
      assert.equal(await talks(), true);
      const second = await bench.world.inject({ type: 'LinkDown', host: 'a', nic: 'eth2' });
      assert.equal(await talks(), false);
      await first();
      assert.equal(await talks(), true);
      await second();
      assert.equal(await talks(), true);
      one.nic().send(rawFrame(one.mac, forAll, 'all'));
      await bench.settle();
      assert.deepEqual(
        [one, two].map((of) => of.texts().filter((text) => text === 'all').length),
        [0, 1],
      );
    });

  for (const teaming of teamings)
    test(`${teaming}: are known by whoever talks first to a guest when one is lost`, async () => {
      const { bench, one, talks, two } = await pair({ change: { teaming } });
      await talks();
      for (const nic of ['eth1', 'eth2']) {
        const end = await bench.world.inject({ type: 'LinkDown', host: 'a', nic });
        two.nic().send(rawFrame(two.mac, one.mac, `without ${nic}`));
        await bench.settle();
        assert.equal(one.texts().at(-1), `without ${nic}`);
        await end();
      }
    });

  for (const teaming of teamings)
    test(`${teaming}: bring no frame back to where it came from, or twice to anybody`, async () => {
      const bench = await switchBench({ change: { teaming } });
      const security = { promiscuous: false, macChanges: true, forgedTransmits: true };
      const all: Talker[] = [];
      for (let i = 0; i < 8; i++) all.push(await bench.vm(i < 6 ? 'a' : 'b', `vm${String(i)}`, { security }));
      for (const one of all) {
        one.nic().send(rawFrame(one.mac, forAll, `own ${one.name}`));
        one.nic().send(rawFrame(one.mac.replace('02', '06'), forAll, `nested ${one.name}`));
        await bench.settle();
      }
      for (const one of all) {
        const others: string[] = all.filter((other) => other !== one).flatMap(({ name }) => [`own ${name}`, `nested ${name}`]);
        assert.deepEqual(one.texts(), others);
      }
    });

  for (const from of teamings)
    for (const to of teamings.filter((other) => other !== from))
      test(`may be used otherwise: ${from}, then ${to}`, async () => {
        const bench = await switchBench({ change: { teaming: from } });
        const all: Talker[] = [];
        for (let i = 0; i < 8; i++) all.push(await bench.vm(i < 4 ? 'a' : 'b', `vm${String(i)}`));
        await bench.change({ teaming: to });
        for (const one of all) for (const other of all) if (other !== one) one.nic().send(rawFrame(one.mac, other.mac, `to ${other.name}`));
        await bench.settle();
        for (const one of all) assert.deepEqual(one.texts(), Array<string>(7).fill(`to ${one.name}`));
      });

  test('let a MAC come in that was known here and has gone elsewhere', async () => {
    const bench = await switchBench();
    const security = { promiscuous: false, macChanges: true, forgedTransmits: true };
    const [one, far, near] = [
      await bench.vm('a', 'one', { security }),
      await bench.vm('b', 'far', { security }),
      await bench.vm('a', 'near'),
    ];
    const nested = '06:00:00:00:00:01';
    for (const from of [one, far]) {
      from.nic().send(rawFrame(nested, forAll, `from ${from.name}`));
      await bench.clock.advance(2000);
    }
    assert.deepEqual(near.texts(), ['from one', 'from far']);
  });

  test('SourceMAC: share the ports among them', async () => {
    const nics = [{ name: 'eth1' }, { name: 'eth2', vlans: [[20, 20]] }] as const;
    const bench = await switchBench({ hosts: ['a'], hardware: { nics } });
    const router = bench.outsider();
    const all: Talker[] = [];
    for (let i = 0; i < 8; i++) all.push(await bench.vm('a', `vm${String(i)}`));
    await bench.change({ teaming: 'SourceMAC' });
    await bench.settle();
    router.forget();
    for (const one of all) one.nic().send(rawFrame(one.mac, forAll, 'all'));
    await bench.settle();
    // Those of the second uplink are not heard: the network does not carry their VLAN there.
    assert.ok(router.heard.length > 0 && router.heard.length < 8, String(router.heard.length));
  });

  test('LACP: carry nothing where the network does not speak it, and it is found', async () => {
    const nics = [
      { name: 'eth1', lacp: false },
      { name: 'eth2', lacp: false },
    ];
    const { bench, talks } = await pair({ change: { teaming: 'LACP' }, hardware: { nics } });
    assert.equal(await talks(), false);
    const findings = await bench.during(bench.world.hostPort('a').switching.check('prod'));
    assert.deepEqual(
      findings.map(({ reason, uplink }) => [uplink, reason]),
      [
        ['uplink1', 'TeamingMismatch'],
        ['uplink2', 'TeamingMismatch'],
      ],
    );
    await bench.change({ teaming: 'ActiveStandby' });
    assert.equal(await talks(), true);
  });

  test('none: its ports talk among themselves', async () => {
    const bench = await switchBench({ change: { uplinks: [] } });
    const [one, two, far] = [await bench.vm('a', 'one'), await bench.vm('a', 'two'), await bench.vm('b', 'far')];
    one.nic().send(rawFrame(one.mac, forAll, 'all'));
    await bench.settle();
    assert.deepEqual([two.texts(), far.texts()], [['all'], []]);
  });

  test('are taken and given back as the configuration says', async () => {
    const { bench, one, talks } = await pair({ change: { uplinks: [], teaming: 'LACP' } });
    const router = bench.outsider();
    assert.equal(await talks(), false);
    await bench.change({ uplinks: prod.uplinks });
    assert.equal(await talks(), true);
    await bench.change({ uplinks: [] });
    assert.equal(await talks(), false);
    const before = one.heard.length;
    router.send(rawFrame(router.mac(), forAll, 'from outside'));
    await bench.settle();
    assert.equal(one.heard.length, before);
  });
});

describe('the physical network', () => {
  test('does not carry a VLAN that is missing, and it is found', async () => {
    const { bench, talks, two } = await pair();
    const router = bench.outsider();
    const end = await bench.world.inject({ type: 'VLANMissing', host: 'b', vlan: 10 });
    assert.equal(await talks(), false);
    router.send(rawFrame(router.mac(), forAll, 'from outside'));
    await bench.settle();
    assert.equal(two.texts().includes('from outside'), false);
    const check = (host: string) => bench.during(bench.world.hostPort(host).switching.check('prod'));
    assert.deepEqual(await check('a'), []);
    assert.deepEqual(
      (await check('b')).map(({ message, reason, uplink }) => [uplink, reason, message]),
      ['uplink1', 'uplink2'].map((uplink) => [uplink, 'VLANMissing', 'the network does not carry VLAN 10']),
    );
    await end();
    assert.equal(await talks(), true);
    assert.deepEqual(await check('b'), []);
  });

  test('carries an overlay whatever VLANs it lacks', async () => {
    const { bench, talks } = await pair({ change: { overlay: 'VXLAN' } });
    await bench.world.inject({ type: 'VLANMissing', host: 'b', vlan: 10 });
    assert.equal(await talks(), true);
    assert.deepEqual(await bench.during(bench.world.hostPort('b').switching.check('prod')), []);
  });

  test('brings an overlay to the switch of that name and kind alone, and nothing else into it', async () => {
    const { bench, one, two } = await pair({ change: { overlay: 'VXLAN' } });
    const router = bench.outsider();
    const texts = async (): Promise<string[]> => {
      const from = two.texts().length;
      one.nic().send(rawFrame(one.mac, forAll, 'tunnelled'));
      router.send(rawFrame(router.mac(), forAll, 'plain'));
      await bench.settle();
      return two.texts().slice(from);
    };
    assert.deepEqual(await texts(), ['tunnelled']);
    const port = bench.portOf('two');
    const { switching } = bench.world.hostPort('b');
    await switching.apply({ switches: [{ ...prod, overlay: 'Geneve' }], ports: [port] });
    assert.deepEqual(await texts(), []);
    await switching.apply({ switches: [{ ...prod, name: 'second', overlay: 'VXLAN' }], ports: [{ ...port, switch: 'second' }] });
    assert.deepEqual(await texts(), []);
  });

  for (const [overlay, largest] of [
    ['None', 9000],
    ['Geneve', 8950],
  ] as const)
    test(`lets frames of ${String(largest)} bytes pass in a switch of 9000 (overlay ${overlay}), and none when it is too small, which is found`, async () => {
      const { bench, talks } = await pair({ change: { mtu: 9000, overlay } });
      assert.equal(await talks(largest), true);
      assert.equal(await talks(largest + 1), false);
      await bench.world.inject({ type: 'SmallMTU', host: 'b', mtu: 1500 });
      assert.deepEqual([await talks(1450), await talks(1501)], [true, false]);
      const findings = await bench.during(bench.world.hostPort('b').switching.check('prod'));
      assert.deepEqual(
        findings.map(({ reason }) => reason),
        ['MTUMismatch', 'MTUMismatch'],
      );
    });

  test('loses what is on a cable that is pulled', async () => {
    const nics = [{ name: 'eth1', bitsPerSecond: 1e6 }];
    const { bench, one, two } = await pair({ change: { teaming: 'LACP' }, hardware: { nics } });
    await bench.clock.advance(1000);
    one.nic().send(rawFrame(one.mac, two.mac, 'on its way', 1236));
    await bench.clock.advance(5);
    await bench.world.inject({ type: 'LinkDown', host: 'b', nic: 'eth1' });
    await bench.settle();
    assert.deepEqual(two.texts(), []);
  });

  test('says of an uplink that is down that it is', async () => {
    const { bench } = await pair();
    await bench.world.inject({ type: 'LinkDown', host: 'a', nic: 'eth2' });
    const findings = await bench.during(bench.world.hostPort('a').switching.check('prod'));
    assert.deepEqual(
      findings.map(({ reason, uplink }) => [uplink, reason]),
      [['uplink2', 'LinkDown']],
    );
  });

  test('learns where a MAC is, and forgets it after a while', async () => {
    const { bench, one, talks, two } = await pair();
    const router = bench.outsider();
    await talks();
    router.forget();
    await talks();
    assert.deepEqual(router.heard, []);
    await bench.clock.advance(agingMs + 1000);
    one.nic().send(rawFrame(one.mac, two.mac, 'where is it'));
    await bench.settle();
    assert.equal(router.heard.length, 1);
  });

  test('takes its time by bandwidth and delay, and drops what its buffers cannot hold', async () => {
    const nics = [{ name: 'eth1', bitsPerSecond: 1e8 }];
    const { bench, one, two } = await pair({ hardware: { nics }, settings: {} });
    const at: number[] = [];
    two.nic().hear(() => at.push(bench.clock.monotonic()));
    const from = bench.clock.monotonic();
    for (let i = 0; i < 200; i++) one.nic().send(rawFrame(one.mac, two.mac, 'x', 1236));
    await bench.settle();
    // 1250 bytes take 0.1 ms; a queue holds 10 ms.
    assert.ok(at.length >= 100 && at.length <= 102, String(at.length));
    const ms = (at.at(-1) ?? 0) - from;
    assert.ok(ms > 10 && ms < 10.5, String(ms));
  });
});
