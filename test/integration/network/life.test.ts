// The ports of VMs, on the whole system: who is given what, where they may be, and what stays the same.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DistributedSwitch } from '../../../src/api/distributed-switch.ts';
import { PortGroup } from '../../../src/api/port-group.ts';
import { SwitchPort } from '../../../src/api/switch-port.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { Event, Node } from '../../../src/meta/core.ts';
import { endOf, hostOf, makeMove } from '../fleet/moves.ts';
import { startNetworks, told, type NetworkFleet } from './networks.ts';

const eth0 = (portGroup = 'web', more: object = {}) => ({ networks: [{ name: 'eth0', portGroup, ...more }] });

let fleet: NetworkFleet;
before(async () => {
  fleet = await startNetworks(3);
  await fleet.makeVm('web', eth0());
  await fleet.untilReady('web');
});
after(() => fleet.stop());

const nicOf = async (name: string) => (await fleet.vm(name)).status.networks?.[0] ?? assert.fail(`${name} has no NIC`);
const running = async (name: string) => (await fleet.instance(name)).spec.networks?.[0] ?? assert.fail(`${name} runs without a NIC`);
const deleteVm = async (name: string): Promise<void> => {
  await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name }));
  await fleet.until(async () => (await fleet.find(name)) === undefined);
};

