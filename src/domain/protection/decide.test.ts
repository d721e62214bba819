import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aMoveOf } from '../../../test/builders/moves.ts';
import { aCluster, anInstance, aVm, epoch, meta, type InstanceParts } from '../../../test/builders/objects.ts';
import type { FTPair, FTPairSpec, FTPairStatus } from '../../api/ft-pair.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { Condition } from '../../meta/objects.ts';
import { decideProtection } from './decide.ts';
import type { ProtectionDecision, ProtectionView } from './view.ts';

const vm = aVm('db', { status: { hostCluster: 'main', instance: 'db-1', nodeName: 'h1' } });

function aPair(spec: Partial<FTPairSpec> = {}, status: Partial<FTPairStatus> = {}): FTPair {
  return {
    apiVersion: 'hypersphere.io/v1alpha1',
    kind: 'FTPair',
    metadata: meta('db', { namespace: 'shop' }),
    spec: { virtualMachine: 'db', mode: 'Checkpoint', checkpoint: { interval: '50ms' }, ...spec },
    status: { observedGeneration: 1, conditions: [], shadow: { instance: 'db-2', nodeName: 'h2' }, ...status },
  };
}

const shadowOf = { pair: 'db', instance: 'db-1', instanceUID: 'uid-db-1', since: epoch };
const shadow = {
  pair: 'db',
  instance: 'db-2',
  instanceUID: 'uid-db-2',
  nodeName: 'h2',
  endpoint: 'h2/db-2',
  mode: 'Checkpoint',
  interval: '50ms',
} as const;

const alone = anInstance(vm, 'h1');
const original = (parts: InstanceParts = {}): VirtualMachineInstance => anInstance(vm, 'h1', { ...parts, spec: { shadow, ...parts.spec } });
const standby = (status: NonNullable<InstanceParts['status']> = { phase: 'Shadow', endpoint: 'h2/db-2' }): VirtualMachineInstance =>
  anInstance(vm, 'h2', { spec: { incarnation: 2, shadowOf }, status });
const leave = { 'hypersphere.io/leave': 'h1' };
const leavingShadow = anInstance(vm, 'h2', {
  metadata: { annotations: leave },
  spec: { incarnation: 2, shadowOf },
  status: { phase: 'Shadow' },
});
const inStep = { protection: { instanceUID: 'uid-db-2', stage: 'InStep' } } as const;

const held: Condition = {
  type: 'Ready',
  status: 'False',
  reason: 'OutputHeld',
  message: 'nobody answers',
  observedGeneration: 1,
  lastTransitionTime: epoch,
};

const nothingNamed: FTPairStatus = { observedGeneration: 1, conditions: [] };
const unnamed: FTPair = { ...aPair(), status: nothingNamed };

const elsewhere = (): { readonly host: string } => ({ host: 'h3' });

/** The one that is to take the place of the shadow. */
const next = (status: NonNullable<InstanceParts['status']>): VirtualMachineInstance =>
  anInstance(vm, 'h3', { spec: { incarnation: 3, shadowOf }, status });
const renamed: FTPair = aPair({}, { shadow: { instance: 'db-3', nodeName: 'h3' } });

const isFenced = (host: string): boolean => host === 'h2';

function decided(parts: Partial<ProtectionView>): ProtectionDecision {
  return decideProtection({
    pair: aPair(),
    vm,
    instances: [alone],
    moves: [],
    now: Date.parse(epoch),
    cluster: () => aCluster(),
    answers: () => true,
    isFenced: () => false,
    labels: () => ({ zone: 'b' }),
    fullAround: () => undefined,
    isAwaited: false,
    place: () => ({ host: 'h2' }),
    ...parts,
  });
}

/** `wait Preparing`, `prepare`, `refuse PowerState`. */
function word(parts: Partial<ProtectionView>): string {
  const decision = decided(parts);
  return 'why' in decision && decision.why !== undefined ? `${decision.do} ${decision.why.reason}` : decision.do;
}

type Row = readonly [what: string, parts: Partial<ProtectionView>, decision: string];

function play(rows: readonly Row[]): void {
  for (const [what, parts, decision] of rows) it(`${what}: ${decision}`, () => assert.equal(word(parts), decision));
}

