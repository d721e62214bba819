/** HostProfiles that a control plane takes, and no host: what their settings are, and what the host's agent says of them. */

/** @property beside what a profile of a higher priority wants. */
export interface Refused {
  readonly what: string;
  readonly settings: object;
  readonly says: RegExp;
  readonly beside?: object;
}

const sysctl = (name: string, value: string): object => ({ sysctl: [{ name, value }] });
const file = (path: string): object => ({ files: [{ path, contents: 'x' }] });
const mount = (more: object): object => ({ mounts: [{ path: '/srv/vms', source: '192.0.2.60:/vms', type: 'nfs4', ...more }] });
const service = (name: string): object => ({ services: [{ name, running: true }] });
const uplink = (more: object): object => ({ network: { uplinks: [{ name: 'uplink1', ...more }] } });

const unknownSysctls = [
  'net.ipv4.no_such_thing',
  'vm.swapiness',
  'kernel.pidmax',
  'net.core.somaxcon',
  'fs.file-maximum',
  'net.ipv6.conf.eth99.forwarding',
  'vm.nr_hugepage',
  'dev.none.speed',
].map((name): Refused => ({
  what: `the parameter ${name}`,
  settings: sysctl(name, '1'),
  says: /^sysctl \S+: cannot stat \/proc\/sys\/\S+: No such file/,
}));

const badValues = ['ten', '10 percent', '0x10', '1.5', '1'.repeat(20)].map((value): Refused => ({
  what: `a parameter of ${value}`,
  settings: sysctl('vm.swappiness', value),
  says: /^sysctl vm\.swappiness: .*Invalid argument/,
}));

const unknownModules = ['no_such_module', 'vhost_nett', 'kvm_intell', 'zfs_of_old'].map((name): Refused => ({
  what: `the module ${name}`,
  settings: { modules: [name] },
  says: /^modules \S+: Module \S+ not found/,
}));

const unknownServices = ['no-such', 'chronyy', 'sshd.socket.none', 'fstrim.timers'].map((name): Refused => ({
  what: `the service ${name}`,
  settings: service(name),
  says: /^services \S+: Unit \S+ could not be found/,
}));

const escapes = [
  '/etc/shadow',
  '/etc/passwd',
  '/etc/sudoers.d/all',
  '/root/.ssh/authorized_keys',
  '/etc/hypersphere',
  '/etc/hypersphere2/a',
  '/etc/motd.d/a',
  '/etc/issue.net',
  '/etc/sysctl.conf',
  '/usr/bin/env',
  '/etc/kernel/cmdline.d/a',
  '/etc/modprobe.conf',
  '/srv/etc/motd',
].map((path): Refused => ({
  what: `the file ${path}`,
  settings: file(path),
  says: /^files \/\S+: .*(not below the paths|is a directory)/,
}));

const noNics = ['eth9', 'bond0', 'eth0.100', 'wlan0'].map((value): Refused => ({
  what: `the interface ${value}`,
  settings: uplink({ value }),
  says: /^network uplink uplink1: Device "\S+" does not exist/,
}));

const noTypes = ['ntfs', 'zfs', 'vfat'].map((type): Refused => ({
  what: `a mount of ${type}`,
  settings: mount({ type }),
  says: /^mounts \/srv\/vms: unknown filesystem type/,
}));

const unanswered: readonly Refused[] = [
  {
    what: 'a parameter that the host does not answer',
    settings: { sysctl: [{ name: 'vm.swappiness', valueFrom: { answer: 'swap' } }] },
    says: /^sysctl vm\.swappiness: spec\.answers of the Host has no swap/,
  },
  {
    what: 'an uplink that the host does not answer',
    settings: uplink({ valueFrom: { answer: 'nic' } }),
    says: /^network uplink uplink1: spec\.answers of the Host has no nic/,
  },
];

const overruled = (
  [
    ['sysctl vm.swappiness', sysctl('vm.swappiness', '20'), sysctl('vm.swappiness', '10')],
    ['files /etc/motd', file('/etc/motd'), { files: [{ path: '/etc/motd', contents: 'other' }] }],
    ['mounts /srv/vms', mount({}), mount({ source: '192.0.2.61:/vms' })],
    ['firewall agents', { firewall: [{ name: 'agents', allow: {} }] }, { firewall: [{ name: 'agents', deny: {} }] }],
    ['dns nameservers', { dns: { nameservers: ['192.0.2.53'] } }, { dns: { nameservers: ['192.0.2.54'] } }],
  ] as const
).map(([setting, settings, beside]): Refused => ({
  what: `${setting} that another profile wants to be different`,
  settings,
  beside,
  says: new RegExp(`^${setting}: profile first wants another value, and its word counts`),
}));

export const refusedProfiles: readonly Refused[] = [
  ...[...unknownSysctls, ...badValues, ...unknownModules, ...unknownServices, ...escapes],
  ...[...noNics, ...noTypes, ...unanswered, ...overruled],
];
