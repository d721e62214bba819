import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aProfile } from '../../../test/builders/profiles.ts';
import { withHosts, worldBench } from '../../sim/world/test-support.ts';
import type { HostSettings } from '../../api/host-settings.ts';
import { seededRandom, type Random } from '../../base/random.ts';
import type { Settings } from '../../ports/settings.ts';
import { extracted } from './extract.ts';
import { familyOf } from './families.ts';
import { planOf } from './look.ts';
import { wantedOf } from './wanted.ts';

function chosen<T>(random: Random, all: readonly T[]): T[] {
  return all.filter(() => random.integer(3) === 0);
}

/** A host as somebody may have set it up by hand. */
function anyHost(random: Random): HostSettings {
  const number = (): string => String(random.integer(1_000_000));
  const names = ['vm.swappiness', 'net.core.somaxconn', 'kernel.pid_max', 'net.ipv4.tcp_keepalive_time', 'vm.dirty_ratio'];
  const sysctl = chosen(random, names).map((name) => ({ name, value: number() }));
  const modules = chosen(random, ['vhost_net', 'nbd', 'geneve', 'tcp_bbr']);
  const services = chosen(random, ['chrony', 'ssh', 'nftables', 'cron']).map((name) => ({
    name,
    enabled: random.integer(2) === 0,
    running: random.integer(2) === 0,
  }));
  const files = chosen(random, ['/etc/motd', '/etc/hypersphere/a', '/etc/kernel/cmdline']).map((path) => ({
    path,
    mode: random.integer(2) === 0 ? '0644' : '0600',
    contents: random.integer(4) === 0 ? '' : `${number()}\n`,
  }));
  const mounts = chosen(random, ['/srv/a', '/srv/b']).map((path) => ({ path, source: `192.0.2.60:/${number()}`, type: 'nfs4' }));
  const firewall = chosen(random, ['one', 'two', 'three']).map((name) => {
    const traffic = {
      ...(random.integer(2) === 0 ? { protocol: 'TCP' as const, ports: [1 + random.integer(65_535)] } : {}),
      from: ['10.0.0.0/8'],
    };
    return random.integer(2) === 0 ? { name, allow: traffic } : { name, deny: traffic };
  });
  return {
    sysctl,
    services,
    files,
    mounts,
    firewall,
    ...(modules.length === 0 ? {} : { modules }),
    ...(random.integer(2) === 0 ? { time: { servers: ['ntp1.example', `ntp${number()}.example`] } } : {}),
    ...(random.integer(2) === 0 ? { dns: { nameservers: ['192.0.2.54', '192.0.2.53'], search: [`${number()}.example`] } } : {}),
    ...(random.integer(2) === 0 ? { network: { mtu: 1500 + random.integer(7500), uplinks: [{ name: 'uplink2', value: 'eth1' }] } } : {}),
  };
}

async function setUp(host: Settings, settings: HostSettings): Promise<void> {
  const [wanted] = wantedOf([aProfile('p', settings)], {});
  assert.ok(wanted !== undefined);
  const plan = planOf(wanted, await host.read(wanted.settings), () => undefined);
  assert.equal(plan.refused, undefined);
  for (const change of plan.changes) for (const setting of familyOf(change).apply(change)) await host.write(setting);
  assert.deepEqual(planOf(wanted, await host.read(wanted.settings), () => undefined).changes, []);
}

async function asItCame(host: Settings): Promise<void> {
  for (const { family, key, original } of await host.changed()) await host.write({ family, key, value: original });
}

test('extract, apply to another host, extract again: the same, for 1,000 random hosts', async () => {
  const bench = await worldBench();
  await withHosts(bench, 'a', 'b');
  const [one, other] = [bench.world.hostPort('a').settings, bench.world.hostPort('b').settings];
  const random = seededRandom(7);
  let said = 0;
  for (let round = 0; round < 1_000; round++) {
    await setUp(one, anyHost(random));
    const first = extracted(await one.changed());
    if (first !== undefined) {
      said++;
      await setUp(other, first);
      assert.deepEqual(extracted(await other.changed()), first);
    }
    await asItCame(one);
    await asItCame(other);
  }
  assert.ok(said > 950);
  assert.equal(extracted(await one.changed()), undefined);
  await bench.world.close();
});

test('what differs from how a host came is all that is extracted', async () => {
  const bench = await worldBench();
  await withHosts(bench, 'a');
  const { settings } = bench.world.hostPort('a');
  await settings.write({ family: 'sysctl', key: 'vm.swappiness', value: '10' });
  await settings.write({ family: 'sysctl', key: 'vm.dirty_ratio', value: '20' });
  assert.deepEqual(extracted(await settings.changed()), { sysctl: [{ name: 'vm.swappiness', value: '10' }] });
  await bench.world.close();
});