describe('a VM with a network', () => {
  test('runs with the identity of its port, which says where it is', async () => {
    const nic = await nicOf('web');
    assert.equal(told(await fleet.vm('web'), 'NetworkReady'), 'True Connected: each of its NICs has its port');
    assert.match(nic.macAddress, /^02:/);
    assert.match(nic.addresses[0] ?? '', /^10\.0\.10\./);
    const { port, switch: of, portGroup, macAddress, addresses, blocked } = await running('web');
    assert.deepEqual(
      [port, of, portGroup, macAddress, addresses, blocked],
      ['web.eth0', 'prod', 'web', nic.macAddress, nic.addresses, false],
    );
    const host = await hostOf(fleet);
    await fleet.until(async () => told((await fleet.port('web.eth0')) ?? assert.fail()) === `True Bound: on ${host}`);
  });

  test('keeps its identity when it is off, starts anew, or moves', async () => {
    const nic = await nicOf('web');
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.untilSays('web', 'Ready=True PoweredOff');
    await fleet.until(async () => told((await fleet.port('web.eth0')) ?? assert.fail()) === 'True Unbound: its VM does not run');
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.untilSays('web', 'Ready=True Running');
    assert.deepEqual(await nicOf('web'), nic);
    await makeMove(fleet, 'away');
    assert.equal(await endOf(fleet, 'away'), 'Complete=True Succeeded');
    await fleet.until(async () => (await fleet.instances('web')).length === 1);
    assert.deepEqual([await nicOf('web'), (await running('web')).macAddress], [nic, nic.macAddress]);
    const host = await hostOf(fleet);
    await fleet.until(async () => (await fleet.port('web.eth0'))?.status.nodeName === host);
  });

  test('deleted and made again, as from Git, it finds its MAC and its addresses', async () => {
    await fleet.makeVm('git', eth0());
    await fleet.untilReady('git');
    const nic = await nicOf('git');
    await deleteVm('git');
    await fleet.until(async () => (await fleet.port('git.eth0')) === undefined);
    assert.ok((await fleet.claims()).filter(({ spec }) => spec.port.name === 'git.eth0').every(({ spec }) => spec.freedAt !== undefined));
    await fleet.makeVm('git', eth0());
    await fleet.untilReady('git');
    assert.deepEqual(await nicOf('git'), nic);
    assert.ok((await fleet.claims()).filter(({ spec }) => spec.port.name === 'git.eth0').every(({ spec }) => spec.freedAt === undefined));
  });

  test('a policy goes to what runs at once; a NIC that comes or goes waits for a restart', async () => {
    await fleet.makeVm('changing', eth0());
    await fleet.untilReady('changing');
    const policy = { shaping: { egress: { average: '1M' } } };
    await fleet.patchVm('changing', eth0('web', { policy }));
    await fleet.until(async () => JSON.stringify((await running('changing')).policy) === JSON.stringify(policy));
    await fleet.patchVm('changing', eth0());
    await fleet.until(async () => (await running('changing')).policy === undefined);
    await fleet.makeGroup('more', { vlan: { id: 20 }, addresses: { pool: 'fd00:20::/64' } });
    await fleet.patchVm('changing', { networks: [{ name: 'eth1', portGroup: 'more' }] });
    await fleet.until(async () =>
      told(await fleet.vm('changing'), 'RestartRequired').endsWith('spec.networks: eth1 is new, spec.networks: eth0 was removed'),
    );
    assert.notEqual(await fleet.port('changing.eth0'), undefined, 'the port of a NIC that lives was given up');
    await fleet.patchVm('changing', { nextRestartTime: new Date(fleet.clock.now()).toISOString() });
    await fleet.until(async () => (await fleet.vm('changing')).status.incarnation === 2);
    await fleet.untilReady('changing');
    assert.match((await running('changing')).addresses[0] ?? '', /^fd00:20:/);
    await fleet.until(async () => (await fleet.port('changing.eth0')) === undefined);
  });

  test('Dynamic and Ephemeral: it has a port while it is to run', async () => {
    await fleet.makeGroup('dynamic', { binding: 'Dynamic' });
    await fleet.makeVm('sometimes', { ...eth0('dynamic'), powerState: 'PoweredOff' });
    await fleet.untilSays('sometimes', 'Ready=True PoweredOff');
    await fleet.clock.advance(5_000);
    assert.equal(await fleet.port('sometimes.eth0'), undefined);
    await fleet.patchVm('sometimes', { powerState: 'PoweredOn' });
    await fleet.untilSays('sometimes', 'Ready=True Running');
    const nic = await nicOf('sometimes');
    await fleet.patchVm('sometimes', { powerState: 'PoweredOff' });
    await fleet.until(async () => (await fleet.port('sometimes.eth0')) === undefined);
    await fleet.patchVm('sometimes', { powerState: 'PoweredOn' });
    await fleet.untilSays('sometimes', 'Ready=True Running');
    assert.deepEqual(await nicOf('sometimes'), nic);
  });

  test('goes where its switch is, and nowhere else', async () => {
    await fleet.during(fleet.person.patch(Node, { name: 'rack-2' }, { metadata: { labels: { switch: 'lab' } } }));
    await fleet.makeSwitch('lab', { hostSelector: { matchLabels: { switch: 'lab' } } });
    await fleet.makeGroup('lab', { switch: 'lab', addresses: null });
    await fleet.makeVm('there', eth0('lab'));
    await fleet.untilReady('there');
    assert.equal(await hostOf(fleet, 'there'), 'rack-2');
    await makeMove(fleet, 'not-there', { virtualMachine: 'there', target: { nodeName: 'rack-1' } });
    assert.equal(await endOf(fleet, 'not-there'), 'Failed=True TargetNotOnSwitch');
    await fleet.during(
      fleet.person.patch(DistributedSwitch, { name: 'lab' }, { spec: { hostSelector: { matchLabels: { switch: 'none' } } } }),
    );
    await fleet.makeVm('nowhere', eth0('lab'));
    await fleet.until(async () => told(await fleet.vm('nowhere')) === 'False NoHostFits: 0/3 hosts: 3 not on switch lab');
  });

  test('made together with its switch starts when that is in order, and nobody is alarmed meanwhile', async () => {
    await fleet.makeSwitch('fresh');
    await fleet.makeGroup('fresh', { switch: 'fresh', addresses: null });
    await fleet.makeVm('at-once', eth0('fresh'));
    await fleet.untilReady('at-once');
    const { items } = await fleet.during(fleet.person.list(Event, { namespace: 'shop' }));
    const told = items.filter(({ regarding, type }) => regarding.name === 'at-once' && type === 'Warning');
    assert.deepEqual(
      told.map(({ note }) => note),
      [],
    );
  });

  test('a port or a claim that somebody deletes comes back as it was', async () => {
    const nic = await nicOf('web');
    const [claim] = (await fleet.claims()).filter(({ spec }) => spec.address === nic.addresses[0]);
    await fleet.during(
      fleet.person.delete(
        { ...SwitchPort, kind: 'AddressClaim', plural: 'addressclaims', namespaced: false },
        claim?.metadata ?? { name: '' },
      ),
    );
    await fleet.until(async () =>
      (await fleet.claims()).some(({ spec }) => spec.address === nic.addresses[0] && spec.port.name === 'web.eth0'),
    );
    await fleet.during(fleet.person.delete(SwitchPort, { namespace: 'shop', name: 'web.eth0' }));
    await fleet.clock.advance(5_000);
    assert.notEqual(await fleet.port('web.eth0'), undefined, 'a port whose guest runs is gone');
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.until(async () => {
      const port = await fleet.port('web.eth0');
      return port?.spec.addresses !== undefined && port.metadata.deletionTimestamp === undefined;
    });
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.untilSays('web', 'Ready=True Running');
    assert.deepEqual(await nicOf('web'), nic);
  });

  test('costs so many writes from its creation until it runs: its port, two claims, and what a VM without one does', async () => {
    await fleet.clock.advance(40_000);
    fleet.writes.length = 0;
    await fleet.makeVm('counted', eth0());
    await fleet.untilReady('counted');
    await fleet.clock.advance(2_000);
    const about = (path: string): number => fleet.writes.filter((write) => write.includes(path)).length;
    const counts = ['/switchports/counted.eth0', '/addressclaims', '/virtualmachines/counted', '/virtualmachineinstances', '/hosts/'].map(
      about,
    );
    // The port: made, given its identity, bound. The VM: made, said, kept, started, running; its instance: made, starting, running; its host.
    assert.deepEqual(counts, [3, 2, 5, 3, 1], fleet.writes.join('\n'));
  });

  test('at rest nothing of it is written; a change of policy of its group is written by hosts alone', async () => {
    await fleet.clock.advance(60_000);
    fleet.writes.length = 0;
    await fleet.clock.advance(120_000);
    const written = () => fleet.writes.splice(0).filter((write) => !write.includes('/leases') && !write.includes('/hostusages/'));
    assert.deepEqual(written(), []);
    await fleet.during(fleet.person.patch(PortGroup, { name: 'web' }, { spec: { policy: { shaping: { ingress: { average: '5M' } } } } }));
    await fleet.clock.advance(60_000);
    const after = written().filter((write) => !write.includes('/hosts/'));
    // The person's own, and that the group's new generation was seen.
    assert.ok(after.length <= 2 && after.every((write) => write.includes('/portgroups/web')), after.join('\n'));
  });
});
