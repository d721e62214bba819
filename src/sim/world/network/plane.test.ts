import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PortCounters } from '../../../api/effective-port.ts';
import { chatter, connect, listen } from './conversation.ts';
import { guestSpec, startGuest } from '../test-support.ts';
import { addressRequest, forAll, prod, rawFrame, switchBench, type SwitchBench } from './test-support.ts';

async function countersOf(bench: SwitchBench, host: string, name: string): Promise<PortCounters | undefined> {
  return (await bench.world.hostPort(host).switching.counters()).find(({ id }) => id === `shop/${name}.eth0`);
}

describe('the switches of a host (rule 10)', () => {
  test('go on without their agent', async () => {
    const bench = await switchBench();
    const [one, two] = [await bench.vm('a', 'one'), await bench.vm('b', 'two')];
    await bench.world.inject({ type: 'AgentCrash', host: 'a' });
    await bench.world.inject({ type: 'ManagementPartition', host: 'b' });
    one.nic().send(rawFrame(one.mac, two.mac, 'still here'));
    await bench.settle();
    assert.deepEqual(two.texts(), ['still here']);
  });

  test('come back with the power from what is on the disk, and a restart of the process too', async () => {
    const bench = await switchBench();
    const [web, peer] = [await bench.vm('a', 'web'), await bench.vm('b', 'peer')];
    web.say(peer);
    const before = await bench.world.hostPort('a').switching.applied();
    await (
      await bench.world.inject({ type: 'PowerLoss', host: 'a' })
    )();
    await bench.clock.advance(2000);
    assert.deepEqual(await bench.world.hostPort('a').switching.applied(), before);
    assert.equal((await countersOf(bench, 'a', 'web'))?.sentFrames, 0);
    await bench.restart('lost');
    for (const host of ['a', 'b'])
      await bench.world.ensure({ name: host, cores: 8, memoryBytes: 2 ** 34, guestBootMs: 10, nicBitsPerSecond: 1e10 });
    await bench.clock.advance(2000);
    assert.deepEqual(await bench.world.hostPort('a').switching.applied(), before);
    assert.deepEqual(
      (await bench.world.hostPort('a').switching.counters()).map(({ id }) => id),
      ['shop/web.eth0'],
    );
  });

  test('count what passes and what they refuse, and go on counting from the last report', async () => {
    const bench = await switchBench();
    const [web, peer] = [await bench.vm('a', 'web'), await bench.vm('a', 'peer')];
    const start = await countersOf(bench, 'a', 'peer');
    for (let i = 0; i < 3; i++) web.nic().send(rawFrame(web.mac, peer.mac, 'x', 86));
    web.nic().send(rawFrame('02:00:00:00:00:99', peer.mac, 'forged', 86));
    await bench.settle();
    const [sent, received] = [await countersOf(bench, 'a', 'web'), await countersOf(bench, 'a', 'peer')];
    assert.deepEqual([sent?.sentFrames, sent?.sentBytes, sent?.droppedFrames], [3, 300, 1]);
    assert.equal((received?.receivedFrames ?? 0) - (start?.receivedFrames ?? 0), 3);
    assert.equal((received?.receivedBytes ?? 0) - (start?.receivedBytes ?? 0), 300);
    const report = { receivedFrames: 100, receivedBytes: 1, sentFrames: 7, sentBytes: 700, droppedFrames: 0 };
    await bench.world.hostPort('a').switching.resume('shop/web.eth0', report);
    web.nic().send(rawFrame(web.mac, peer.mac, 'x', 86));
    await bench.settle();
    const after = await countersOf(bench, 'a', 'web');
    assert.deepEqual([after?.receivedFrames, after?.sentFrames, after?.sentBytes, after?.droppedFrames], [100, 8, 800, 1]);
  });

  test('do not disturb what did not change: conversations, counters, and what is tracked', async () => {
    const bench = await switchBench();
    const rule = {
      name: 'web',
      direction: 'Ingress',
      action: 'Allow',
      protocol: 'TCP',
      ports: [[80, 80]],
      peers: ['10.0.0.0/24'],
    } as const;
    const [web, peer] = [await bench.vm('a', 'web', { firewall: [rule] }), await bench.vm('b', 'peer')];
    listen(web.nic(), 80);
    const client = connect(peer.nic(), web, 80);
    const stop = chatter(peer.nic(), client, 5, 1000);
    await bench.clock.advance(100);
    await bench.vm('a', 'another');
    await bench.change({ mtu: 2000 });
    await bench.changePort('web', { group: 'renamed' });
    await bench.clock.advance(300);
    stop();
    await bench.clock.advance(50);
    assert.deepEqual([client.state(), client.retransmissions()], ['Open', 0]);
  });

  test('write to the disk once what is applied again', async () => {
    const bench = await switchBench();
    await bench.vm('a', 'web');
    const { switching } = bench.world.hostPort('a');
    const before = bench.journal();
    await switching.apply(await switching.applied());
    assert.equal(bench.journal(), before);
  });

  test('lend no second burst to a port that is changed', async () => {
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
    await bench.changePort('web', { group: 'renamed' });
    assert.equal(await burst(), 0);
    await bench.changePort('web', { shaping: { egress: { ...egress, burst: 5000 } } });
    assert.equal(await burst(), 0);
  });

  test('send nothing any more of what a shaper held back when its guest has ended', async () => {
    const bench = await switchBench();
    const egress = { average: 80_000, peak: 1e9, burst: 1000 };
    const [web, peer] = [await bench.vm('a', 'web', { shaping: { egress } }), await bench.vm('b', 'peer')];
    for (const text of ['at once', 'later']) web.nic().send(rawFrame(web.mac, peer.mac, text, 486));
    web.nic().send(rawFrame(web.mac, peer.mac, 'last', 486));
    await bench.clock.advance(10);
    await bench.world.hostPort('a').guests.stop('web-1', 'PowerOff');
    await bench.clock.advance(1000);
    assert.deepEqual(peer.texts(), ['at once', 'later']);
  });

  test('give a port to the guest that it is said to be of, and take it from the one before', async () => {
    const bench = await switchBench();
    const [web, peer] = [await bench.vm('a', 'web'), await bench.vm('a', 'peer')];
    await bench.changePort('web', { guest: 'web-2' });
    web.nic().send(rawFrame(web.mac, peer.mac, 'still here'));
    await bench.settle();
    assert.deepEqual(peer.texts(), []);
  });

  test('let a port count on when it goes to another switch', async () => {
    const bench = await switchBench();
    const [web, peer] = [await bench.vm('a', 'web'), await bench.vm('a', 'peer')];
    web.say(peer);
    await bench.settle();
    const port = { ...bench.portOf('web'), switch: 'second' };
    await bench.world.hostPort('a').switching.apply({ switches: [prod, { ...prod, name: 'second', uplinks: [] }], ports: [port] });
    assert.equal((await countersOf(bench, 'a', 'web'))?.sentFrames, 1);
  });

  test('announce a port that goes to another VLAN', async () => {
    const bench = await switchBench();
    const router = bench.outsider();
    const web = await bench.vm('a', 'web');
    router.forget();
    await bench.changePort('web', { vlan: { type: 'Access', id: 20 } });
    await bench.settle();
    assert.deepEqual(
      router.heard.map(({ frame, vlan }) => [vlan, frame.src, frame.payload.type]),
      [
        [20, web.mac, 'RARP'],
        [20, web.mac, 'ARP'],
      ],
    );
  });

  test('let the port of the next guest of a VM count on, and track nothing of the one before', async () => {
    const bench = await switchBench();
    const deny = { name: 'none', direction: 'Ingress', action: 'Deny', protocol: 'Any', ports: [], peers: [] } as const;
    const [web, peer] = [await bench.vm('a', 'web', { firewall: [deny] }), await bench.vm('b', 'peer')];
    web.say(peer, { srcPort: 4000, dstPort: 53 });
    await bench.settle();
    await bench.world.hostPort('a').guests.stop('web-1', 'PowerOff');
    await bench.changePort('web', { guest: 'web-2' });
    await startGuest(bench, 'a', { ...guestSpec('web-2', 'web'), memoryBytes: 2 ** 26 });
    await bench.settle();
    const again: unknown[] = [];
    bench.world.nic({ namespace: 'shop', name: 'web' }, 'eth0')?.hear((frame) => again.push(frame));
    peer.say(web, { srcPort: 53, dstPort: 4000 });
    await bench.settle();
    assert.deepEqual(again, []);
    assert.equal((await countersOf(bench, 'a', 'web'))?.sentFrames, 1);
  });

  test('cut what a new rule of the firewall would not let begin', async () => {
    const bench = await switchBench();
    const rule = { name: 'web', direction: 'Ingress', action: 'Allow', protocol: 'UDP', ports: [[80, 80]], peers: [] } as const;
    const [web, peer] = [await bench.vm('a', 'web', { firewall: [rule] }), await bench.vm('b', 'peer')];
    const heard = (): number => web.heard.filter(({ payload }) => payload.type === 'IP').length;
    peer.say(web, { srcPort: 1, dstPort: 80 });
    await bench.settle();
    assert.equal(heard(), 1);
    await bench.changePort('web', { firewall: [{ ...rule, peers: ['10.0.0.99', '10.1.0.0/16'] }] });
    peer.say(web, { srcPort: 1, dstPort: 80 });
    await bench.settle();
    assert.equal(heard(), 1);
  });

  test('forget their ports with the configuration', async () => {
    const bench = await switchBench();
    const [one, two] = [await bench.vm('a', 'one'), await bench.vm('a', 'two')];
    await bench.world.hostPort('a').switching.apply({ switches: [prod], ports: [bench.portOf('two')] });
    const router = bench.outsider();
    one.nic().send(rawFrame(one.mac, two.mac, 'lost'));
    await bench.world.hostPort('a').switching.apply({ switches: [], ports: [] });
    two.nic().send(rawFrame(two.mac, forAll, 'lost'));
    await bench.settle();
    assert.deepEqual([two.texts(), router.heard], [[], []]);
  });

  test('pass nothing to or from a guest that hangs or has not booted, which answers nobody', async () => {
    const bench = await switchBench({ hardware: { guestBootMs: 5000 } });
    const router = bench.outsider();
    const web = await bench.vm('a', 'web');
    const answers = async (): Promise<number> => {
      router.forget();
      router.send(addressRequest(router.mac(), '10.0.0.254', web.address));
      web.nic().send(rawFrame(web.mac, router.mac(), 'from within'));
      await bench.settle();
      return router.heard.length;
    };
    router.forget();
    router.send(addressRequest(router.mac(), '10.0.0.254', web.address));
    await bench.settle();
    assert.equal(router.heard.length, 0);
    await bench.clock.advance(5000);
    assert.deepEqual(
      router.heard.map(({ frame }) => frame.payload.type),
      ['RARP', 'ARP'],
    );
    assert.equal(await answers(), 2);
    const before = await countersOf(bench, 'a', 'web');
    const end = await bench.world.inject({ type: 'GuestHang', vm: { namespace: 'shop', name: 'web' } });
    assert.equal(await answers(), 0);
    const after = await countersOf(bench, 'a', 'web');
    assert.deepEqual(after, { ...before, droppedFrames: (before?.droppedFrames ?? 0) + 1 });
    await end();
    assert.equal(await answers(), 2);
  });

  test('say nothing of a port that is blocked', async () => {
    const bench = await switchBench();
    const router = bench.outsider();
    await bench.vm('a', 'web', { blocked: true });
    await bench.settle();
    assert.deepEqual(router.heard, []);
  });

  test('pass nothing while their host hangs, and what guests wait for comes when it goes on', async () => {
    const bench = await switchBench();
    const [one, two] = [await bench.vm('a', 'one'), await bench.vm('b', 'two')];
    const end = await bench.world.inject({ type: 'HostHang', host: 'a' });
    const moments: number[] = [];
    one.nic().after(10, () => moments.push(bench.clock.monotonic()));
    two.nic().send(rawFrame(two.mac, one.mac, 'hello'));
    await bench.clock.advance(1000);
    assert.deepEqual([one.texts(), moments], [[], []]);
    await end();
    await bench.settle();
    assert.equal(moments.length, 1);
    two.nic().send(rawFrame(two.mac, one.mac, 'again'));
    await bench.settle();
    assert.deepEqual(one.texts(), ['again']);
  });
});

