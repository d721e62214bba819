import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HostSettings } from '../../api/host-settings.ts';
import { settingFamilies, type Impact, type SettingValue } from '../../api/setting.ts';
import { families, familyOf } from './families.ts';
import { isAllowed } from './files.ts';

const answers = { nic: 'eth1', swap: '5' };

interface Row {
  readonly says: HostSettings;
  readonly key: string;
  readonly wanted: SettingValue;
  /** As a host may have it, and what would be written then. */
  readonly found: SettingValue;
  readonly written: SettingValue;
  readonly impact: Impact;
  /** Another way in which a host may say the very same. */
  readonly same?: SettingValue;
  readonly words: string;
}

const table: Readonly<Record<string, readonly Row[]>> = {
  sysctl: [
    {
      says: { sysctl: [{ name: 'net.ipv4.tcp_rmem', value: '4096 87380 6291456' }] },
      key: 'net.ipv4.tcp_rmem',
      wanted: '4096 87380 6291456',
      found: '4096\t131072\t6291456',
      written: '4096 87380 6291456',
      same: '4096\t87380\t6291456',
      impact: 'None',
      words: '4096 131072 6291456',
    },
    {
      says: { sysctl: [{ name: 'vm.swappiness', valueFrom: { answer: 'swap' } }] },
      key: 'vm.swappiness',
      wanted: '5',
      found: '60',
      written: '5',
      impact: 'None',
      words: '60',
    },
    {
      says: { sysctl: [{ name: 'vm.nr_hugepages', value: '512' }] },
      key: 'vm.nr_hugepages',
      wanted: '512',
      found: '0',
      written: '512',
      impact: 'Maintenance',
      words: '0',
    },
  ],
  modules: [
    {
      says: { modules: ['vhost_net'] },
      key: 'vhost_net',
      wanted: 'loaded',
      found: null,
      written: 'loaded',
      impact: 'None',
      words: 'not there',
    },
  ],
  time: [
    {
      says: { time: { servers: ['a.example', 'b.example'] } },
      key: 'servers',
      wanted: 'a.example b.example',
      found: 'c.example',
      written: 'a.example b.example',
      impact: 'None',
      words: 'c.example',
    },
  ],
  dns: [
    {
      says: { dns: { nameservers: ['192.0.2.53'] } },
      key: 'nameservers',
      wanted: '192.0.2.53',
      found: '',
      written: '192.0.2.53',
      impact: 'None',
      words: 'empty',
    },
    {
      says: { dns: { search: ['example'] } },
      key: 'search',
      wanted: 'example',
      found: '',
      written: 'example',
      impact: 'None',
      words: 'empty',
    },
  ],
  services: [
    {
      says: { services: [{ name: 'chrony', running: true }] },
      key: 'chrony',
      wanted: { running: 'true' },
      found: { enabled: 'true', running: 'false' },
      written: { enabled: 'true', running: 'true' },
      same: { enabled: 'false', running: 'true' },
      impact: 'None',
      words: 'enabled true, running false',
    },
    {
      says: { services: [{ name: 'openvswitch', enabled: true, running: true }] },
      key: 'openvswitch',
      wanted: { enabled: 'true', running: 'true' },
      found: { enabled: 'false', running: 'false' },
      written: { enabled: 'true', running: 'true' },
      impact: 'Maintenance',
      words: 'enabled false, running false',
    },
  ],
  files: [
    {
      says: { files: [{ path: '/etc/motd', contents: 'managed\n' }] },
      key: '/etc/motd',
      wanted: { contents: 'managed\n' },
      found: { mode: '0600', contents: 'x' },
      written: { mode: '0600', contents: 'managed\n' },
      same: { mode: '0640', contents: 'managed\n' },
      impact: 'None',
      words: 'mode 0600, 1 characters, hash af63f54c',
    },
    {
      says: { files: [{ path: '/etc/hypersphere/a', contents: 'a' }] },
      key: '/etc/hypersphere/a',
      wanted: { contents: 'a' },
      found: null,
      written: { mode: '0644', contents: 'a' },
      impact: 'None',
      words: 'not there',
    },
    {
      says: { files: [{ path: '/etc/kernel/cmdline', mode: '0644', contents: 'quiet' }] },
      key: '/etc/kernel/cmdline',
      wanted: { mode: '0644', contents: 'quiet' },
      found: null,
      written: { mode: '0644', contents: 'quiet' },
      impact: 'Reboot',
      words: 'not there',
    },
  ],
  network: [
    { says: { network: { mtu: 9000 } }, key: 'mtu', wanted: '9000', found: '1500', written: '9000', impact: 'Maintenance', words: '1500' },
    {
      says: { network: { uplinks: [{ name: 'uplink1', valueFrom: { answer: 'nic' } }] } },
      key: 'uplink uplink1',
      wanted: 'eth1',
      found: 'eth0',
      written: 'eth1',
      impact: 'Maintenance',
      words: 'eth0',
    },
  ],
  mounts: [
    {
      says: { mounts: [{ path: '/srv/vms', source: '192.0.2.60:/vms', type: 'nfs4' }] },
      key: '/srv/vms',
      wanted: { source: '192.0.2.60:/vms', type: 'nfs4' },
      found: null,
      written: { source: '192.0.2.60:/vms', type: 'nfs4' },
      impact: 'None',
      words: 'not there',
    },
    {
      says: { mounts: [{ path: '/srv/vms', source: '192.0.2.61:/vms', type: 'nfs4' }] },
      key: '/srv/vms',
      wanted: { source: '192.0.2.61:/vms', type: 'nfs4' },
      found: { source: '192.0.2.60:/vms', type: 'nfs4' },
      written: { source: '192.0.2.61:/vms', type: 'nfs4' },
      impact: 'Maintenance',
      words: 'source 192.0.2.60:/vms, type nfs4',
    },
  ],
  firewall: [
    {
      says: { firewall: [{ name: 'agents', allow: { protocol: 'TCP', ports: [7443], from: ['198.51.100.0/24'] } }] },
      key: 'agents',
      wanted: { action: 'allow', protocol: 'TCP', ports: '7443', from: '198.51.100.0/24' },
      found: { action: 'allow', protocol: 'TCP', ports: '7443', from: '' },
      written: { action: 'allow', protocol: 'TCP', ports: '7443', from: '198.51.100.0/24' },
      impact: 'None',
      words: 'action allow, protocol TCP, ports 7443',
    },
    {
      says: { firewall: [{ name: 'lockdown', deny: {} }] },
      key: 'lockdown',
      wanted: { action: 'deny', protocol: '', ports: '', from: '' },
      found: null,
      written: { action: 'deny', protocol: '', ports: '', from: '' },
      impact: 'None',
      words: 'not there',
    },
  ],
};