describe('a VM that is to have a shadow', () => {
  play([
    ['of which there is none', { vm: undefined }, 'refuse VirtualMachineNotFound'],
    ['that is off', { vm: aVm('db', { spec: { powerState: 'PoweredOff' } }) }, 'refuse PowerState'],
    ['that is suspended', { vm: aVm('db', { spec: { powerState: 'Suspended' } }) }, 'refuse PowerState'],
    [
      'of two processors, in lockstep',
      { vm: aVm('db', { spec: { cpu: { cores: 2 } } }), pair: aPair({ mode: 'Lockstep' }) },
      'refuse OneProcessorOnly',
    ],
    ['of one, in lockstep', { pair: aPair({ mode: 'Lockstep' }) }, 'prepare'],
    [
      'with local disks',
      { vm: aVm('db', { status: { disks: [{ name: 'root', datastore: 'local', size: '1Gi', nodeName: 'h1', whenRemoved: 'Retain' }] } }) },
      'refuse LocalDisks',
    ],
    ['that runs nowhere', { instances: [] }, 'wait NotRunning'],
    ['that starts', { instances: [anInstance(vm, 'h1', { status: { phase: 'Starting' } })] }, 'wait NotRunning'],
    ['whose host does not answer', { answers: () => false }, 'wait NotRunning'],
    ['that moves', { moves: [aMoveOf('db', { status: { phase: 'Preparing', targetInstance: 'db-9' } })] }, 'wait Migrating'],
    ['that fits on no second host', { place: () => ({ message: '0/1 hosts: 1 here' }) }, 'wait NoHostFits'],
    ['whose host has too many of its kind', { fullAround: () => 4 }, 'wait TooManyOnHost'],
    ['that runs', {}, 'prepare'],
    ['whose shadow was decided on a moment ago', { isAwaited: true }, 'wait Preparing'],
  ]);
});

describe('a VM with a shadow', () => {
  const instances = [original({ status: inStep }), standby()];
  play([
    ['that makes room', { instances: [alone, standby({ phase: 'Incoming' })] }, 'wait Preparing'],
    ['that has room', { instances: [alone, standby()] }, 'protect'],
    ['that is not in step yet', { instances: [original(), standby()] }, 'wait Synchronising'],
    ['in step', { instances }, 'stand'],
    ['in step, and whose death was asked for', { instances, pair: aPair({ testFailover: { epoch: 3 } }, { epoch: 3 }) }, 'test'],
    ['whose death was asked for in another epoch', { instances, pair: aPair({ testFailover: { epoch: 2 } }, { epoch: 3 }) }, 'stand'],
    [
      'that is to die already',
      {
        instances: [original({ spec: { shadow: { ...shadow, yield: true } }, status: inStep }), standby()],
        pair: aPair({ testFailover: { epoch: 1 } }),
      },
      'stand',
    ],
    [
      'in step, whose death was asked for, and whose shadow has not said that it stands by',
      { instances: [original({ status: inStep }), standby({ phase: 'Incoming' })], pair: aPair({ testFailover: { epoch: 1 } }) },
      'stand',
    ],
    [
      'that died for it, and whose shadow has lost its memory since',
      {
        instances: [
          original({ spec: { shadow: { ...shadow, yield: true } }, status: { phase: 'Pending' } }),
          standby({ phase: 'Incoming' }),
        ],
        pair: aPair({ testFailover: { epoch: 1 } }),
      },
      'unprotect ShadowLost',
    ],
    [
      'in step, whose death was asked for, and whose shadow nobody would have go on',
      { instances, pair: aPair({ testFailover: { epoch: 1 } }), answers: (host) => host === 'h1' },
      'wait ShadowSilent',
    ],
    [
      'whose output is held',
      {
        instances: [original({ status: { ...inStep, conditions: [held] } }), standby()],
      },
      'wait OutputHeld',
    ],
    ['that is to keep in step in another mode', { instances, pair: aPair({ mode: 'Lockstep' }) }, 'unprotect SpecChanged'],
    [
      'that is to be in step at another interval',
      { instances, pair: aPair({ checkpoint: { interval: '100ms' } }) },
      'unprotect SpecChanged',
    ],
    ['whose host is to be empty', { instances: [original({ metadata: { annotations: leave }, status: inStep }), standby()] }, 'test'],
    [
      'whose host is to be empty before they are in step',
      { instances: [original({ metadata: { annotations: leave } }), standby()] },
      'wait Synchronising',
    ],
    ["whose shadow's host is to be empty", { instances: [original({ status: inStep }), leavingShadow], place: elsewhere }, 'prepare'],
    [
      "whose shadow's host is to be empty before they are in step",
      { instances: [original(), leavingShadow], place: elsewhere },
      'unprotect Evacuating',
    ],
    ["whose shadow's host is to be empty, and would be its best", { instances: [original({ status: inStep }), leavingShadow] }, 'stand'],
    [
      'whose shadow is not where the pair has it by now',
      { instances, pair: aPair({ placement: { nodeSelector: { zone: 'a' } } }), place: elsewhere },
      'prepare',
    ],
    ['whose shadow is where the pair has it', { instances, pair: aPair({ placement: { nodeSelector: { zone: 'b' } } }) }, 'stand'],
    [
      "whose shadow's host is to be empty, with no room elsewhere",
      { instances: [original({ status: inStep }), leavingShadow], place: () => ({ message: '' }) },
      'stand',
    ],
    ['whose shadow is gone', { instances: [original({ status: inStep })] }, 'unprotect ShadowLost'],
    ["whose shadow's host is dead for certain, and which may have gone on in its last moment", { instances, isFenced }, 'wait ShadowLost'],
    [
      "whose shadow's host is dead for certain, before they were in step",
      { instances: [original(), standby()], isFenced },
      'unprotect ShadowLost',
    ],
    [
      'that goes on alone',
      { instances: [original({ status: { protection: { instanceUID: 'uid-db-2', stage: 'Alone' } } }), standby()] },
      'unprotect ShadowLost',
    ],
    [
      'whose shadow was refused',
      { instances: [original(), standby({ phase: 'Shadow', protection: { instanceUID: 'uid-db-1', stage: 'Refused' } })] },
      'unprotect ShadowLost',
    ],
    ['that the pair has given up, and that has not gone yet', { instances: [alone, standby()], pair: unnamed }, 'wait Ending'],
    ['in step, of a pair that was made anew', { instances, pair: unnamed }, 'unprotect ShadowLost'],
    ['that nobody wants protected any more', { instances, pair: undefined }, 'unprotect'],
    [
      'that is switched off',
      { instances, vm: aVm('db', { spec: { powerState: 'PoweredOff' }, status: vm.status }) },
      'unprotect PowerState',
    ],
  ]);

  it('that is switched off or suspended while its shadow takes over: that counts (so no test comes twice)', () => {
    const pair = aPair({ testFailover: { epoch: 1 } }, { epoch: 1, primary: { instance: 'db-1', nodeName: 'h1' } });
    const live = { phase: 'Stopping', protection: { instanceUID: 'uid-db-1', stage: 'Live', blackout: '61ms' } } as const;
    const going = anInstance(vm, 'h2', { metadata: { deletionTimestamp: epoch }, spec: { incarnation: 2, shadowOf }, status: live });
    for (const powerState of ['PoweredOff', 'Suspended'] as const) {
      const off = aVm('db', { spec: { powerState }, status: vm.status });
      assert.equal(word({ vm: off, instances: [going], pair }), 'succeed', powerState);
      const told = aPair({ testFailover: { epoch: 1 } }, { epoch: 2 });
      assert.equal(word({ vm: off, instances: [going], pair: told }), 'refuse PowerState', 'once');
    }
  });

  it('whose original died: the shadow is the VM, the epoch grows, and another shadow is made once that is told', () => {
    const live = standby({ phase: 'Running', protection: { instanceUID: 'uid-db-1', stage: 'Live', blackout: '61ms' } });
    const pair = aPair({}, { epoch: 1, primary: { instance: 'db-1', nodeName: 'h1' } });
    const dead = original({ status: inStep });
    assert.deepEqual(decided({ instances: [dead, live], pair }), { do: 'succeed', primary: live, reason: 'Unheard' });
    const told = { ...aPair(), status: { ...nothingNamed, epoch: 2, primary: { instance: 'db-2', nodeName: 'h2' } } };
    // What is left of the original has lost the arbiter for good: nobody waits for its host.
    assert.equal(word({ instances: [dead, live], pair: told, place: () => ({ host: 'h3' }) }), 'prepare');
  });
});

