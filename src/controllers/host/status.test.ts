import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aHost, aNode, epoch } from '../../../test/builders/objects.ts';
import type { Host } from '../../api/host.ts';
import { verdictOf, type HostView } from './status.ts';

const now = Date.parse('2026-03-01T13:00:00Z');
const claim = { by: 'Maintenance', since: epoch } as const;
const said = (status: 'True' | 'False') => ({ type: 'Evacuated', status, reason: 'X', message: '', lastTransitionTime: epoch });

function hostWith(status: Partial<Host['status']>, spec: Host['spec'] = {}): Host {
  const host = aHost('h1');
  return { ...host, spec, status: { ...host.status, ...status } };
}

describe('the phase of a host', () => {
  const table: [string, Partial<Host['status']>, Partial<HostView>, string][] = [
    ['that answers', {}, {}, 'Available'],
    ['whose agent was never seen', {}, { agent: 'NeverSeen' }, 'Pending'],
    ['that does not answer, whatever else is asked of it', { claim }, { agent: 'Silent' }, 'Unknown'],
    ['without a Node', {}, { node: undefined }, 'NotReady'],
    ['that was claimed a moment ago', { claim }, {}, 'Evacuating'],
    ['that is being emptied', { claim, conditions: [said('False')] }, {}, 'Evacuating'],
    ['that is emptied for a taint', { conditions: [said('False')] }, {}, 'Evacuating'],
    ['that is empty', { claim, conditions: [said('True')] }, {}, 'Maintenance'],
    ['that only tolerated VMs may use', { conditions: [said('True')] }, {}, 'Available'],
  ];
  for (const [name, status, more, phase] of table) {
    it(`${name} is ${phase}`, () => {
      const host = hostWith(status);
      assert.equal(verdictOf({ host, node: aNode('h1'), agent: 'Answering', now, ...more }).phase, phase);
    });
  }

  it('that is asked to be empty is Evacuating at once, in the same write as the new generation; one that is asked for nothing is not', () => {
    const phase = (mode: 'Maintenance' | 'Normal') => {
      const host = hostWith({}, { maintenance: { mode, onTimeout: 'Wait' } });
      return verdictOf({ host, node: aNode('h1'), agent: 'Answering', now }).phase;
    };
    assert.deepEqual([phase('Maintenance'), phase('Normal')], ['Evacuating', 'Available']);
  });

  it('leaves the conditions of others to them', () => {
    const { conditions } = verdictOf({ host: hostWith({ conditions: [said('True')] }), node: aNode('h1'), agent: 'Answering', now });
    assert.deepEqual(
      conditions.map(({ type }) => type),
      ['Ready'],
    );
  });
});