test('every family is in the table, and every one is changed in an order in which those that may cut a host off come last', () => {
  assert.deepEqual(Object.keys(table).sort(), [...settingFamilies].sort());
  assert.deepEqual(families.map(({ name }) => name).sort(), [...settingFamilies].sort());
  const severing = families.map(({ severs }) => severs);
  assert.deepEqual(severing, [...severing].sort());
});

for (const family of families) {
  describe(`the family ${family.name}`, () => {
    for (const row of table[family.name] ?? []) {
      const change = { family: family.name, key: row.key, found: row.found, wanted: row.wanted };
      test(`${row.key}: what a profile says, what differs, what is written, and back`, () => {
        assert.deepEqual(family.wishes(row.says, answers), [{ key: row.key, value: row.wanted }]);
        assert.equal(family.check(row.wanted, row.found), false);
        assert.deepEqual(family.apply(change), [{ family: family.name, key: row.key, value: row.written }]);
        assert.equal(family.check(row.wanted, row.written), true);
        assert.equal(family.check(row.wanted, row.same ?? row.written), true);
        assert.deepEqual(family.undo(change), [{ family: family.name, key: row.key, value: row.found }]);
        assert.equal(family.impact(change), row.impact);
        assert.equal(family.words(row.found), row.words);
      });

      test(`${row.key}: what was written says, as a profile, the same`, () => {
        const says = family.extract([{ family: family.name, key: row.key, value: row.written }]);
        const [wish, ...others] = family.wishes(says, {});
        assert.deepEqual(others, []);
        assert.equal(wish?.key, row.key);
        assert.ok('value' in wish && family.check(wish.value, row.written));
      });
    }

    test('says nothing where a profile says nothing, and takes nothing from a host that has nothing', () => {
      assert.deepEqual(family.wishes({}, answers), []);
      assert.deepEqual(family.extract([]), {});
    });
  });
}

test('an answer that the host does not give is named', () => {
  const says: HostSettings = { sysctl: [{ name: 'vm.swappiness', valueFrom: { answer: 'none' } }] };
  assert.deepEqual(familyOf({ family: 'sysctl' }).wishes(says, answers), [{ key: 'vm.swappiness', missing: 'none' }]);
});

test('files are changed only below the paths of the agent, however they are spelt', () => {
  const roots = ['/etc/hypersphere/', '/etc/motd'];
  const allowed = (key: string): boolean => isAllowed({ family: 'files', key }, roots);
  assert.ok(allowed('/etc/motd') && allowed('/etc/hypersphere/a/b'));
  for (const path of [
    '/etc/shadow',
    '/etc/motd.d/x',
    '/etc/motd/',
    '/etc/hypersphere',
    '/etc/hypersphere/../shadow',
    '/etc/hypersphere/./../x',
    '/',
  ])
    assert.ok(!allowed(path), path);
  assert.ok(isAllowed({ family: 'mounts', key: '/srv' }, []));
});
