import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aHost, aNode, epoch, meta } from '../../test/builders/objects.ts';
import { guardFinalizer, liftedAnnotation, type Host } from '../api/host.ts';
import type { NodeTaint, Pod } from '../meta/core.ts';
import { claimantOf, claimWords, drainOf, isToBeEmpty, powerOffAt } from './maintenance.ts';
import { leavesAt } from './maintenance-taints.ts';

const since = Date.parse(epoch);
const cordoned = aNode('h1', {}, { unschedulable: true });
const open = aNode('h1');

interface Guard {
  readonly going?: boolean;
  readonly evicted?: boolean;
  readonly lifted?: boolean;
  readonly held?: boolean;
}

function guard({ going = true, evicted = false, lifted = false, held = true }: Guard = {}): Pod {
  const target = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: '',
    lastTransitionTime: epoch,
  } as const;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta('guard-h1-x', {
      finalizers: held ? [guardFinalizer] : [],
      ...(going ? { deletionTimestamp: epoch } : {}),
      ...(lifted ? { annotations: { [liftedAnnotation]: 'true' } } : {}),
    }),
    status: { conditions: evicted ? [target] : [] },
  };
}

function host(claim?: Host['status']['claim'], maintenance?: Host['spec']['maintenance']): Host {
  const made = aHost('h1');
  return {
    ...made,
    spec: maintenance === undefined ? {} : { maintenance },
    status: { ...made.status, ...(claim === undefined ? {} : { claim }) },
  };
}

const kept = { by: 'Maintenance', since: epoch } as const;
const drained = { ...kept, drain: true };

describe('what asks for a host to be empty', () => {
  const drains: [string, Parameters<typeof drainOf>[0], ReturnType<typeof drainOf>][] = [
    ['a cordon alone', { host: host(), node: cordoned, guards: [guard({ going: false })] }, 'None'],
    ['kubectl drain', { host: host(), node: cordoned, guards: [guard({ evicted: true })] }, 'Asked'],
    ['an eviction without a cordon', { host: host(), node: open, guards: [guard({ evicted: true })] }, 'Asked'],
    ['kubectl drain --disable-eviction', { host: host(), node: cordoned, guards: [guard()] }, 'Asked'],
    ['a guard that we took away ourselves', { host: host(), node: cordoned, guards: [guard({ held: false })] }, 'None'],
    ['any other deletion of the guard', { host: host(), node: open, guards: [guard()] }, 'None'],
    ['a drain whose guard is gone, while the Node is cordoned', { host: host(drained), node: cordoned, guards: [] }, 'Asked'],
    ['an uncordon in the middle', { host: host(drained), node: open, guards: [guard({ evicted: true })] }, 'Lifted'],
    ['a cordon after a drain that was lifted', { host: host(), node: cordoned, guards: [guard({ evicted: true, lifted: true })] }, 'None'],
    ['a drain whose Node is deleted', { host: host(drained), node: undefined, guards: [guard({ evicted: true })] }, 'Lifted'],
    ['a Node that is gone, and its Pods with it', { host: host(), node: undefined, guards: [guard({ evicted: true })] }, 'None'],
  ];
  for (const [name, facts, drain] of drains) {
    test(`${name}: ${drain}`, () => {
      assert.equal(drainOf(facts), drain);
    });
  }

  test('spec.maintenance asks for it, with or without a Node', () => {
    const facts = { host: host(undefined, { mode: 'Maintenance', onTimeout: 'Wait' }), node: undefined, guards: [] };
    assert.ok(isToBeEmpty(facts));
    assert.ok(!isToBeEmpty({ ...facts, host: host(undefined, { mode: 'Normal', onTimeout: 'Wait' }) }));
  });

  test('the claim remembers a drain only while an uncordon can lift it', () => {
    const evicted = [guard({ evicted: true })];
    assert.deepEqual(claimWords({ host: host(), node: cordoned, guards: evicted }), { by: 'Maintenance', drain: true });
    assert.deepEqual(claimWords({ host: host(), node: open, guards: evicted }), { by: 'Maintenance' });
    const both = host(drained, { mode: 'Maintenance', onTimeout: 'Wait' });
    assert.deepEqual(claimWords({ host: both, node: open, guards: [] }), { by: 'Maintenance' });
  });

  test('nothing may come to a host that is claimed, or will be in a moment', () => {
    const asked = { mode: 'Maintenance', onTimeout: 'Wait' } as const;
    assert.deepEqual([host(), host(kept), host(undefined, asked), host(undefined, { ...asked, mode: 'Normal' })].map(claimantOf), [
      undefined,
      'Maintenance',
      'Maintenance',
      undefined,
    ]);
  });

  test('the time-out counts from the claim, and powers off only where that was asked for', () => {
    const late = { mode: 'Maintenance', timeout: '30m', onTimeout: 'PowerOff' } as const;
    assert.equal(powerOffAt(host(kept, late)), since + 30 * 60_000);
    assert.equal(powerOffAt(host(kept, { ...late, onTimeout: 'Wait' })), undefined);
    assert.equal(powerOffAt(host(kept, { ...late, mode: 'Normal' })), undefined);
    assert.equal(powerOffAt(host(undefined, late)), undefined);
  });
});

describe('NoExecute taints', () => {
  const taint = (key: string, effect: NodeTaint['effect'] = 'NoExecute'): NodeTaint => ({ key, effect });
  const at = (taints: NodeTaint[], tolerations: Parameters<typeof leavesAt>[1] = []) => leavesAt(taints, tolerations, () => 1000);

  test("of people's drive away what does not tolerate them; those of Kubernetes, and other effects, nobody", () => {
    assert.equal(at([taint('repair')]), 1000);
    assert.equal(at([taint('node.kubernetes.io/unreachable'), taint('node.kubernetes.io/not-ready')]), undefined);
    assert.equal(at([taint('repair', 'NoSchedule'), taint('repair', 'PreferNoSchedule')]), undefined);
    assert.equal(at([taint('hypersphere.io/simulated')]), undefined);
  });

  test('that are tolerated let it stay, for as long as it says; the shortest time counts', () => {
    const forever = { key: 'repair', operator: 'Exists' } as const;
    assert.equal(at([taint('repair')], [forever]), undefined);
    assert.equal(at([taint('repair')], [{ operator: 'Exists' }]), undefined);
    assert.equal(at([taint('repair')], [{ ...forever, tolerationSeconds: 60 }]), 61_000);
    const two = [
      { ...forever, tolerationSeconds: 60 },
      { key: 'noisy', operator: 'Exists' as const, tolerationSeconds: 5 },
    ];
    assert.equal(at([taint('repair'), taint('noisy')], two), 6000);
    assert.equal(at([taint('repair'), taint('other')], [forever]), 1000);
  });
});
