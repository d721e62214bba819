import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aVm, meta } from '../../test/builders/objects.ts';
import type { DistributedSwitch } from '../api/distributed-switch.ts';
import type { PortGroup } from '../api/port-group.ts';
import type { SwitchPort } from '../api/switch-port.ts';
import { attachmentOf, networkChanges, networkNeeds, type NetworkView } from './attachment.ts';

const apiVersion = 'hypersphere.io/v1alpha1';
const going = { deletionTimestamp: '2026-03-01T12:00:00Z' };

const aSwitch = (name: string, metadata: object = {}): DistributedSwitch => ({
  apiVersion,
  kind: 'DistributedSwitch',
  metadata: meta(name, metadata),
  spec: { hostSelector: {}, engine: 'Default', mtu: 1500, overlay: 'None', rollback: { after: '30s' } },
  status: {},
});
const aGroup = (name: string, spec: Partial<PortGroup['spec']> = {}, metadata: object = {}): PortGroup => ({
  apiVersion,
  kind: 'PortGroup',
  metadata: meta(name, metadata),
  spec: { switch: 'prod', namespaceSelector: {}, vlan: { id: 10 }, binding: 'Static', mirrorDestination: false, ...spec },
  status: {},
});
const aPort = (spec: Partial<SwitchPort['spec']> = {}, reason = 'Unbound', metadata: object = {}): SwitchPort => ({
  apiVersion,
  kind: 'SwitchPort',
  metadata: meta('web.eth0', { namespace: 'shop', ...metadata }),
  spec: {
    virtualMachine: 'web',
    network: 'eth0',
    switch: 'prod',
    portGroup: 'front',
    macAddress: '02:00:00:00:00:01',
    addresses: ['10.0.0.7'],
    ...spec,
  },
  status: {
    conditions: [
      {
        type: 'Ready',
        status: reason === 'Unbound' ? 'True' : 'False',
        reason,
        message: 'as it says',
        lastTransitionTime: '2026-03-01T12:00:00Z',
      },
    ],
  },
});
const unidentified = (reason?: string): SwitchPort => {
  const port = aPort({}, reason);
  const { virtualMachine, network, switch: of, portGroup } = port.spec;
  return { ...port, spec: { virtualMachine, network, switch: of, portGroup } };
};

function view(
  more: Partial<NetworkView> & { readonly groups?: readonly PortGroup[]; readonly ports?: readonly SwitchPort[] } = {},
): NetworkView {
  const { groups = [aGroup('front')], ports = [aPort()], ...rest } = more;
  return {
    group: (name) => groups.find(({ metadata }) => metadata.name === name),
    switch: (name) => (name === 'prod' ? aSwitch('prod') : undefined),
    port: (name) => ports.find(({ metadata }) => metadata.name === name),
    namespaceLabels: { team: 'a' },
    hasFreePort: () => true,
    counters: () => undefined,
    ...rest,
  };
}

const vm = aVm('web', { spec: { networks: [{ name: 'eth0', portGroup: 'front' }] } });

