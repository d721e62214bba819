import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Setting } from '../../../api/setting.ts';
import { settingsContract, type SettingsBench } from '../../../../test/contract/settings.ts';
import { guestsOn, guestSpec, startGuest, withHosts, worldBench } from '../test-support.ts';

const rule = (action: 'allow' | 'deny', protocol = '', ports = '', from = ''): Setting['value'] => ({ action, protocol, ports, from });

const harmless: readonly Setting[] = [
  { family: 'sysctl', key: 'net.ipv4.tcp_rmem', value: '4096 87380 16777216' },
  { family: 'modules', key: 'vhost_net', value: 'loaded' },
  { family: 'time', key: 'servers', value: 'ntp1.example ntp2.example' },
  { family: 'dns', key: 'search', value: 'example' },
  { family: 'services', key: 'nftables', value: { enabled: 'true', running: 'true' } },
  { family: 'files', key: '/etc/hypersphere/notes', value: { mode: '0644', contents: 'managed\n' } },
  { family: 'network', key: 'mtu', value: '9000' },
  { family: 'mounts', key: '/srv/hypersphere', value: { source: '192.0.2.60:/vms', type: 'nfs4' } },
  { family: 'firewall', key: 'agents', value: rule('allow', 'TCP', '7443', '198.51.100.0/24') },
];

const severing: readonly Setting[] = [
  { family: 'network', key: 'mtu', value: '9216' },
  { family: 'network', key: 'uplink uplink1', value: 'eth2' },
  { family: 'dns', key: 'nameservers', value: '203.0.113.1' },
  { family: 'firewall', key: 'lockdown', value: rule('deny') },
  { family: 'firewall', key: 'lockdown', value: rule('deny', 'TCP', '443 6443', '198.51.100.0/25') },
];

async function bench(): Promise<SettingsBench> {
  const world = await worldBench();
  await withHosts(world, 'a');
  const settings = (): ReturnType<SettingsBench['settings']> => world.world.hostPort('a').settings;
  const until = async (so: () => Promise<boolean>): Promise<void> => {
    while (!(await so())) await world.clock.advance(500);
  };
  return {
    settings,
    harmless,
    severing,
    unknown: [
      { family: 'sysctl', key: 'net.ipv4.no_such_thing' },
      { family: 'modules', key: 'no_such_module' },
      { family: 'services', key: 'no-such-unit' },
      { family: 'files', key: '/etc' },
    ],
    wrong: [
      { family: 'sysctl', key: 'vm.swappiness', value: 'low' },
      { family: 'network', key: 'mtu', value: '20' },
      { family: 'network', key: 'uplink uplink2', value: 'eth9' },
      { family: 'mounts', key: '/srv', value: { source: '/dev/sdb', type: 'nofs' } },
      { family: 'files', key: '/etc/large', value: { mode: '0644', contents: 'x'.repeat(70_000) } },
    ],
    reaches: async () => world.world.hostState('a')?.connected === true,
    bootId: async () => world.world.hostState('a')?.bootId ?? '',
    losePower: async () => {
      await world.restart('lost');
      await withHosts(world, 'a');
    },
    until,
    during: world.during,
    dispose: () => world.world.close(),
  };
}

settingsContract('a simulated host', bench);

test('a rule that allows the manager keeps it reachable, whatever others deny', async () => {
  const one = await bench();
  await one.settings().write({ family: 'firewall', key: 'manager', value: rule('allow', 'TCP', '6443', '198.51.100.0/24') });
  await one.settings().write({ family: 'firewall', key: 'lockdown', value: rule('deny') });
  assert.ok(await one.reaches());
  await one.settings().write({ family: 'firewall', key: 'manager', value: rule('allow', 'UDP', '6443', '198.51.100.0/24') });
  assert.ok(!(await one.reaches()));
  await one.dispose();
});

test("a switch's uplink has one owner: no profile takes its interface", async () => {
  const world = await worldBench();
  await withHosts(world, 'a');
  const { settings, switching } = world.world.hostPort('a');
  const prod = { name: 'prod', engine: 'Default', mtu: 1500, overlay: 'None', teaming: 'ActiveStandby', privateVlans: [] } as const;
  await switching.apply({ switches: [{ ...prod, uplinks: [{ name: 'uplink1', nic: 'eth1' }] }], ports: [] });
  const taken = await settings.refusal({ family: 'network', key: 'uplink uplink2', value: 'eth1' });
  assert.equal(taken, 'eth1 is an uplink of DistributedSwitch prod');
  await world.world.close();
});

test('a boot ends the guests, and takes longer than a moment', async () => {
  const world = await worldBench();
  await withHosts(world, 'a');
  await startGuest(world, 'a', guestSpec('g1'));
  const before = world.world.hostState('a')?.bootId;
  void world.world.hostPort('a').settings.reboot();
  await world.clock.advance(1);
  assert.equal(world.world.hostState('a')?.running, false);
  await world.clock.advance(3_000);
  assert.equal(world.world.hostState('a')?.bootId, before);
  await world.clock.advance(10_000);
  assert.notEqual(world.world.hostState('a')?.bootId, before);
  assert.equal(world.world.hostState('a')?.agentRunning, true);
  assert.deepEqual(await guestsOn(world.world.hostPort('a')), []);
  await world.world.close();
});
