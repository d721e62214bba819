// What one object alone cannot tell is wrong with a network: each is said in a condition that names the field, and is looked at again when that changes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PortGroup } from '../../../src/api/port-group.ts';
import { DistributedSwitch } from '../../../src/api/distributed-switch.ts';
import { Namespace } from '../../../src/meta/core.ts';
import { startNetworks, told, type NetworkFleet } from './networks.ts';

const nics = (...groups: readonly string[]) => ({
  networks: groups.map((portGroup, index) => ({ name: `eth${String(index)}`, portGroup })),
});
const small = (ports: number) => ({ ports, autoExpand: false, addresses: { pool: '10.0.20.0/28' } });

let fleet: NetworkFleet;
before(async () => {
  fleet = await startNetworks(2);
});
after(() => fleet.stop());

const untilTold = async (vm: string, words: RegExp): Promise<void> => {
  await fleet.until(async () => words.test(told(await fleet.vm(vm), 'NetworkReady')));
};
const patchGroup = async (name: string, spec: object): Promise<void> => {
  await fleet.during(fleet.person.patch(PortGroup, { name }, { spec }));
};

describe('a VM whose network cannot be', () => {
  test('PortGroupNotFound, until somebody makes the group', async () => {
    await fleet.makeVm('lost', nics('web', 'nowhere'));
    await untilTold('lost', /^False PortGroupNotFound: spec\.networks\[1\]\.portGroup: there is no PortGroup nowhere$/);
    assert.equal((await fleet.instances('lost')).length, 0);
    await fleet.makeGroup('nowhere', { vlan: { id: 11 }, addresses: { pool: '10.0.11.0/24' } });
    await fleet.untilReady('lost');
  });

  test('PortGroupNotPermitted: until the group admits the namespace, or the namespace has the label', async () => {
    await fleet.makeGroup('closed', { namespaceSelector: { matchLabels: { team: 'a' } } });
    await fleet.makeGroup('nobodys', { namespaceSelector: null });
    await fleet.makeVm('barred', nics('closed'));
    await fleet.makeVm('barred-too', nics('nobodys'));
    await untilTold(
      'barred',
      /^False PortGroupNotPermitted: spec\.networks\[0\]\.portGroup: PortGroup closed does not admit namespace shop/,
    );
    await untilTold('barred-too', /^False PortGroupNotPermitted/);
    assert.equal(await fleet.port('barred.eth0'), undefined);
    await fleet.during(fleet.person.patch(Namespace, { name: 'shop' }, { metadata: { labels: { team: 'a' } } }));
    await fleet.untilReady('barred');
    await patchGroup('nobodys', { namespaceSelector: {} });
    await fleet.untilReady('barred-too');
  });

  test('a group that stops admitting a namespace blocks the ports that it has there, and lets them go again', async () => {
    await fleet.makeGroup('moody', {});
    await fleet.makeVm('shut', nics('moody'));
    await fleet.untilReady('shut');
    await patchGroup('moody', { namespaceSelector: null });
    await fleet.until(async () => (await fleet.instance('shut')).spec.networks?.[0]?.blocked === true);
    await untilTold('shut', /^False PortGroupNotPermitted/);
    await patchGroup('moody', { namespaceSelector: {} });
    await fleet.until(async () => (await fleet.instance('shut')).spec.networks?.[0]?.blocked === false);
    await untilTold('shut', /^True Connected/);
  });

  test('SwitchNotReady: its group is on a switch that there is not', async () => {
    await fleet.makeGroup('adrift', { switch: 'later' });
    await fleet.until(async () => told(await fleet.group('adrift')).startsWith('False SwitchNotFound: spec.switch'));
    await fleet.makeVm('adrift', nics('adrift'));
    await untilTold('adrift', /^False SwitchNotReady: .* on DistributedSwitch later, which there is not$/);
    await fleet.makeSwitch('later');
    await fleet.untilReady('adrift');
  });

  test('NoFreePorts: until one is given up', async () => {
    await fleet.makeGroup('two', { ...small(2), addresses: null });
    for (const name of ['one', 'other', 'third']) await fleet.makeVm(name, nics('two'));
    await fleet.until(async () => (await fleet.ports()).filter(({ spec }) => spec.portGroup === 'two').length === 2);
    const names = ['one', 'other', 'third'];
    const refused: string[] = [];
    await fleet.until(async () => {
      refused.length = 0;
      for (const name of names) if (told(await fleet.vm(name), 'NetworkReady').startsWith('False NoFreePorts')) refused.push(name);
      return refused.length === 1;
    });
    const gone = names.find((name) => !refused.includes(name)) ?? '';
    await fleet.patchVm(gone, { networks: null, powerState: 'PoweredOff' });
    await fleet.untilReady(...refused);
    await fleet.until(async () => {
      const { used, total } = (await fleet.group('two')).status.ports ?? {};
      return used === 2 && total === 2;
    });
  });

  test('AddressesExhausted, with figures; what is freed rests, and is given on then', async () => {
    await fleet.makeGroup('tiny', { addresses: { pool: '10.0.30.0/30', rest: '1m' } });
    for (const name of ['t1', 't2', 't3']) await fleet.makeVm(name, nics('tiny'));
    const words = 'False AddressesExhausted: PortGroup tiny has no free address: all are taken (2 in 10.0.30.0/30';
    const waits = async (name: string): Promise<boolean> => told(await fleet.vm(name), 'NetworkReady').startsWith(words);
    const waiting = async (): Promise<string[]> => {
      const found: string[] = [];
      for (const name of ['t1', 't2', 't3']) if (await waits(name)) found.push(name);
      return found;
    };
    await fleet.until(async () => (await waiting()).length === 1);
    const [last = ''] = await waiting();
    const gone = ['t1', 't2', 't3'].find((name) => name !== last) ?? '';
    const address = (await fleet.vm(gone)).status.networks?.[0]?.addresses[0];
    await fleet.patchVm(gone, { networks: null, powerState: 'PoweredOff' });
    await fleet.until(async () => (await fleet.claims()).some(({ spec }) => spec.address === address && spec.freedAt !== undefined));
    assert.ok(await waits(last), 'an address was given on before it had rested');
    await fleet.untilReady(last);
    assert.deepEqual((await fleet.vm(last)).status.networks?.[0]?.addresses, [address]);
  });
});