describe('the ports of a VM', () => {
  it('are its NICs once all have an identity', () => {
    const { networks, trouble } = attachmentOf(vm, view());
    assert.equal(trouble, undefined);
    assert.deepEqual(networks, [
      {
        name: 'eth0',
        port: 'web.eth0',
        switch: 'prod',
        portGroup: 'front',
        macAddress: '02:00:00:00:00:01',
        addresses: ['10.0.0.7'],
        blocked: false,
      },
    ]);
  });

  it('go on counting from what is known, with the policy of the NIC', () => {
    const counters = { receivedFrames: 1, receivedBytes: 2, sentFrames: 3, sentBytes: 4, droppedFrames: 5 };
    const policy = { security: { promiscuous: true } };
    const wired = aVm('web', { spec: { networks: [{ name: 'eth0', portGroup: 'front', policy }] } });
    const [nic] = attachmentOf(wired, view({ counters: () => counters })).networks;
    assert.deepEqual([nic?.counters, nic?.policy], [counters, policy]);
  });

  const troubles: readonly [what: string, view: NetworkView, reason: string, words: RegExp][] = [
    ['no such group', view({ groups: [] }), 'PortGroupNotFound', /^spec\.networks\[0\]\.portGroup: there is no PortGroup front$/],
    [
      'a group for others',
      view({ groups: [aGroup('front', { namespaceSelector: { matchLabels: { team: 'b' } } })] }),
      'PortGroupNotPermitted',
      /^spec\.networks\[0\]\.portGroup: .* does not admit namespace shop/,
    ],
    ['no such switch', view({ switch: () => undefined }), 'SwitchNotReady', /which there is not$/],
    ['a switch that goes', view({ switch: () => aSwitch('prod', going) }), 'SwitchNotReady', /which is being deleted$/],
    ['no port yet', view({ ports: [] }), 'PortPending', /is being made$/],
    [
      'no port left',
      view({ ports: [], hasFreePort: () => false }),
      'NoFreePorts',
      /raise its spec\.ports, or let spec\.autoExpand be true$/,
    ],
    ['no port, and a group that goes', view({ ports: [], groups: [aGroup('front', {}, going)] }), 'PortGroupNotFound', /is being deleted$/],
    ['a port without a MAC', view({ ports: [unidentified()] }), 'PortPending', /is being given its addresses$/],
    ['no address left', view({ ports: [unidentified('AddressesExhausted')] }), 'AddressesExhausted', /^as it says$/],
    ['a port of another group', view({ ports: [aPort({ portGroup: 'back' })] }), 'PortPending', /in PortGroup back is being given up$/],
    ['a port that goes', view({ ports: [aPort({}, 'Unbound', going)] }), 'PortPending', /is being given its addresses$/],
  ];
  for (const [what, seen, reason, words] of troubles)
    it(`wait: ${what}`, () => {
      const { trouble } = attachmentOf(vm, seen);
      assert.equal(trouble?.reason, reason);
      assert.match(trouble.message, words);
    });

  it('of a group that goes, and that has ports still, are theirs for life', () => {
    assert.equal(attachmentOf(vm, view({ groups: [aGroup('front', {}, going)] })).trouble, undefined);
  });
});

describe('NICs of a life that goes on', () => {
  const [present] = attachmentOf(vm, view()).networks;
  const nics = present === undefined ? [] : [present];
  const open = { admits: () => true };

  it('change in nothing when nothing changes', () => {
    assert.equal(networkChanges(vm, nics, open), undefined);
    assert.equal(networkChanges(vm, undefined, open), undefined);
  });

  it('are blocked as soon as their group does not admit them, and only then', () => {
    const blocked = networkChanges(vm, nics, { admits: () => false });
    assert.equal(blocked?.[0]?.blocked, true);
    assert.equal(networkChanges(vm, blocked, open)?.[0]?.blocked, false);
  });

  it('take on a policy, and give it up; who they are stays', () => {
    const policy = { shaping: { egress: { average: '1M' } } };
    const wished = { spec: { ...vm.spec, networks: [{ name: 'eth0', portGroup: 'front', policy }] } };
    const shaped = networkChanges(wished, nics, open);
    assert.deepEqual(shaped, [{ ...present, policy }]);
    assert.deepEqual(networkChanges(vm, shaped, open), nics);
  });

  it('of a group that the VM does not want any more keep their policy until they go', () => {
    const elsewhere = { spec: { ...vm.spec, networks: [{ name: 'eth0', portGroup: 'back', policy: {} }] } };
    assert.equal(networkChanges(elsewhere, nics, open), undefined);
    assert.deepEqual(networkNeeds(elsewhere, nics), ['spec.networks: eth0 from PortGroup front to back']);
  });

  it('wait for a restart when they come or go', () => {
    assert.deepEqual(networkNeeds(vm, []), ['spec.networks: eth0 is new']);
    assert.deepEqual(networkNeeds(aVm('web'), nics), ['spec.networks: eth0 was removed']);
    assert.deepEqual(networkNeeds(vm, nics), []);
  });
});
