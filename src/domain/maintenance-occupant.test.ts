import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anInstance, aVm, epoch, meta } from '../../test/builders/objects.ts';
import { attemptAnnotation, leavesAnnotation } from '../api/host.ts';
import type { Evacuation, VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import { stepOf, type Ask, type Occupant } from './maintenance-occupant.ts';
import { asideAnnotation, leaveAnnotation } from './maintenance-mark.ts';

const now = Date.parse('2026-03-01T13:00:00Z');
const local = { name: 'root', datastore: 'local', nodeName: 'h1', size: '1Gi', whenRemoved: 'Retain' } as const;

function vmOf(evacuation: Evacuation, status: VirtualMachine['status'] = {}): VirtualMachine {
  return aVm('web', { spec: { availability: { evacuation } }, status });
}

type Word = 'Pending' | 'NoHostFits' | 'Transferring' | 'Complete' | 'Failed';

function move(word: Word, ours?: { readonly attempt: number; readonly endedAgo?: number }): VirtualMachineMigration {
  const condition = (type: string, reason: string) => ({
    type,
    status: 'True' as const,
    reason,
    message: `says ${reason}`,
    lastTransitionTime: epoch,
  });
  const ended = word === 'Complete' || word === 'Failed';
  const annotations = ours === undefined ? {} : { [leavesAnnotation]: 'uid-web-1', [attemptAnnotation]: String(ours.attempt) };
  return {
    apiVersion: 'hypersphere.io/v1alpha1',
    kind: 'VirtualMachineMigration',
    metadata: meta(`m-${String(ours?.attempt ?? 0)}`, { namespace: 'shop', annotations }),
    spec: { virtualMachine: 'web', mode: 'Auto', timeout: '30m', priority: ours === undefined ? 'User' : 'System' },
    status: {
      ...(word === 'Transferring' ? { startedAt: epoch } : {}),
      ...(ended ? { completedAt: new Date(now - (ours?.endedAgo ?? 0)).toISOString() } : {}),
      conditions: [ended ? condition(word, 'X') : { ...condition('Ready', word), status: 'False' as const }],
    },
  };
}

const asked: Ask = { at: now, force: false, now, refusal: () => undefined, shadowRefusal: () => undefined, answers: () => true };

interface Case {
  readonly vm?: VirtualMachine;
  readonly instance?: Parameters<typeof anInstance>[2];
  readonly moves?: readonly VirtualMachineMigration[];
  readonly ask?: Partial<Ask>;
}

function step({ vm = vmOf('LiveMigrate'), instance = {}, moves = [], ask = {} }: Case) {
  const occupant: Occupant = { instance: anInstance(vm, 'h1', instance), vm, moves };
  const said = stepOf(occupant, { ...asked, ...ask });
  if (said.do === 'migrate') return { do: said.do, attempt: said.attempt };
  return said.do === 'powerOff' ? { do: said.do } : said;
}

const noRoom = { refusal: () => '0/2 hosts: 2 too little memory' };
const late = { force: true };

const shadow = {
  pair: 'web',
  instance: 'web-2',
  instanceUID: 'uid-web-2',
  nodeName: 'h2',
  endpoint: '',
  mode: 'Checkpoint',
  interval: '50ms',
} as const;
const inStep = { protection: { instanceUID: 'uid-web-2', stage: 'InStep' } } as const;
const standby = { spec: { shadowOf: { pair: 'web', instance: 'web-0', instanceUID: 'uid-web-0' } }, status: { phase: 'Shadow' } } as const;
const aside = { annotations: { [asideAnnotation]: 'h1' } };
const tooEarly = { do: 'stuck', why: 'it goes on as its shadow on h2 once that is in step' };

describe('a VM on a host that is to be empty leaves by its evacuation (rule 5)', () => {
  const table: [string, Case, object][] = [
    ['its shadow goes on for it', { instance: { spec: { shadow }, status: inStep } }, { do: 'stepAside' }],
    ['also when it might be powered off', { vm: vmOf('PowerOff'), instance: { spec: { shadow }, status: inStep } }, { do: 'stepAside' }],
    ['not before that is in step', { instance: { spec: { shadow } } }, tooEarly],
    [
      'nor when it says Block',
      { vm: vmOf('Block'), instance: { spec: { shadow }, status: inStep } },
      { do: 'stuck', why: 'its spec.availability.evacuation says Block' },
    ],
    ['a shadow leaves, whatever its VM says', { vm: vmOf('Block'), instance: standby }, { do: 'stepAside' }],
    [
      'a shadow that was asked for that before, and has nowhere to go, says whose it is (rule 11)',
      { instance: { ...standby, metadata: aside }, ask: { shadowRefusal: () => '0/2 hosts: 2 too little memory' } },
      { do: 'stuck', why: 'the shadow of FTPair web has nowhere else to go: 0/2 hosts: 2 too little memory' },
    ],
    [
      'not onto a host that does not answer',
      { instance: { metadata: aside, spec: { shadow }, status: inStep }, ask: { answers: () => false } },
      { do: 'stuck', why: 'it goes on as its shadow on h2 once that host answers' },
    ],
    ['asked for that before', { instance: { metadata: aside, spec: { shadow }, status: inStep } }, { do: 'leave' }],
    ['asked for that before, and without a shadow since', { instance: { metadata: aside } }, { do: 'migrate', attempt: 1 }],
    ['LiveMigrate: it moves', {}, { do: 'migrate', attempt: 1 }],
    ['nobody asks it', { ask: { at: undefined } }, { do: 'stay' }],
    ['it tolerates the taint for a while', { ask: { at: now + 5 } }, { do: 'leave', at: now + 5 }],
    ['PowerOff: it is powered off', { vm: vmOf('PowerOff') }, { do: 'powerOff' }],
    [
      'PowerOff, but nothing else would have it: it runs on',
      { vm: vmOf('PowerOff'), ask: noRoom },
      { do: 'stuck', why: 'it is not powered off before it can start elsewhere: 0/2 hosts: 2 too little memory' },
    ],
    [
      'PowerOff with local disks: it waits for its host, powered off',
      { vm: vmOf('PowerOff', { disks: [local] }), ask: noRoom },
      { do: 'powerOff' },
    ],
    ['Block: it stays', { vm: vmOf('Block') }, { do: 'stuck', why: 'its spec.availability.evacuation says Block' }],
    [
      'Block: it stays however late it is',
      { vm: vmOf('Block'), ask: late },
      { do: 'stuck', why: 'its spec.availability.evacuation says Block' },
    ],
    [
      'LiveMigrate with local disks: it cannot',
      { vm: vmOf('LiveMigrate', { disks: [local] }) },
      { do: 'stuck', why: 'it has local disks on h1, which do not move' },
    ],
    ['the time is over: it is powered off', { ask: late }, { do: 'powerOff' }],
    ['the time is over, and there is no room: it is powered off', { ask: { ...late, ...noRoom } }, { do: 'powerOff' }],
    ['the time is over while it moves: it goes on', { ask: late, moves: [move('Transferring')] }, { do: 'leave' }],
    ['the time is over while our move waits', { ask: late, moves: [move('Pending', { attempt: 1 })] }, { do: 'powerOff' }],
    ['the time is over while a person’s move waits', { ask: late, moves: [move('Pending')] }, { do: 'queue' }],
    ['asleep: its memory is a file', { instance: { spec: { powerState: 'Suspended' }, status: { phase: 'Suspended' } } }, { do: 'sleep' }],
    [
      'falling asleep',
      { vm: aVm('web', { spec: { powerState: 'Suspended' } }), instance: { spec: { powerState: 'Suspended' } } },
      { do: 'leave' },
    ],
    ['being powered off', { vm: aVm('web', { spec: { powerState: 'PoweredOff' } }) }, { do: 'leave' }],
    ['being deleted', { instance: { metadata: { deletionTimestamp: epoch } } }, { do: 'leave' }],
    ['asked to leave before', { instance: { metadata: { annotations: { [leaveAnnotation]: 'h1' } } } }, { do: 'leave' }],
    ['moved away', { instance: { status: { phase: 'Moved' } } }, { do: 'leave' }],
    ['not running yet', { instance: { status: { phase: 'Starting' } } }, { do: 'stuck', why: 'it moves when it runs, and does not yet' }],
    [
      'arriving by a move that began before',
      { instance: { status: { phase: 'Incoming' }, spec: { origin: { migration: 'm', instance: 'i', instanceUID: 'u' } } } },
      { do: 'leave' },
    ],
    ['moved by a person', { moves: [move('Transferring')] }, { do: 'leave' }],
    [
      'moved by a person, while ours waits for that, and the time is over',
      { ask: late, moves: [move('Pending', { attempt: 1 }), move('Transferring')] },
      { do: 'leave' },
    ],
    ['its move waits its turn', { moves: [move('Pending', { attempt: 1 })] }, { do: 'queue' }],
    ['its move fits nowhere', { moves: [move('NoHostFits', { attempt: 1 })] }, { do: 'stuck', why: 'says NoHostFits' }],
    ['a move of a person’s is over: that is no try of ours', { moves: [move('Failed')] }, { do: 'migrate', attempt: 1 }],
    [
      'its first move failed a moment ago',
      { moves: [move('Failed', { attempt: 1, endedAgo: 9_000 })] },
      { do: 'stuck', why: 'its last move failed: says X', at: now + 1_000 },
    ],
    ['its first move failed a while ago', { moves: [move('Failed', { attempt: 1, endedAgo: 10_000 })] }, { do: 'migrate', attempt: 2 }],
    [
      'each failure is waited for longer, and the newest counts',
      { moves: [move('Failed', { attempt: 2, endedAgo: 60_000 }), move('Failed', { attempt: 3, endedAgo: 39_000 })] },
      { do: 'stuck', why: 'its last move failed: says X', at: now + 1_000 },
    ],
    ['five minutes at most', { moves: [move('Failed', { attempt: 40, endedAgo: 300_000 })] }, { do: 'migrate', attempt: 41 }],
  ];
  for (const [name, given, wanted] of table) {
    test(name, () => {
      assert.deepEqual(step(given), wanted);
    });
  }

  test('one whose VM is gone, or is another now, is on its way', () => {
    const occupant = { instance: anInstance(aVm('web'), 'h1'), vm: undefined, moves: [] };
    assert.deepEqual(stepOf(occupant, asked), { do: 'leave' });
  });
});