describe("a host's management interface that is an uplink", () => {
  const onManagement = { uplinks: [{ name: 'uplink1', nic: 'eth0' }] };
  const connected = (bench: SwitchBench): boolean | undefined => bench.world.hostState('a')?.connected;

  test('reaches the API while the switch fits the network', async () => {
    const bench = await switchBench({ change: onManagement });
    assert.equal(connected(bench), true);
  });

  test('is cut off by an MTU beyond that of the network, until that is mended here or there', async () => {
    const bench = await switchBench({ change: onManagement, hardware: { nics: [{ name: 'eth0', mtu: 1500 }] } });
    await bench.change({ mtu: 9000 });
    assert.equal(connected(bench), false);
    await bench.change({ mtu: 1500 });
    assert.equal(connected(bench), true);
    const end = await bench.world.inject({ type: 'SmallMTU', host: 'a', mtu: 1400 });
    assert.equal(connected(bench), false);
    await end();
    assert.equal(connected(bench), true);
  });

  test('stays as it is when an MTU is asked for that it cannot be set to', async () => {
    const bench = await switchBench({ change: onManagement });
    await bench.change({ mtu: 100_000 });
    assert.equal(connected(bench), true);
  });

  test('is cut off by a VLAN that the network lacks', async () => {
    const bench = await switchBench({ change: onManagement, hardware: { nics: [{ name: 'eth0', vlans: [[0, 99]] }] } });
    await bench.change({ managementVlan: 100 });
    assert.equal(connected(bench), false);
    await bench.change({ managementVlan: 99 });
    assert.equal(connected(bench), true);
    const end = await bench.world.inject({ type: 'VLANMissing', host: 'a', vlan: 99 });
    assert.equal(connected(bench), false);
    await end();
  });

  test('is cut off by an uplink that is not there, where it hangs on the switch', async () => {
    const bench = await switchBench({ change: { ...onManagement, managementVlan: 0 } });
    await bench.change({ uplinks: [{ name: 'uplink1', nic: 'missing0' }] });
    assert.equal(connected(bench), false);
    await bench.change(onManagement);
    assert.equal(connected(bench), true);
  });

  test('is cut off by a team that the network does not speak of, and by the loss of the last link', async () => {
    const bench = await switchBench({ change: onManagement, hardware: { nics: [{ name: 'eth0', lacp: false }] } });
    await bench.change({ teaming: 'LACP' });
    assert.equal(connected(bench), false);
    await bench.change({ teaming: 'SourceMAC' });
    assert.equal(connected(bench), true);
    const end = await bench.world.inject({ type: 'LinkDown', host: 'a', nic: 'eth0' });
    assert.equal(connected(bench), false);
    await end();
    assert.equal(connected(bench), true);
  });

  test('is not the concern of switches that do not have it; its own cable is', async () => {
    const bench = await switchBench({ hardware: { nics: [{ name: 'eth0' }, { name: 'eth1', mtu: 1500 }] } });
    await bench.change({ mtu: 9000 });
    assert.equal(connected(bench), true);
    await bench.world.inject({ type: 'LinkDown', host: 'a', nic: 'eth0' });
    assert.equal(connected(bench), false);
    assert.equal(bench.world.hostState('b')?.connected, true);
  });

  test('stays cut off over a loss of power, and comes back with a configuration that fits', async () => {
    const bench = await switchBench({ change: onManagement, hardware: { nics: [{ name: 'eth0', mtu: 1500 }] } });
    await bench.change({ mtu: 9000 });
    await (
      await bench.world.inject({ type: 'PowerLoss', host: 'a' })
    )();
    await bench.clock.advance(2000);
    assert.equal(connected(bench), false);
    await bench.change({ mtu: 1500 });
    assert.equal(connected(bench), true);
  });
});