describe('a VM whose shadow another one is to take the place of (make before break)', () => {
  const before = [original({ status: inStep }), leavingShadow];
  play([
    ['that is on its way', { instances: before, pair: renamed, isAwaited: true }, 'stand'],
    ['that makes room', { instances: [...before, next({ phase: 'Incoming' })], pair: renamed }, 'stand'],
    ['that has room', { instances: [...before, next({ phase: 'Incoming', endpoint: 'h3/db-3' })], pair: renamed }, 'protect'],
    ['that was never made', { instances: before, pair: renamed }, 'keep'],
    [
      'whose host does not answer',
      { instances: [...before, next({ phase: 'Incoming' })], pair: renamed, answers: (host) => host !== 'h3' },
      'keep',
    ],
    [
      'while the first one is lost',
      {
        instances: [
          original({ status: { protection: { instanceUID: 'uid-db-2', stage: 'Alone' } } }),
          leavingShadow,
          next({ phase: 'Incoming' }),
        ],
        pair: renamed,
      },
      'unprotect ShadowLost',
    ],
  ]);
});

it('a shadow keeps apart from its original, and where the pair says', () => {
  let asked: Parameters<ProtectionView['place']>[0] | undefined;
  decided({
    pair: aPair({ placement: { nodeSelector: { zone: 'b' } } }),
    place: (newcomer) => {
      asked = newcomer;
      return { host: 'h2' };
    },
  });
  assert.equal(asked?.leaves, 'h1', 'its own host is none for it');
  assert.deepEqual(asked.placement.nodeSelector, { zone: 'b' });
});
