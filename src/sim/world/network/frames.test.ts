import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressRequest, forAll, rawFrame, switchBench } from './test-support.ts';

describe('frames', () => {
  for (const other of ['a', 'b'])
    test(`reach whom they are for, and nobody else (${other === 'a' ? 'one host' : 'two hosts'})`, async () => {
      const bench = await switchBench();
      const [one, two, three] = [await bench.vm('a', 'one'), await bench.vm(other, 'two'), await bench.vm(other, 'three')];
      one.nic().send(rawFrame(one.mac, two.mac, 'to two'));
      one.nic().send(rawFrame(one.mac, forAll, 'to all'));
      await bench.settle();
      assert.deepEqual(two.texts(), ['to two', 'to all']);
      assert.deepEqual(three.texts(), ['to all']);
      assert.deepEqual(one.texts(), []);
    });

  test('find out who has an address, and are echoed', async () => {
    const bench = await switchBench();
    const [one, two] = [await bench.vm('a', 'one'), await bench.vm('b', 'two')];
    one.heard.length = 0;
    one.nic().send(addressRequest(one.mac, one.address, two.address));
    await bench.settle();
    assert.deepEqual(
      one.heard.map(({ payload, src }) => [payload.type, src]),
      [['ARP', two.mac]],
    );
    one.say(two, { protocol: 'ICMP', srcPort: 7, dstPort: 7 });
    await bench.settle();
    const last = one.heard.at(-1)?.payload;
    assert.deepEqual(last?.type === 'IP' && [last.src, last.dst, last.flags.reply], [two.address, one.address, true]);
  });

  test('reach the outside and come from there', async () => {
    const bench = await switchBench();
    const router = bench.outsider();
    const one = await bench.vm('a', 'one');
    one.nic().send(rawFrame(one.mac, router.mac(), 'out'));
    router.send(rawFrame(router.mac(), one.mac, 'in'));
    await bench.settle();
    assert.deepEqual(
      router.heard.filter(({ frame }) => frame.payload.type === 'Raw').map(({ vlan }) => vlan),
      [10],
    );
    assert.deepEqual(one.texts(), ['in']);
    router.forget();
    router.send(rawFrame(router.mac(), forAll, 'to all'));
    await bench.settle();
    assert.deepEqual([router.heard.length, one.texts()], [0, ['in', 'to all']]);
  });

  test('cost nothing while nobody talks', async () => {
    const bench = await switchBench();
    for (const [index, host] of ['a', 'b', 'a', 'b'].entries()) await bench.vm(host, `vm${String(index)}`);
    await bench.clock.advance(60_000);
    assert.equal(bench.clock.sleepers(), 0);
  });
});
