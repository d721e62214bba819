import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aHost, anInstance, aNode, aVm, epoch, meta } from '../../test/builders/objects.ts';
import { guardFinalizer, liftedAnnotation, type HostClaim } from '../api/host.ts';
import type { Node, Pod } from '../meta/core.ts';
import { guardSteps, requestsOf, type GuardFacts } from './maintenance-guard.ts';

const vm = aVm('web');
const occupants = [anInstance(vm, 'h1')];
const cordoned = aNode('h1', {}, { unschedulable: true });
const drain: HostClaim = { by: 'Maintenance', since: epoch, drain: true };
const right = { cpu: '1m', memory: '1104Mi' };

type Parts = {
  readonly name?: string;
  readonly requests?: Record<string, string>;
  readonly state?: 'live' | 'deleted' | 'evicted' | 'lifted' | 'bare';
};

function guard({ name = 'a', requests = right, state = 'live' }: Parts = {}): Pod {
  const evicted = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: '',
    lastTransitionTime: epoch,
  } as const;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name, {
      finalizers: state === 'bare' ? [] : [guardFinalizer],
      ...(state === 'live' || state === 'bare' ? {} : { deletionTimestamp: epoch }),
      ...(state === 'lifted' ? { annotations: { [liftedAnnotation]: 'true' } } : {}),
    }),
    spec: { nodeName: 'h1', containers: [{ name: 'guard', resources: { requests } }] },
    status: { conditions: state === 'evicted' || state === 'lifted' ? [evicted] : [] },
  };
}

function steps(guards: Pod[], more: Partial<GuardFacts> & { readonly claim?: HostClaim } = {}): string[] {
  const { claim, ...facts } = more;
  const made = aHost('h1');
  const host = { ...made, status: { ...made.status, ...(claim === undefined ? {} : { claim }) } };
  const all = guardSteps({ host, node: aNode('h1'), guards, occupants, emptyForMs: 0, ...facts });
  return all.map((step) => (step.do === 'create' ? step.do : `${step.do} ${step.pod.metadata.name}`));
}

const empty = { occupants: [], emptyForMs: 30_000 };

describe('the guard of a host', () => {
  const table: [string, string[], string[]][] = [
    ['is made where a VM is', steps([]), ['create']],
    ['is one', steps([guard({ name: 'b' }), guard({ name: 'a' })]), ['delete b']],
    ['without its finalizer is replaced', steps([guard({ name: 'b', state: 'bare' })]), ['delete b', 'create']],
    ['is left alone when all is as it should be (rule 7)', steps([guard()]), []],
    ['grows and shrinks with the VMs', steps([guard({ requests: { cpu: '1m', memory: '1Mi' } })]), ['resize a']],
    ['is not told the same in other words', steps([guard({ requests: { cpu: '0.001', memory: '1130496Ki' } })]), []],
    ['stays for a moment when the last VM goes', steps([guard()], { ...empty, emptyForMs: 29_000 }), []],
    ['goes then', steps([guard()], empty), ['delete a']],
    ['that nobody needs is let go when it is deleted', steps([guard({ state: 'deleted' })], empty), ['release a']],
    ['is not made where nothing is', steps([], empty), []],
    ['is made anew when somebody deletes it', steps([guard({ state: 'deleted' })]), ['release a', 'create']],
    ['is not made without a Node, and let go when its Node goes', steps([guard({ state: 'evicted' })], { node: undefined }), ['release a']],
  ];
  for (const [name, got, wanted] of table) {
    test(name, () => {
      assert.deepEqual(got, wanted);
    });
  }
});

describe('a drain waits for the guard', () => {
  const on = (node: Node, more: Parameters<typeof steps>[1] = {}) => ({ node, claim: drain, ...more });
  const evicted = [guard({ state: 'evicted' })];
  const table: [string, string[], string[]][] = [
    ['while a VM is on the host', steps(evicted, on(cordoned)), []],
    ['deleted instead of evicted too', steps([guard({ state: 'deleted' })], on(cordoned)), []],
    ['and ends when the last is gone, at once', steps(evicted, on(cordoned, { ...empty, emptyForMs: 0 })), ['release a']],
    ['but not before the claim remembers it', steps(evicted, { node: cordoned, ...empty }), []],
    ['unless nothing could remember it: an eviction without a cordon', steps(evicted, { node: aNode('h1'), ...empty }), ['release a']],
    [
      'when it was lifted: a new guard takes over, and the old one still means that the host is not empty',
      steps([guard({ state: 'lifted' })]),
      ['create'],
    ],
    ['when it was lifted, until the host is empty', steps([guard({ state: 'lifted' })], empty), ['release a']],
    [
      'that is asked again evicts the new one',
      steps([guard({ state: 'lifted' }), guard({ name: 'b', state: 'evicted' })], on(cordoned)),
      [],
    ],
  ];
  for (const [name, got, wanted] of table) {
    test(name, () => {
      assert.deepEqual(got, wanted);
    });
  }
});

describe('what a guard requests', () => {
  const status = { allocatable: { cpu: '2', memory: '2Gi' } };
  const big = aVm('big', { spec: { cpu: { cores: 4, reservation: '4' }, memory: { size: '4Gi' } } });

  test('is what its VMs take: memory with overhead, and reserved processors', () => {
    const node = aNode('h1');
    assert.deepEqual(requestsOf([...occupants, anInstance(big, 'h1')], node), { cpu: '4', memory: '5328Mi' });
  });

  test('is never more than the Node has to give: a server would refuse it', () => {
    assert.deepEqual(requestsOf([anInstance(big, 'h1')], { ...aNode('h1'), status }), { cpu: '2', memory: '2048Mi' });
  });
});
