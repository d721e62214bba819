/** HostProfiles that no control plane may take. */

type Bad = readonly [what: string, object: object, field: string, code?: 400 | 422];

const profile = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'hypersphere.io/v1alpha1',
  kind: 'HostProfile',
  metadata: { name: 'bad', ...metadata },
  spec: { hostSelector: {}, ...spec },
});
const settings = (families: object): object => profile({ settings: families });
const good = { sysctl: [{ name: 'vm.swappiness', value: '10' }] };
const rolled = (rollout: object): object => profile({ settings: good, rollout });
const sysctl = (...items: object[]): object => settings({ sysctl: items });
const file = (more: object): object => settings({ files: [{ path: '/etc/motd', contents: 'x', ...more }] });
const rule = (more: object): object => settings({ firewall: [{ name: 'agents', ...more }] });
const mount = (more: object): object => settings({ mounts: [{ path: '/srv/vms', source: '192.0.2.60:/vms', type: 'nfs4', ...more }] });
const uplink = (more: object): object => settings({ network: { uplinks: [{ name: 'uplink1', ...more }] } });
const service = (more: object): object => settings({ services: [{ name: 'chrony', ...more }] });
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

export const badProfiles: readonly Bad[] = [
  ['a profile without settings', profile({}), 'spec.settings'],
  ['a profile of no setting', settings({}), 'spec.settings'],
  ['a profile without a selector', { ...profile({}), spec: { settings: good } }, 'spec.hostSelector'],
  ['a profile whose name is too long', profile({ settings: good }, { name: 'a'.repeat(64) }), 'metadata.name'],
  ['a family that nobody knows', settings({ registry: [] }), 'spec.settings.registry', 400],
  ['an enforcement that nobody knows', profile({ settings: good, enforcement: 'Always' }), 'spec.enforcement'],
  ['a priority beyond all others', profile({ settings: good, priority: 1001 }), 'spec.priority'],
  ['a roll-back at once', profile({ settings: good, rollback: { after: '1s' } }), 'spec.rollback.after'],
  ['a roll-back some day', profile({ settings: good, rollback: { after: '2h' } }), 'spec.rollback.after'],
  ['a roll-back in words', profile({ settings: good, rollback: { after: 'soon' } }), 'spec.rollback.after'],
  ['fewer than no canary', rolled({ canary: -1 }), 'spec.rollout.canary'],
  ['no host at a time', rolled({ maxUnavailable: 0 }), 'spec.rollout.maxUnavailable'],
  ['no share at a time', rolled({ maxUnavailable: '0%' }), 'spec.rollout.maxUnavailable'],
  ['more than all at a time', rolled({ maxUnavailable: '101%' }), 'spec.rollout.maxUnavailable'],
  ['a number as text', rolled({ maxUnavailable: '3' }), 'spec.rollout.maxUnavailable'],
  ['a pause that is no yes and no no', rolled({ pauseOnFailure: 'maybe' }), 'spec.rollout.pauseOnFailure'],
  ['a soak without end', rolled({ soak: '48h' }), 'spec.rollout.soak'],
  ['a parameter without a value', sysctl({ name: 'vm.swappiness' }), 'spec.settings.sysctl[0]'],
  ['a parameter with two values', sysctl({ name: 'vm.swappiness', value: '1', valueFrom: { answer: 'a' } }), 'spec.settings.sysctl[0]'],
  ['a parameter whose value is a number', sysctl({ name: 'vm.swappiness', value: 10 }), 'spec.settings.sysctl[0].value'],
  ['a parameter of two lines', sysctl({ name: 'vm.swappiness', value: '1\n2' }), 'spec.settings.sysctl[0].value'],
  ['a parameter that is a path', sysctl({ name: '../../etc/passwd', value: '1' }), 'spec.settings.sysctl[0].name'],
  ['a parameter twice', sysctl({ name: 'vm.swappiness', value: '1' }, { name: 'vm.swappiness', value: '2' }), 'spec.settings.sysctl[1]'],
  ['too many parameters', sysctl(...many(257, (index) => ({ name: `a.b${String(index)}`, value: '1' }))), 'spec.settings.sysctl'],
  [
    'an answer that is a path',
    sysctl({ name: 'vm.swappiness', valueFrom: { answer: '../x' } }),
    'spec.settings.sysctl[0].valueFrom.answer',
  ],
  ['a module with blanks', settings({ modules: ['vhost net'] }), 'spec.settings.modules[0]'],
  ['a module twice', settings({ modules: ['vhost_net', 'vhost_net'] }), 'spec.settings.modules[1]'],
  ['no module', settings({ modules: [] }), 'spec.settings.modules'],
  ['time from nowhere', settings({ time: { servers: [] } }), 'spec.settings.time.servers'],
  ['time from a command', settings({ time: { servers: ['$(reboot)'] } }), 'spec.settings.time.servers[0]'],
  ['names by nobody', settings({ dns: {} }), 'spec.settings.dns'],
  ['a resolver that is a name', settings({ dns: { nameservers: ['ns.example'] } }), 'spec.settings.dns.nameservers[0]'],
  ['four resolvers', settings({ dns: { nameservers: many(4, (index) => `192.0.2.${String(index)}`) } }), 'spec.settings.dns.nameservers'],
  ['a service of which nothing is said', service({}), 'spec.settings.services[0]'],
  ['a service that runs now and then', service({ running: 'sometimes' }), 'spec.settings.services[0].running'],
  ['a unit that is a command', service({ name: 'chrony; reboot', running: true }), 'spec.settings.services[0].name'],
  ['a file that climbs out', file({ path: '/etc/hypersphere/../shadow' }), 'spec.settings.files[0].path'],
  ['a file from nowhere', file({ path: 'etc/motd' }), 'spec.settings.files[0].path'],
  ['a file with a blank in its path', file({ path: '/etc/m otd' }), 'spec.settings.files[0].path'],
  ['a file that anybody may run as root', file({ mode: '4755' }), 'spec.settings.files[0].mode'],
  ['a file longer than any', file({ contents: 'x'.repeat(16_385) }), 'spec.settings.files[0].contents'],
  ['a file without contents', settings({ files: [{ path: '/etc/motd' }] }), 'spec.settings.files[0].contents'],
  ['packets too small to carry anything', settings({ network: { mtu: 100 } }), 'spec.settings.network.mtu'],
  ['packets larger than any', settings({ network: { mtu: 65_536 } }), 'spec.settings.network.mtu'],
  ['a network of which nothing is said', settings({ network: {} }), 'spec.settings.network'],
  ['an uplink that is nothing', uplink({}), 'spec.settings.network.uplinks[0]'],
  ['an uplink with a name that is too long', uplink({ value: 'a'.repeat(16) }), 'spec.settings.network.uplinks[0].value'],
  ['a mount that climbs out', mount({ path: '/srv/../etc' }), 'spec.settings.mounts[0].path'],
  ['a mount with options in its source', mount({ source: '-o suid /dev/sdb' }), 'spec.settings.mounts[0].source'],
  ['a mount of no type', settings({ mounts: [{ path: '/srv/vms', source: '/dev/sdb' }] }), 'spec.settings.mounts[0].type'],
  ['a rule that says nothing', rule({}), 'spec.settings.firewall[0]'],
  ['a rule that says two things', rule({ allow: {}, deny: {} }), 'spec.settings.firewall[0]'],
  ['ports of no protocol', rule({ allow: { ports: [7443] } }), 'spec.settings.firewall[0].allow.protocol'],
  ['a port beyond all', rule({ allow: { protocol: 'TCP', ports: [70_000] } }), 'spec.settings.firewall[0].allow.ports[0]'],
  ['a network that is a name', rule({ deny: { from: ['everybody'] } }), 'spec.settings.firewall[0].deny.from[0]'],
];
