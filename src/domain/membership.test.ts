import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aCluster, aNode } from '../../test/builders/objects.ts';
import type { HostCluster } from '../api/host-cluster.ts';
import { chooseCluster, membershipOf } from './membership.ts';

const young = { creationTimestamp: '2026-03-02T12:00:00Z' };
const all = [aNode('n1', { rack: 'a' }), aNode('n2', { rack: 'a' }), aNode('n3', { rack: 'b' })];

describe('membershipOf: which Nodes a HostCluster has', () => {
  it('gives a Node that two clusters select to the older one, and tells the newer', () => {
    const old = aCluster('old', { hostSelector: { matchLabels: { rack: 'a' } } });
    const greedy = aCluster('greedy', { hostSelector: {} }, young);
    const { members, lost } = membershipOf([greedy, old], all);
    assert.deepEqual(members.get('old'), ['n1', 'n2']);
    assert.deepEqual(members.get('greedy'), ['n3']);
    assert.deepEqual(lost.get('greedy'), [
      { node: 'n1', to: 'old' },
      { node: 'n2', to: 'old' },
    ]);
  });

  it('tells clusters of one second apart by their names', () => {
    const { members } = membershipOf([aCluster('b'), aCluster('a')], all);
    assert.deepEqual(members.get('a'), ['n1', 'n2', 'n3']);
    assert.deepEqual(members.get('b'), []);
  });

  it('leaves the newest hosts out when there are more than the limit', () => {
    const nodes = [{ ...aNode('late'), metadata: { ...aNode('late').metadata, ...young } }, ...all];
    const { members, beyondLimit } = membershipOf([aCluster('main', { limits: { hosts: 3 } })], nodes);
    assert.deepEqual(members.get('main'), ['n1', 'n2', 'n3']);
    assert.deepEqual(beyondLimit.get('main'), ['late']);
  });
});

describe('chooseCluster: the cluster of a VM', () => {
  const reasonOf = (named: string | undefined, ...names: string[]): string => {
    const choice = chooseCluster(
      named,
      names.map((name) => aCluster(name)),
    );
    return 'cluster' in choice ? choice.cluster.metadata.name : choice.reason;
  };
  it('is the named one, or the only one', () => {
    assert.equal(reasonOf('b', 'a', 'b'), 'b');
    assert.equal(reasonOf(undefined, 'a'), 'a');
  });
  it('is none that is being deleted, unless it is named or there is no other', () => {
    const leaving = aCluster('a', {}, { deletionTimestamp: '2026-03-01T12:59:00Z' });
    const chosen = (named: string | undefined, ...clusters: HostCluster[]) => {
      const choice = chooseCluster(named, clusters);
      return 'cluster' in choice ? choice.cluster.metadata.name : choice.reason;
    };
    assert.equal(chosen(undefined, leaving, aCluster('b')), 'b');
    assert.equal(chosen('a', leaving, aCluster('b')), 'a');
    assert.equal(chosen(undefined, leaving), 'a');
  });
  it('is none, with the reason, when it cannot be told (rule 11)', () => {
    assert.equal(reasonOf(undefined), 'NoHostCluster');
    assert.equal(reasonOf(undefined, 'a', 'b'), 'AmbiguousHostCluster');
    assert.equal(reasonOf('c', 'a', 'b'), 'HostClusterNotFound');
  });
});