describe('groups and switches that cannot be', () => {
  const switchTold = (name: string, words: RegExp) => fleet.until(async () => words.test(told(await fleet.switch(name))));
  const groupTold = (name: string, words: RegExp) => fleet.until(async () => words.test(told(await fleet.group(name))));

  test('private VLANs that the switch does not have, and one that is private without saying so', async () => {
    await fleet.makeSwitch('pvlan', { privateVLANs: [{ primary: 100, secondary: 101, type: 'Isolated' }] });
    await fleet.makeGroup('unknown', { switch: 'pvlan', vlan: { private: 102 } });
    await fleet.makeGroup('quietly', { switch: 'pvlan', vlan: { id: 101 } });
    await fleet.makeGroup('right', { switch: 'pvlan', vlan: { private: 101 } });
    await groupTold('unknown', /^False PrivateVLANUnknown: spec\.vlan\.private is 102/);
    await groupTold('quietly', /^False VLANIsPrivate: spec\.vlan\.id is 101/);
    await groupTold('right', /^True Offered/);
  });

  test('uplinks that no host answers, until one does', async () => {
    await fleet.makeSwitch('deaf', { uplinks: { ports: ['way1'] } });
    await switchTold('deaf', /^False UplinkUnanswered: spec\.uplinks\.ports\[0\]: no host says in spec\.answers which interface way1 is/);
    await fleet.answers('rack-1', { way1: 'eth1' });
    await fleet.until(async () => !told(await fleet.switch('deaf')).includes('UplinkUnanswered'));
  });

  test('an interface of a host that an older switch has', async () => {
    await fleet.answers('rack-1', { way1: 'eth1', way2: 'eth1' });
    await fleet.makeSwitch('greedy', { uplinks: { ports: ['way2'] } });
    await switchTold(
      'greedy',
      /^False InterfaceOfAnother: spec\.uplinks: eth1 of rack-1 belongs to DistributedSwitch deaf, which is older/,
    );
    await fleet.answers('rack-1', { way1: 'eth1', way2: 'eth2' });
    await fleet.until(async () => !told(await fleet.switch('greedy')).includes('InterfaceOfAnother'));
  });

  test('mirrors that lead back to themselves, and one whose target takes no copies', async () => {
    await fleet.makeGroup('copies', { mirrorDestination: true, vlan: { id: 12 }, addresses: null });
    await fleet.makeVm('ids', { ...nics('copies', 'web') });
    await fleet.untilReady('ids');
    const to = (network: string) => ({ virtualMachine: { namespace: 'shop', name: 'ids' }, network });
    const mirrors = (some: readonly object[]) =>
      fleet.during(fleet.person.patch(DistributedSwitch, { name: 'prod' }, { spec: { mirrors: some } }));
    await mirrors([{ name: 'a', from: { portGroup: 'moody' }, direction: 'Both', to: to('eth1') }]);
    await switchTold(
      'prod',
      /^False MirrorTargetRefuses: spec\.mirrors\[0\]\.to: shop\/ids\.eth1 is of PortGroup web, which does not say mirrorDestination/,
    );
    await mirrors([
      { name: 'a', from: { portGroup: 'web' }, direction: 'Both', to: to('eth0') },
      { name: 'b', from: { portGroup: 'copies' }, direction: 'Both', to: to('eth1') },
    ]);
    await switchTold('prod', /^False MirrorLoop: spec\.mirrors: the copies that a makes come back to it through b/);
    await mirrors([{ name: 'a', from: { portGroup: 'web' }, direction: 'Both', to: to('eth0') }]);
    await fleet.until(async () => !told(await fleet.switch('prod')).includes('Mirror'));
  });

  test('in use: a group stays while it has ports, a switch while it has groups', async () => {
    await fleet.makeSwitch('going');
    await fleet.makeGroup('going', { switch: 'going', vlan: { id: 13 }, addresses: null });
    await fleet.makeVm('stays', nics('going'));
    await fleet.untilReady('stays');
    await fleet.during(fleet.person.delete(DistributedSwitch, { name: 'going' }));
    await fleet.during(fleet.person.delete(PortGroup, { name: 'going' }));
    await switchTold('going', /^False InUse: it is deleted once it has no groups; these are its: going/);
    await groupTold('going', /^False InUse: it is deleted once it has no ports; these are its: shop\/stays\.eth0/);
    await fleet.makeVm('late', nics('going'));
    await untilTold('late', /^False (PortGroupNotFound|SwitchNotReady)/);
    await fleet.patchVm('stays', { powerState: 'PoweredOff', networks: null });
    await fleet.until(async () => (await fleet.during(fleet.person.get(DistributedSwitch, { name: 'going' }))) === undefined);
  });
});
