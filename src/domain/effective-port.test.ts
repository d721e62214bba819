import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EffectivePort } from '../api/effective-port.ts';
import type { PortPolicy, ShaperPolicy } from '../api/port-policy.ts';
import { configurationOf, effectivePort, hostSwitch, mirrorTarget, type PortSources } from './effective-port.ts';

const metadata = (name: string, namespace?: string) => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...(namespace === undefined ? {} : { namespace }),
});
type SwitchSpec = PortSources['switch']['spec'];
type GroupSpec = PortSources['group']['spec'];

interface Said {
  readonly of?: Partial<SwitchSpec>;
  readonly group?: Partial<GroupSpec>;
  readonly network?: Partial<PortSources['network']>;
}

function sources({ of = {}, group = {}, network = {} }: Said): PortSources {
  return {
    switch: {
      metadata: metadata('prod'),
      spec: { hostSelector: {}, engine: 'Default', mtu: 1500, overlay: 'None', rollback: { after: '30s' }, ...of },
    },
    group: { metadata: metadata('web'), spec: { switch: 'prod', vlan: { id: 10 }, binding: 'Static', mirrorDestination: false, ...group } },
    instance: {
      metadata: metadata('web-1-abc', 'shop'),
      spec: {
        virtualMachine: 'web-1',
        virtualMachineUID: 'u',
        incarnation: 1,
        hostCluster: 'main',
        nodeName: 'host-1',
        powerState: 'PoweredOn',
        arbiter: { lease: 'l' },
        cpu: { cores: 1 },
        memory: { size: '1Gi' },
      },
    },
    network: {
      name: 'eth0',
      port: 'web-1.eth0',
      switch: 'prod',
      portGroup: 'web',
      macAddress: '02:00:00:00:00:01',
      addresses: ['10.0.10.7'],
      blocked: false,
      ...network,
    },
  };
}

function portOf(said: Said): EffectivePort {
  const port = effectivePort(sources(said));
  if ('reason' in port) assert.fail(port.message);
  return port;
}

const ingress = (shaper: ShaperPolicy): PortPolicy => ({ shaping: { ingress: shaper } });