describe('guests of a host whose guests chatter', () => {
  test('talk to those of whom they have heard, wherever they move', async () => {
    const bench = await switchBench({ hardware: { guestChatter: { everyMs: 1000, bytes: 100 } } });
    const [one, two] = [await bench.vm('a', 'one'), await bench.vm('b', 'two')];
    const alone = await bench.vm('a', 'alone', { vlan: { type: 'Access', id: 20 } });
    for (const { heard } of [one, two, alone]) heard.length = 0;
    await bench.clock.advance(10_000);
    for (const { heard } of [one, two]) assert.ok(heard.length >= 9 && heard.length <= 11, String(heard.length));
    assert.deepEqual(alone.heard, []);
    await bench.world.hostPort('a').guests.stop('one-1', 'PowerOff');
    await bench.world.hostPort('b').guests.stop('two-1', 'PowerOff');
    await bench.world.hostPort('a').guests.stop('alone-1', 'PowerOff');
    await bench.clock.advance(2000);
    assert.equal(bench.clock.sleepers(), 0);
  });
});

test('a guest that is suspended goes on with its conversations', async () => {
  const bench = await switchBench();
  const [web, peer] = [await bench.vm('a', 'web'), await bench.vm('b', 'peer')];
  listen(peer.nic(), 80);
  const client = connect(web.nic(), peer, 80);
  client.send(5000);
  await bench.clock.advance(1);
  await bench.during(bench.world.hostPort('a').guests.suspend('web-1'));
  await bench.clock.advance(60_000);
  const before = client.acknowledged();
  client.send(5000);
  await bench.during(bench.world.hostPort('a').guests.resume('web-1', { vm: 'uid-web', holder: 'web-1' }));
  await bench.clock.advance(10_000);
  assert.deepEqual([before, client.acknowledged(), client.state()], [5000, 10_000, 'Open']);
});
