import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PortCounters } from '../../../api/effective-port.ts';
import type { MoveOptions, MoveProgress } from '../../../ports/moves.ts';
import { guestSpec } from '../test-support.ts';
import { chatter, connect, listen, type Conversation } from './conversation.ts';
import { forAll, rawFrame, switchBench, type SwitchBench, type Talker } from './test-support.ts';

/** How long the conversation waits before it sends again at first: a frame that was lost costs as much. */
const retransmitMs = 200;

async function movesTo(
  bench: SwitchBench,
  name: string,
  from: string,
  to: string,
  options: Partial<MoveOptions> = {},
): Promise<MoveProgress> {
  const ids = { here: `${name}-1`, there: `${name}-2` };
  const spec = { ...guestSpec(ids.there, name), memoryBytes: 2 ** 26 };
  await bench.putPort(to, { ...bench.portOf(name), guest: ids.there });
  const endpoint = await bench.world.hostPort(to).moves.prepare(spec);
  const switchOver = (): Promise<{ vm: string; holder: string }> => Promise.resolve({ vm: spec.vm.uid, holder: spec.id });
  const follow = async (): Promise<MoveProgress> => {
    let last: MoveProgress | undefined;
    for await (const item of bench.world.hostPort(from).moves.send(ids.here, endpoint, { mode: 'PreCopy', switchOver, ...options }))
      last = item;
    if (last === undefined) throw new Error('nothing was said');
    return last;
  };
  return bench.during(follow());
}

async function countersOf(bench: SwitchBench, host: string, name: string): Promise<PortCounters | undefined> {
  return (await bench.world.hostPort(host).switching.counters()).find(({ id }) => id === `shop/${name}.eth0`);
}

interface Talk {
  readonly client: Conversation;
  readonly server: () => Conversation | undefined;
  readonly stop: () => void;
}

async function talk(bench: SwitchBench, from: Talker, to: Talker): Promise<Talk> {
  let server: Conversation | undefined;
  listen(to.nic(), 80, (conversation) => {
    server = conversation;
  });
  const client = connect(from.nic(), to, 80);
  const stop = chatter(from.nic(), client, 5, 3000);
  await bench.clock.advance(100);
  return { client, server: () => server, stop };
}

