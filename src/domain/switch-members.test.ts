import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aNode, meta } from '../../test/builders/objects.ts';
import type { DistributedSwitch } from '../api/distributed-switch.ts';
import type { Host } from '../api/host.ts';
import { membersOf, takenInterface, unansweredUplink } from './switch-members.ts';

const apiVersion = 'hypersphere.io/v1alpha1';
const aSwitch = (name: string, uplinks: string[], creationTimestamp = '2026-03-01T12:00:00Z'): DistributedSwitch => ({
  apiVersion,
  kind: 'DistributedSwitch',
  metadata: meta(name, { creationTimestamp }),
  spec: {
    hostSelector: { matchLabels: { zone: 'a' } },
    engine: 'Default',
    mtu: 1500,
    overlay: 'None',
    rollback: { after: '30s' },
    ...(uplinks.length === 0 ? {} : { uplinks: { ports: uplinks, teaming: 'ActiveStandby' } }),
  },
  status: {},
});
const host = (name: string, answers?: Record<string, string>): Host => ({
  apiVersion,
  kind: 'Host',
  metadata: meta(name),
  spec: answers === undefined ? {} : { answers },
  status: {},
});

describe('the hosts of a switch', () => {
  it('are those whose Node it selects and that have an agent, by name', () => {
    const nodes = [aNode('h2', { zone: 'a' }), aNode('h1', { zone: 'a' }), aNode('h3', { zone: 'b' }), aNode('h4', { zone: 'a' })];
    const hosts = new Map(['h1', 'h2', 'h3'].map((name) => [name, host(name)]));
    const found = membersOf(aSwitch('prod', []), nodes, (name) => hosts.get(name));
    assert.deepEqual(
      found.map(({ metadata }) => metadata.name),
      ['h1', 'h2'],
    );
  });

  it('need not all answer an uplink, but one must', () => {
    const of = aSwitch('prod', ['a', 'b']);
    assert.equal(unansweredUplink(of, []), undefined);
    assert.equal(unansweredUplink(of, [host('h1', { a: 'eth0' }), host('h2', { b: 'eth1' })]), undefined);
    const found = unansweredUplink(of, [host('h1', { a: 'eth0' }), host('h2')]);
    assert.match(found?.message ?? '', /^spec\.uplinks\.ports\[1\]: no host says in spec\.answers which interface b is$/);
  });

  it('give an interface to the older of two switches; what only one of them has on a host is nobody else’s', () => {
    const [old, young] = [aSwitch('z', ['a'], '2026-01-01T00:00:00Z'), aSwitch('b', ['b'])];
    const members = [host('h1', { a: 'eth0', b: 'eth1' }), host('h2', { a: 'eth0', b: 'eth0' })];
    const rivals = [
      { of: old, members },
      { of: young, members },
    ];
    assert.equal(takenInterface({ of: old, members }, rivals), undefined);
    assert.equal(
      takenInterface({ of: young, members }, rivals)?.message,
      'spec.uplinks: eth0 of h2 belongs to DistributedSwitch z, which is older',
    );
    assert.equal(takenInterface({ of: young, members: members.slice(0, 1) }, rivals), undefined);
    assert.equal(takenInterface({ of: young, members }, [{ of: old, members: members.slice(0, 1) }]), undefined);
  });
});