describe('what a port does', () => {
  it('who nobody says anything of: its identity, and nothing that is not its own', () => {
    assert.deepEqual(portOf({}), {
      id: 'shop/web-1.eth0',
      guest: 'uid-web-1-abc',
      nic: 'eth0',
      switch: 'prod',
      group: 'web',
      mac: '02:00:00:00:00:01',
      addresses: ['10.0.10.7'],
      vlan: { type: 'Access', id: 10 },
      mtu: 1500,
      blocked: false,
      shaping: {},
      security: { promiscuous: false, macChanges: false, forgedTransmits: false },
      firewall: [],
      mirrors: [],
      mirrorDestination: false,
    });
  });

  const shapers: readonly [what: string, of: ShaperPolicy, group: ShaperPolicy, port: ShaperPolicy, expected: object | undefined][] = [
    ['nobody says anything', {}, {}, {}, undefined],
    ['the switch', { average: '100M', peak: '200M', burst: '10M' }, {}, {}, { average: 1e8, peak: 2e8, burst: 1e7 }],
    ['the group over the switch', { average: '100M', peak: '200M' }, { average: '50M' }, {}, { average: 5e7, peak: 2e8, burst: 625_000 }],
    [
      'the port over both',
      { average: '100M' },
      { average: '50M', burst: '1M' },
      { average: '10M' },
      { average: 1e7, peak: 1e7, burst: 1e6 },
    ],
    ['a bound that is lifted', { average: '100M', peak: '200M' }, { average: 'Unlimited' }, {}, undefined],
    ['and set again', { average: '100M' }, { average: 'Unlimited' }, { average: '1M' }, { average: 1e6, peak: 1e6, burst: 12_500 }],
    ['a peak that is lifted', { average: '100M', peak: '200M' }, { peak: 'Unlimited' }, {}, { average: 1e8, peak: 1e12, burst: 1_250_000 }],
    ['a peak from above that is lower', { peak: '20M' }, { average: '50M' }, {}, { average: 5e7, peak: 5e7, burst: 625_000 }],
    ['a burst smaller than a frame', {}, { average: '8k', burst: '1500' }, {}, { average: 8000, peak: 8000, burst: 1518 }],
    ['a peak alone', { peak: '20M' }, {}, {}, undefined],
    ['numbers', { average: 1_000_000, burst: 5000 }, {}, {}, { average: 1e6, peak: 1e6, burst: 5000 }],
  ];
  for (const [what, of, group, port, expected] of shapers)
    it(`shaping, ${what}`, () => {
      const { shaping } = portOf({ of: { policy: ingress(of) }, group: { policy: ingress(group) }, network: { policy: ingress(port) } });
      assert.deepEqual(shaping.ingress, expected);
      assert.equal(shaping.egress, undefined);
    });

  it('both directions are inherited on their own, and security field by field', () => {
    const { shaping, security } = portOf({
      of: { policy: { shaping: { egress: { average: '1M' } }, security: { promiscuous: true, macChanges: true } } },
      group: { policy: { shaping: { ingress: { average: '2M' } }, security: { macChanges: false } } },
      network: { policy: { security: { forgedTransmits: true } } },
    });
    assert.deepEqual([shaping.ingress?.average, shaping.egress?.average], [2e6, 1e6]);
    assert.deepEqual(security, { promiscuous: true, macChanges: false, forgedTransmits: true });
  });

  const privateVLANs: SwitchSpec['privateVLANs'] = [
    { primary: 100, secondary: 101, type: 'Isolated' },
    { primary: 100, secondary: 102, type: 'Community' },
  ];
  const vlans: readonly [what: string, vlan: GroupSpec['vlan'], expected: object][] = [
    ['untagged', { id: 0 }, { type: 'Access', id: 0 }],
    [
      'a trunk',
      { trunk: ['5', '10-19'] },
      {
        type: 'Trunk',
        ids: [
          [5, 5],
          [10, 19],
        ],
      },
    ],
    ['isolated', { private: 101 }, { type: 'Private', primary: 100, secondary: 101, kind: 'Isolated' }],
    ['of a community', { private: 102 }, { type: 'Private', primary: 100, secondary: 102, kind: 'Community' }],
    ['promiscuous, which nobody wrote', { private: 100 }, { type: 'Private', primary: 100, secondary: 100, kind: 'Promiscuous' }],
  ];
  for (const [what, vlan, expected] of vlans)
    it(`VLAN: ${what}`, () => {
      assert.deepEqual(portOf({ of: { privateVLANs }, group: { vlan } }).vlan, expected);
    });

  it('a private VLAN that the switch does not have: no port, and the field is named', () => {
    const found = effectivePort(sources({ of: { privateVLANs }, group: { vlan: { private: 7 } } }));
    assert.ok('reason' in found);
    assert.equal(found.reason, 'PrivateVLANUnknown');
    assert.match(found.message, /spec\.vlan\.private is 7/);
  });

  it('a group that is of another switch by now: no port', () => {
    const found = effectivePort(sources({ group: { switch: 'lab' } }));
    assert.equal('reason' in found && found.reason, 'PortGroupOfAnotherSwitch');
  });

  it('the firewall in its order, all that is absent meaning everything', () => {
    const { firewall } = portOf({
      group: {
        firewall: [
          { name: 'web', direction: 'Ingress', allow: { protocol: 'TCP', ports: ['443', '8000-8099'], peers: ['10.0.0.0/8'] } },
          { name: 'rest', direction: 'Egress', deny: { protocol: 'Any' } },
        ],
      },
    });
    const ports = [
      [443, 443],
      [8000, 8099],
    ];
    assert.deepEqual(firewall, [
      { name: 'web', direction: 'Ingress', action: 'Allow', protocol: 'TCP', ports, peers: ['10.0.0.0/8'] },
      { name: 'rest', direction: 'Egress', action: 'Deny', protocol: 'Any', ports: [], peers: [] },
    ]);
  });

  it('blocked, copies and flows', () => {
    const port = portOf({
      of: { flowExport: { protocol: 'IPFIX', collector: '192.0.2.10:4739', sampling: 100 } },
      group: { mirrorDestination: true },
      network: { blocked: true },
    });
    assert.deepEqual([port.blocked, port.mirrorDestination], [true, true]);
    assert.deepEqual(port.flowExport, { collector: '192.0.2.10:4739', sampling: 100 });
  });
});