describe('a port whose guest moves (rule 4)', () => {
  for (const mode of ['PreCopy', 'PostCopy'] as const)
    for (const where of ['a', 'b', 'c'])
      test(`${mode}: a conversation with a guest on ${where} goes on, and stands still no longer than the guest`, async () => {
        const bench = await switchBench({ hosts: ['a', 'b', 'c'] });
        const [web, peer] = [await bench.vm('a', 'web'), await bench.vm(where, 'peer')];
        const { client, server, stop } = await talk(bench, peer, web);
        const { downtimeMs = 0 } = await movesTo(bench, 'web', 'a', 'b', { mode });
        await bench.clock.advance(1000);
        stop();
        await bench.clock.advance(100);
        assert.equal(client.state(), 'Open');
        assert.ok(downtimeMs > 0 && downtimeMs < 300);
        const gap = server()?.longestGapMs() ?? Infinity;
        assert.ok(gap > downtimeMs && gap < downtimeMs + 2 * retransmitMs, `${String(gap)} of ${String(downtimeMs)}`);
        assert.equal(server()?.received(), client.acknowledged());
        assert.ok(client.acknowledged() > 3000 * 200);
      });

  test('a guest that hangs as it moves says the rest of what it has to say once it is well', async () => {
    const bench = await switchBench();
    const [web, peer] = [await bench.vm('a', 'web'), await bench.vm('b', 'peer')];
    const { server, stop } = await talk(bench, web, peer);
    const heard = (): number => server()?.received() ?? 0;
    const end = await bench.world.inject({ type: 'GuestHang', vm: { namespace: 'shop', name: 'web' } });
    await bench.clock.advance(100);
    await movesTo(bench, 'web', 'a', 'b');
    const before = heard();
    await end();
    await bench.clock.advance(1000);
    assert.ok(heard() > before);
    stop();
  });

  test('loses no more frames than come while the guest stands still', async () => {
    const bench = await switchBench();
    const [web, peer] = [await bench.vm('a', 'web'), await bench.vm('b', 'peer')];
    const at: number[] = [];
    web.nic().hear(({ payload }) => {
      if (payload.type === 'IP') at.push(bench.clock.monotonic());
    });
    let sent = 0;
    const beat = (): void => {
      peer.say(web);
      sent++;
      peer.nic().after(1, beat);
    };
    beat();
    const { downtimeMs = 0 } = await movesTo(bench, 'web', 'a', 'b');
    await bench.clock.advance(100);
    const gap = Math.max(...at.map((moment, index) => moment - (at[index - 1] ?? moment)));
    assert.ok(gap >= downtimeMs && gap <= downtimeMs + 2, `${String(gap)} of ${String(downtimeMs)}`);
    assert.ok(sent - at.length <= Math.ceil(downtimeMs) + 2, String(sent - at.length));
  });

  test('counts on from where it was, here and there alone', async () => {
    const bench = await switchBench();
    const [web, peer] = [await bench.vm('a', 'web'), await bench.vm('a', 'peer')];
    for (let i = 0; i < 5; i++) web.say(peer);
    peer.say(web);
    await bench.settle();
    const before = await countersOf(bench, 'a', 'web');
    assert.equal(before?.sentFrames, 5);
    assert.ok(before.receivedFrames > 0);
    await movesTo(bench, 'web', 'a', 'b');
    assert.equal(await countersOf(bench, 'a', 'web'), undefined);
    const after = await countersOf(bench, 'b', 'web');
    assert.deepEqual(after, before);
    web.say(peer);
    await bench.settle();
    assert.equal((await countersOf(bench, 'b', 'web'))?.sentFrames, 6);
  });

  test('says nothing of itself at the target before its guest runs there', async () => {
    const bench = await switchBench();
    await bench.vm('a', 'web');
    await bench.putPort('b', { ...bench.portOf('web'), guest: 'web-2' });
    await bench.world.hostPort('b').moves.prepare({ ...guestSpec('web-2', 'web'), memoryBytes: 2 ** 26 });
    assert.deepEqual(await bench.world.hostPort('b').switching.counters(), []);
  });

  test('is sent nothing at the target before its guest runs there, and nothing at the source afterwards', async () => {
    const bench = await switchBench({ hosts: ['a', 'b', 'c'] });
    const [web, near, far] = [await bench.vm('a', 'web'), await bench.vm('b', 'near'), await bench.vm('c', 'far')];
    await bench.putPort('b', { ...bench.portOf('web'), guest: 'web-2' });
    for (const from of [near, far]) from.nic().send(rawFrame(from.mac, web.mac, `from ${from.name}`));
    await bench.settle();
    assert.deepEqual(web.texts(), ['from near', 'from far']);
    await movesTo(bench, 'web', 'a', 'b');
    for (const from of [near, far]) from.nic().send(rawFrame(from.mac, web.mac, `again from ${from.name}`));
    await bench.settle();
    assert.deepEqual(web.texts().slice(2), ['again from near', 'again from far']);
  });

  test('takes its tracked connections along: an answer passes that no rule would let in', async () => {
    const bench = await switchBench();
    const deny = { name: 'none', direction: 'Ingress', action: 'Deny', protocol: 'Any', ports: [], peers: [] } as const;
    const [web, peer] = [await bench.vm('a', 'web', { firewall: [deny] }), await bench.vm('b', 'peer')];
    web.say(peer, { srcPort: 4000, dstPort: 53 });
    await bench.settle();
    await movesTo(bench, 'web', 'a', 'b');
    web.heard.length = 0;
    peer.say(web, { srcPort: 53, dstPort: 4000 });
    peer.say(web, { srcPort: 53, dstPort: 4001 });
    await bench.settle();
    const ports = web.heard.flatMap(({ payload }) => (payload.type === 'IP' ? [payload.dstPort] : []));
    assert.deepEqual(ports, [4000]);
  });

  test('takes along what is left of its shaper: moving lends no second burst', async () => {
    const bench = await switchBench();
    const egress = { average: 8000, peak: 1e9, burst: 3000 };
    const [web, peer] = [await bench.vm('a', 'web', { shaping: { egress } }), await bench.vm('b', 'peer')];
    const burst = async (): Promise<number> => {
      const before = peer.texts().length;
      for (let i = 0; i < 10; i++) web.nic().send(rawFrame(web.mac, peer.mac, 'x', 986));
      await bench.settle();
      return peer.texts().length - before;
    };
    assert.equal(await burst(), 3);
    await movesTo(bench, 'web', 'a', 'b');
    assert.equal(await burst(), 0);
  });

  test('is mirrored on, without a gap or a copy twice', async () => {
    const bench = await switchBench({ hosts: ['a', 'b', 'c'] });
    await bench.vm('c', 'ids', { mirrorDestination: true });
    const ids = bench.world.nic({ namespace: 'shop', name: 'ids' }, 'eth0');
    const copies: string[] = [];
    ids?.hear(({ copy, payload }) => {
      if (payload.type === 'Raw') copies.push(`${payload.text} ${String(copy?.number)}`);
    });
    const mirrors = [{ name: 'watch', direction: 'Both', to: 'shop/ids.eth0' }] as const;
    const [web, peer] = [await bench.vm('a', 'web', { mirrors }), await bench.vm('b', 'peer')];
    const exchange = async (word: string): Promise<void> => {
      web.nic().send(rawFrame(web.mac, peer.mac, `out ${word}`));
      peer.nic().send(rawFrame(peer.mac, web.mac, `in ${word}`));
      await bench.settle();
    };
    await exchange('before');
    const first = Number(copies[0]?.split(' ')[2]);
    await movesTo(bench, 'web', 'a', 'b');
    await exchange('after');
    // Nothing else was for it.
    const wanted = ['out before', 'in before', 'out after', 'in after'];
    assert.deepEqual(
      copies,
      wanted.map((what, index) => `${what} ${String(first + index)}`),
    );
  });

  test('is announced in the VLANs in which the guest of a trunk has talked', async () => {
    const bench = await switchBench();
    const router = bench.outsider();
    const web = await bench.vm('a', 'web', { vlan: { type: 'Trunk', ids: [[10, 19]] } });
    for (const tag of [11, 13]) web.nic().send({ ...rawFrame(web.mac, forAll, 'hello'), tags: [tag] });
    await bench.settle();
    router.forget();
    await movesTo(bench, 'web', 'a', 'b');
    await bench.settle();
    const announced = router.heard.filter(({ frame }) => frame.payload.type === 'RARP');
    assert.deepEqual(
      announced.map(({ vlan }) => vlan),
      [11, 13],
    );
  });

  test('leaves behind nothing of the MACs that its guest uses besides its own', async () => {
    const bench = await switchBench();
    const security = { promiscuous: false, macChanges: true, forgedTransmits: true };
    const [web, near] = [await bench.vm('a', 'web', { security }), await bench.vm('a', 'near')];
    const nested = '02:00:00:00:0a:01';
    const say = (): void => {
      web.nic().send(rawFrame(nested, forAll, 'from within'));
    };
    say();
    await bench.settle();
    near.nic().send(rawFrame(near.mac, nested, 'before'));
    await movesTo(bench, 'web', 'a', 'b');
    say();
    await bench.settle();
    near.nic().send(rawFrame(near.mac, nested, 'after'));
    await bench.settle();
    assert.deepEqual(web.texts(), ['before', 'after']);
    assert.deepEqual(near.texts(), ['from within', 'from within']);
  });

  test('goes on at the source with all that it has when the switch-over does not come about', async () => {
    const bench = await switchBench();
    const deny = { name: 'none', direction: 'Ingress', action: 'Deny', protocol: 'Any', ports: [], peers: [] } as const;
    const [web, peer] = [await bench.vm('a', 'web', { firewall: [deny] }), await bench.vm('b', 'peer')];
    web.say(peer, { srcPort: 4000, dstPort: 53 });
    await bench.settle();
    const before = await countersOf(bench, 'a', 'web');
    const refusal = new Error('it stays');
    await assert.rejects(movesTo(bench, 'web', 'a', 'b', { switchOver: () => Promise.reject(refusal) }), refusal);
    const here = await countersOf(bench, 'a', 'web');
    assert.deepEqual(here, before);
    web.heard.length = 0;
    peer.say(web, { srcPort: 53, dstPort: 4000 });
    await bench.settle();
    assert.equal(web.heard.filter(({ payload }) => payload.type === 'IP').length, 1);
    assert.equal(await countersOf(bench, 'b', 'web'), undefined);
  });

  test('is announced where its guest goes on, with its MAC and its addresses', async () => {
    const bench = await switchBench();
    const router = bench.outsider();
    const web = await bench.vm('a', 'web');
    router.forget();
    await movesTo(bench, 'web', 'a', 'b');
    await bench.settle();
    assert.deepEqual(
      router.heard.map(({ frame, vlan }) => [vlan, frame.src, frame.dst, frame.payload.type]),
      [
        [10, web.mac, forAll, 'RARP'],
        [10, web.mac, forAll, 'ARP'],
      ],
    );
  });
});
