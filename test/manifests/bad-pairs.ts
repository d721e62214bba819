/** FTPairs that no control plane may take. */

interface BadPair {
  readonly what: string;
  readonly before?: object;
  readonly object: object;
  readonly field: string;
  readonly code: 400 | 422;
}

const pair = (spec: object, name = 'db'): object => ({
  apiVersion: 'hypersphere.io/v1alpha1',
  kind: 'FTPair',
  metadata: { name, namespace: 'default' },
  spec: { virtualMachine: 'db', ...spec },
});

const of = (what: string, spec: object, field: string, code: BadPair['code'] = 422): BadPair => ({
  what,
  object: pair(spec),
  field,
  code,
});

export const badPairs: readonly BadPair[] = [
  { what: 'a pair that has another name than its VM', object: pair({}, 'other'), field: 'spec.virtualMachine', code: 422 },
  { what: 'a pair of no VM', object: { ...pair({}), spec: { mode: 'Checkpoint' } }, field: 'spec.virtualMachine', code: 422 },
  of('a pair of a VM without a name', { virtualMachine: '' }, 'spec.virtualMachine'),
  of('a pair of a VM of no possible name', { virtualMachine: 'Db' }, 'spec.virtualMachine'),
  of('a pair of a number', { virtualMachine: 7 }, 'spec.virtualMachine'),
  of('a pair in a mode that there is not', { mode: 'Mirror' }, 'spec.mode'),
  of('a pair in no mode', { mode: '' }, 'spec.mode'),
  of('an interval that is none', { checkpoint: { interval: 'soon' } }, 'spec.checkpoint.interval'),
  of('an interval without a unit', { checkpoint: { interval: '50' } }, 'spec.checkpoint.interval'),
  of('an interval that is too short', { checkpoint: { interval: '1ms' } }, 'spec.checkpoint.interval'),
  of('an interval that is too long', { checkpoint: { interval: '1m' } }, 'spec.checkpoint.interval'),
  of('an interval below nought', { checkpoint: { interval: '-50ms' } }, 'spec.checkpoint.interval'),
  of('an interval in a number', { checkpoint: { interval: 50 } }, 'spec.checkpoint.interval'),
  of('a checkpoint that is a word', { checkpoint: '50ms' }, 'spec.checkpoint'),
  of('a placement that is a word', { placement: 'host-4' }, 'spec.placement'),
  of('a selector that is a list', { placement: { nodeSelector: ['zone'] } }, 'spec.placement.nodeSelector'),
  of('a selector whose value is a number', { placement: { nodeSelector: { zone: 1 } } }, 'spec.placement.nodeSelector.zone'),
  of('a test without an epoch', { testFailover: {} }, 'spec.testFailover.epoch'),
  of('a test in epoch nought', { testFailover: { epoch: 0 } }, 'spec.testFailover.epoch'),
  of('a test in half an epoch', { testFailover: { epoch: 1.5 } }, 'spec.testFailover.epoch'),
  of('a test in a word', { testFailover: { epoch: 'now' } }, 'spec.testFailover.epoch'),
  of('a test that is a word', { testFailover: 'now' }, 'spec.testFailover'),
  {
    what: 'a pair that is to be of another VM',
    before: pair({}),
    object: pair({ virtualMachine: 'web' }),
    field: 'spec.virtualMachine',
    code: 422,
  },
];