describe('mirrors', () => {
  type From = NonNullable<SwitchSpec['mirrors']>[number]['from'];
  const to = { virtualMachine: { namespace: 'shop', name: 'ids' }, network: 'eth1' };
  const cases: readonly [what: string, from: From, isCopied: boolean][] = [
    ['its group', { portGroup: 'web' }, true],
    ['another group', { portGroup: 'db' }, false],
    ['its VM', { virtualMachine: { namespace: 'shop', name: 'web-1' } }, true],
    ['its very port', { virtualMachine: { namespace: 'shop', name: 'web-1' }, network: 'eth0' }, true],
    ['another port of its VM', { virtualMachine: { namespace: 'shop', name: 'web-1' }, network: 'eth1' }, false],
    ['a VM of its name elsewhere', { virtualMachine: { namespace: 'lab', name: 'web-1' } }, false],
  ];
  for (const [what, from, isCopied] of cases)
    it(`of ${what}`, () => {
      const { mirrors } = portOf({ of: { mirrors: [{ name: 'ids', from, direction: 'Both', to }] } });
      assert.deepEqual(mirrors, isCopied ? [{ name: 'ids', direction: 'Both', to: 'shop/ids.eth1' }] : []);
    });

  it('a port that is in the group whose frames it is given copies of is not copied to itself', () => {
    const mirror = {
      name: 'ids',
      from: { portGroup: 'web' },
      direction: 'Both',
      to: { ...to, virtualMachine: { namespace: 'shop', name: 'web-1' }, network: 'eth0' },
    } as const;
    assert.equal(mirrorTarget(mirror), 'shop/web-1.eth0');
    assert.deepEqual(portOf({ of: { mirrors: [mirror] } }).mirrors, []);
  });
});

describe('a switch as a host has it', () => {
  it('has the uplinks that the host answers, in the order of the switch', () => {
    const { switch: of } = sources({ of: { uplinks: { ports: ['b', 'a', 'c'], teaming: 'LACP' }, healthCheck: { interval: '1m' } } });
    assert.deepEqual(hostSwitch(of, { a: 'eth1', b: 'eth0' }), {
      name: 'prod',
      engine: 'Default',
      mtu: 1500,
      uplinks: [
        { name: 'b', nic: 'eth0' },
        { name: 'a', nic: 'eth1' },
      ],
      teaming: 'LACP',
      overlay: 'None',
      privateVlans: [],
      healthCheckMs: 60_000,
    });
  });

  it('its configuration is told by a hash: the same in whatever order, another for anything that differs', () => {
    const one = hostSwitch(sources({}).switch);
    const [a, b] = [portOf({}), portOf({ network: { port: 'web-2.eth0' } })];
    const elsewhere = { ...a, id: 'shop/x.eth0', switch: 'lab' };
    const hash = configurationOf(one, [a, b]);
    assert.equal(configurationOf(Object.fromEntries(Object.entries(one).reverse()) as typeof one, [b, elsewhere, a]), hash);
    assert.notEqual(configurationOf(one, [a]), hash);
    assert.notEqual(configurationOf({ ...one, mtu: 9000 }, [a, b]), hash);
    assert.notEqual(configurationOf(one, [{ ...a, blocked: true }, b]), hash);
  });
});
