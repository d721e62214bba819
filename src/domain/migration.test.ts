import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aMove, began, minute, play, second, source, view, vm, word } from '../../test/builders/migration-view.ts';
import { anArrival, transferTo, type MoveParts } from '../../test/builders/moves.ts';
import { anInstance, aVm, epoch } from '../../test/builders/objects.ts';
import { leavesAnnotation } from '../api/host.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import type { Condition } from '../meta/objects.ts';
import { leaveAnnotation } from './maintenance-mark.ts';
import { decideMigration, type MigrationView } from './migration.ts';
import { arrivalName } from './moving.ts';
import type { Refusal } from './placement.ts';

const going = { deletionTimestamp: epoch };

function condition(type: string, reason: string, status: Condition['status'] = 'True', lastTransitionTime = epoch): Condition {
  return { type, status, reason, message: 'words', observedGeneration: 1, lastTransitionTime };
}

const other = (parts: MoveParts = {}): VirtualMachineMigration =>
  aMove({ ...parts, metadata: { name: 'other', creationTimestamp: '2026-03-01T11:00:00Z', ...parts.metadata } });
const younger = { creationTimestamp: '2026-03-01T12:30:00Z' };
const wanted = aMove({ spec: { target: { nodeName: 'h2' } } });
const housekeeping = other({ spec: { priority: 'System' } });
const leaves = { annotations: { [leaveAnnotation]: 'h1' } };
const leaving = (uid: string): VirtualMachineMigration =>
  aMove({ spec: { priority: 'System' }, metadata: { annotations: { [leavesAnnotation]: uid } } });
const refusedFor = (reason: Refusal['reason']): Partial<MigrationView> => ({
  migration: wanted,
  refusal: () => ({ reason, words: 'words' }),
});
const sourceAs = (status: Partial<VirtualMachineInstanceStatus>, metadata = {}): VirtualMachineInstance =>
  anInstance(vm, 'h1', { status, metadata });

describe('a move that has not begun', () => {
  play([
    ['goes where placement says', {}, 'admit'],
    ['goes where it is asked to', { migration: wanted, place: () => ({ message: 'nowhere' }) }, 'admit'],
    ['of no VM', { vm: undefined, instances: [] }, 'fail VirtualMachineNotFound'],
    ['of a VM that is being deleted', { vm: aVm('web', { metadata: going }) }, 'fail VirtualMachineDeleting'],
    ['of a VM that is to be off', { vm: aVm('web', { spec: { powerState: 'PoweredOff' } }) }, 'fail VirtualMachinePoweredOff'],
    ['of a VM that is to sleep', { vm: aVm('web', { spec: { powerState: 'Suspended' } }) }, 'fail VirtualMachineSuspended'],
    ['beside an older one', { others: [other()] }, 'fail AlreadyMigrating'],
    ['beside an older one of housekeeping, which has not begun', { others: [housekeeping] }, 'admit'],
    [
      'beside an older one of housekeeping, which has begun',
      { others: [{ ...housekeeping, status: { ...housekeeping.status, targetInstance: 'x' } }] },
      'fail AlreadyMigrating',
    ],
    [
      'for housekeeping, beside a younger one of a person',
      { migration: leaving(source.metadata.uid), others: [other({ metadata: younger })] },
      'wait Queued',
    ],
    [
      'for housekeeping, beside one of a person that has begun',
      { migration: leaving(source.metadata.uid), others: [other({ status: { targetInstance: 'x' } })] },
      'wait Queued',
    ],
    [
      'as if for housekeeping, but made by a person, beside one that has begun',
      { migration: aMove({ spec: { priority: 'System' } }), others: [other({ status: { targetInstance: 'x' } })] },
      'fail AlreadyMigrating',
    ],
    [
      'for housekeeping, beside an older one of housekeeping',
      { migration: aMove({ spec: { priority: 'System' } }), others: [housekeeping] },
      'fail AlreadyMigrating',
    ],
    ['for housekeeping, of a VM that has left what it was to leave', { migration: leaving('another') }, 'wait HasLeft'],
    ['for housekeeping, of a VM that is where it is to leave', { migration: leaving(source.metadata.uid) }, 'admit'],
    ['beside a younger one', { others: [other({ metadata: younger })] }, 'admit'],
    [
      'beside a younger one that has begun',
      { others: [other({ metadata: younger, status: { targetInstance: 'x' } })] },
      'fail AlreadyMigrating',
    ],
    [
      'beside one of its age, whose name comes first',
      { others: [other({ metadata: { name: 'a', creationTimestamp: epoch } })] },
      'fail AlreadyMigrating',
    ],
    ['beside one of its age, whose name comes later', { others: [other({ metadata: { name: 'z', creationTimestamp: epoch } })] }, 'admit'],
    ['beside one that is over', { others: [other({ status: { conditions: [condition('Failed', 'X')] } })] }, 'admit'],
    ['beside one that is being cancelled', { others: [other({ metadata: going })] }, 'wait Queued'],
    ['of a VM that has no life', { instances: [] }, 'wait NotRunning'],
    ['of a VM that starts', { instances: [sourceAs({ phase: 'Starting' })] }, 'wait NotRunning'],
    ['of a VM whose agent has news to hear', { instances: [sourceAs({}, { generation: 2 })] }, 'wait NotRunning'],
    ['of a VM that falls asleep', { instances: [anInstance(vm, 'h1', { spec: { powerState: 'Suspended' } })] }, 'wait NotRunning'],
    ['of a VM that is to be powered off, so that its host becomes empty', { instances: [sourceAs({}, leaves)] }, 'wait Leaving'],
    ['of a VM whose host is silent', { answers: () => false }, 'wait SourceUnreachable'],
    [
      'while an earlier life is not over',
      { instances: [source, anInstance(vm, 'h3', { spec: { incarnation: 0 }, metadata: going })] },
      'wait Queued',
    ],
    ['whose cluster is gone', { cluster: () => undefined }, 'wait HostClusterNotFound'],
    ['that fits nowhere', { place: () => ({ message: 'words' }) }, 'wait NoHostFits'],
    ['to no host', { migration: wanted, whereIs: () => 'Nowhere' }, 'fail TargetNotFound'],
    ['to a host of another cluster', { migration: wanted, whereIs: () => 'Elsewhere' }, 'fail TargetNotInHostCluster'],
    ['to where it is', refusedFor('Here'), 'fail TargetIsSource'],
    ['to a host without its disks', refusedFor('LocalDisks'), 'fail LocalDisks'],
    ['to a cordoned host', refusedFor('Cordoned'), 'fail TargetCordoned'],
    ['whose turn it is not', { isItsTurn: () => false }, 'wait Queued'],
    ['of a person, that nothing keeps yet', { migration: aMove({ metadata: { finalizers: [] } }) }, 'keep'],
    [
      'for housekeeping, which nobody waits for',
      { migration: aMove({ metadata: { finalizers: [] }, spec: { priority: 'System' } }) },
      'admit',
    ],
    ['that is deleted', { migration: aMove({ metadata: going }), instances: [] }, 'release'],
    ['that is deleted and kept by nothing of ours', { migration: aMove({ metadata: { ...going, finalizers: ['x/y'] } }) }, 'nothing'],
  ]);

  it('of a VM with local disks fails, wherever it is to go', () => {
    const disks = [{ name: 'root', datastore: 'local', size: '1Gi' }] as const;
    const bound = anInstance(vm, 'h1', { spec: { disks: [...disks] } });
    assert.equal(word(decideMigration(view({ instances: [bound], migration: wanted }))), 'fail LocalDisks');
  });

  it('names what it makes by itself and its target, and what it waits for', () => {
    const admitted = decideMigration(view());
    const targetInstance = arrivalName(aMove(), 'h2');
    assert.deepEqual(admitted, { do: 'admit', move: { source, nodeName: 'h2', targetInstance } });
    const queued = decideMigration(view({ isItsTurn: () => false }));
    assert.deepEqual(queued.do === 'wait' && queued.wants, { source, nodeName: 'h2', targetInstance });
  });

  it('sees the VM with the sizes and features that it runs with, not those that wait for a restart, and away from its source', () => {
    const changed = { ...vm, spec: { ...vm.spec, cpu: { cores: 8, baseline: 'x86-64-v4' as const }, memory: { size: '8Gi' } } };
    const runs = anInstance(vm, 'h1', { spec: { memory: { size: '512Mi' }, cpu: { cores: 2, baseline: 'x86-64-v2' } } });
    const seen: unknown[] = [];
    const place: MigrationView['place'] = ({ leaves, baseline, cores, takes }) => {
      seen.push(leaves, baseline, cores, takes.memoryBytes < 2 ** 30);
      return { host: 'h2' };
    };
    decideMigration(view({ vm: changed, instances: [runs], place }));
    assert.deepEqual(seen, ['h1', 'x86-64-v2', 2, true]);
  });
});

const admitted = {
  targetInstance: 'web-2',
  sourceInstance: 'web-1',
  source: 'h1',
  target: 'h2',
  startedAt: epoch,
  virtualMachineUID: 'uid-web',
};
const underWay = (
  status: MoveParts['status'] = {},
  spec: MoveParts['spec'] = {},
  metadata: MoveParts['metadata'] = {},
): VirtualMachineMigration => aMove({ metadata, spec, status: { ...admitted, phase: 'Preparing', ...status } });
const targetAs = (status: Partial<VirtualMachineInstanceStatus>, metadata = {}): VirtualMachineInstance =>
  anArrival(vm, 'h2', { status, metadata });
const incoming = targetAs({ phase: 'Incoming' });
const prepared = targetAs({ phase: 'Incoming', endpoint: 'there' });
const begun = (move: VirtualMachineMigration): VirtualMachineMigration => ({ ...move, status: { ...move.status, targetInstance: 'x' } });
const moveTo = { migration: 'go', instance: 'web-2', instanceUID: 'uid-web-2', nodeName: 'h2', endpoint: 'there', mode: 'Auto' } as const;
const transfer = (stage: Parameters<typeof transferTo>[1], more: Parameters<typeof transferTo>[2] = {}) =>
  transferTo('uid-web-2', stage, more);
const sending = (status: Partial<VirtualMachineInstanceStatus> = {}, metadata = {}): VirtualMachineInstance =>
  anInstance(vm, 'h1', { spec: { moveTo }, status, metadata });
const silent = (...hosts: string[]) => ({ answers: (host: string) => !hosts.includes(host) });
const following = sending({ phase: 'Moved', transfer: transfer('Arriving') });
const arriving = [following, targetAs({ phase: 'Running' })];
const interrupted = { ...vm, status: { ...vm.status, conditions: [condition('Ready', 'Running', 'True', '2026-03-01T12:00:09Z')] } };

describe('a move that is under way', () => {
  play(
    [
      ['has announced its target’s instance', { instances: [source] }, 'prepare'],
      ['has made it, and will see it', { instances: [source], booking: 'Made' }, 'nothing'],
      [
        'does not know whether it has made it: the room that it takes is its own',
        { instances: [source], booking: 'InDoubt', refusal: () => ({ reason: 'TooLittleMemory', words: '' }) },
        'prepare',
      ],
      ['has made it, and never sees it', { instances: [source], booking: 'Made', now: began + minute }, 'fail NotPrepared'],
      ['cannot make it', { instances: [source], now: began + minute }, 'fail NotPrepared'],
      ['that was admitted beside an older one', { instances: [source, incoming], others: [begun(other())] }, 'fail AlreadyMigrating'],
      ['that is sent beside an older one', { instances: [sending(), prepared], others: [begun(other())] }, 'recall AlreadyMigrating'],
      ['that was admitted beside a younger one', { instances: [source, prepared], others: [begun(other({ metadata: younger }))] }, 'send'],
      ['beside an older one that is not admitted', { instances: [source, prepared], others: [other()] }, 'send'],
      [
        'finds its target unfit before anything is made',
        { instances: [source], refusal: () => ({ reason: 'Cordoned', words: '' }) },
        'fail TargetCordoned',
      ],
      ['finds its cluster gone before anything is made', { instances: [source], cluster: () => undefined }, 'fail TargetLost'],
      ['waits for its target', { instances: [source, incoming] }, 'follow Preparing Preparing'],
      ['whose target is ready', { instances: [source, prepared] }, 'send'],
      ['whose source sends', { instances: [sending({ transfer: transfer('Copying') }), prepared] }, 'follow Transferring Transferring'],
      ['whose source says nothing yet', { instances: [sending(), prepared] }, 'follow Preparing Preparing'],
      [
        'whose guest stands still',
        { instances: [sending({ transfer: transfer('SwitchingOver') }), prepared] },
        'follow SwitchingOver SwitchingOver',
      ],
      ['whose memory follows', { instances: arriving }, 'follow Arriving Arriving'],
      [
        'that runs there, of which the source has not heard',
        { instances: [sending(), targetAs({ phase: 'Running' })] },
        'follow SwitchingOver SwitchingOver',
      ],
      ['that is done', { instances: [sending({ phase: 'Moved', transfer: transfer('Done') }), targetAs({ phase: 'Running' })] }, 'succeed'],
      ['that runs there, whose source is gone', { instances: [targetAs({ phase: 'Running' })] }, 'succeed'],
      ['that runs there, whose source goes', { instances: [sending({}, going), targetAs({ phase: 'Running' })] }, 'succeed'],
      ['that runs there, whose source is silent', { instances: [sending(), targetAs({ phase: 'Running' })], ...silent('h1') }, 'succeed'],
      ['whose memory follows from a silent source', { instances: arriving, ...silent('h1') }, 'follow Arriving SourceUnreachable'],
      [
        'whose memory follows from a silent source, which goes',
        { instances: [{ ...following, metadata: { ...following.metadata, ...going } }, targetAs({ phase: 'Running' })], ...silent('h1') },
        'follow Arriving SourceUnreachable',
      ],
      [
        'whose memory followed from a source that is dead for certain, while it runs on',
        { instances: arriving, ...silent('h1'), isFenced: (host) => host === 'h1' },
        'succeed',
      ],
      [
        'whose memory followed from a source that is silent for longer than the move may take',
        { instances: arriving, ...silent('h1'), now: began + 30 * minute },
        'succeed',
      ],
      [
        'whose memory followed from a silent source, and which started anew',
        { instances: arriving, vm: interrupted, ...silent('h1') },
        'fail MemoryLost',
      ],
      ['whose memory follows, and which was not ready for a while', { instances: arriving, vm: interrupted }, 'follow Arriving Arriving'],
      [
        'whose memory was lost',
        {
          instances: [sending({ phase: 'Moved', transfer: transfer('Failed', { reason: 'MemoryLost' }) }), targetAs({ phase: 'Starting' })],
        },
        'fail MemoryLost',
      ],
      [
        'that is done, and whose VM was not ready for a while',
        { instances: [sending({ transfer: transfer('Done') }), targetAs({ phase: 'Running' })], vm: interrupted, ...silent('h1') },
        'succeed',
      ],
      [
        'whose memory was lost while it is at its source still',
        { instances: [sending({ transfer: transfer('Failed', { reason: 'MemoryLost' }) }), prepared] },
        'recall MemoryLost',
      ],
      [
        'whose target is gone, and was there before',
        { migration: underWay({ phase: 'Transferring' }), instances: [source] },
        'fail TargetLost',
      ],
      [
        'that is sent to where it needs to say so no more',
        { instances: [sending(), incoming], now: began + 2 * minute },
        'follow Preparing Preparing',
      ],
      ['of a VM that is gone', { vm: undefined, instances: [] }, 'fail VirtualMachineDeleting'],
      [
        'of a VM of which there is another now',
        { vm: aVm('web', { metadata: { uid: 'another' } }), instances: [] },
        'fail VirtualMachineDeleting',
      ],
      [
        'of a VM that is being deleted',
        { vm: aVm('web', { metadata: going }), instances: [source, incoming] },
        'fail VirtualMachineDeleting',
      ],
      [
        'of a VM that is to be off',
        { vm: aVm('web', { spec: { powerState: 'PoweredOff' } }), instances: [source, incoming] },
        'fail VirtualMachinePoweredOff',
      ],
      ['whose source is gone', { instances: [incoming] }, 'fail SourceLost'],
      ['whose source goes', { instances: [sourceAs({}, going), incoming] }, 'fail SourceLost'],
      ['whose source is silent', { instances: [source, prepared], ...silent('h1') }, 'follow Preparing SourceUnreachable'],
      ['whose source lost its guest', { instances: [sending({ phase: 'Starting' }), prepared] }, 'recall SourceLost'],
      [
        'whose source falls asleep',
        { instances: [anInstance(vm, 'h1', { spec: { powerState: 'Suspended' } }), prepared] },
        'fail VirtualMachineSuspended',
      ],
      ['whose target is gone', { instances: [sending()] }, 'recall TargetLost'],
      ['whose target goes', { instances: [sending(), targetAs({ phase: 'Incoming' }, going)] }, 'recall TargetLost'],
      ['whose target is silent', { instances: [sending(), prepared], ...silent('h2') }, 'recall TargetLost'],
      ['whose target is silent before anything is sent', { instances: [source, prepared], ...silent('h2') }, 'fail TargetLost'],
      [
        'whose source gave it up',
        { instances: [sending({ transfer: transfer('Failed', { reason: 'NotConverging' }) }), prepared] },
        'recall NotConverging',
      ],
      [
        'whose target has time still to make ready',
        { instances: [source, incoming], now: began + minute - 1 },
        'follow Preparing Preparing',
      ],
      ['whose target takes too long', { instances: [source, incoming], now: began + minute }, 'fail NotPrepared'],
      ['that has time still', { instances: [sending(), prepared], now: began + 30 * minute - 1 }, 'follow Preparing Preparing'],
      ['that takes too long', { instances: [sending(), prepared], now: began + 30 * minute }, 'recall TimedOut'],
      [
        'that has less time than its target would',
        { migration: underWay({}, { timeout: '20s' }), instances: [source, incoming], now: began + 20 * second },
        'fail NotPrepared',
      ],
      [
        'that was given up, and whose source is not told yet',
        { migration: underWay({ conditions: [condition('Ready', 'TimedOut', 'False')] }), instances: [sending(), prepared] },
        'recall TimedOut',
      ],
      [
        'that was given up, and whose source has not answered yet',
        {
          migration: underWay({ conditions: [condition('Ready', 'TimedOut', 'False')] }),
          instances: [sourceAs({ transfer: transfer('Copying') }, { generation: 2 }), prepared],
        },
        'follow Preparing TimedOut',
      ],
      [
        'that was given up, and whose source has stopped',
        { migration: underWay({ conditions: [condition('Ready', 'TimedOut', 'False')] }), instances: [source, prepared] },
        'fail TimedOut',
      ],
      [
        'of a person that nothing keeps any more',
        { migration: underWay({}, {}, { finalizers: [] }), instances: [source, incoming] },
        'keep',
      ],
      ['that nothing is left of', { migration: underWay({ conditions: [condition('Complete', 'X')] }) }, 'release'],
      ['that is over', { migration: underWay({ conditions: [condition('Failed', 'X')] }, {}, { finalizers: [] }) }, 'nothing'],
    ],
    { migration: underWay() },
  );

  it('goes on whatever was said of it while it went on', () => {
    for (const reason of ['Pending', 'Preparing', 'Transferring', 'SwitchingOver', 'Arriving', 'SourceUnreachable']) {
      const migration = underWay({ conditions: [condition('Ready', reason, 'False')] });
      assert.equal(word(decideMigration(view({ migration, instances: [source, prepared] }))), 'send', reason);
    }
  });

  it('does not take a VM for one that started anew which became ready as the move began', () => {
    const since = { ...vm, status: { ...vm.status, conditions: [condition('Ready', 'Running')] } };
    const decision = decideMigration(view({ migration: underWay(), instances: arriving, vm: since, ...silent('h1') }));
    assert.equal(word(decision), 'follow Arriving SourceUnreachable');
  });

  it('is sent anew where its target was made anew', () => {
    const elsewhere = anInstance(vm, 'h1', { spec: { moveTo: { ...moveTo, instanceUID: 'before' } } });
    assert.deepEqual(decideMigration(view({ migration: underWay(), instances: [elsewhere, prepared] })), {
      do: 'send',
      source: elsewhere,
      target: prepared,
      endpoint: 'there',
    });
  });
});

describe('a move that is cancelled', () => {
  play(
    [
      ['whose source sends', { instances: [sending(), prepared] }, 'recall Cancelled'],
      ['that has arrived', { instances: [sending(), targetAs({ phase: 'Running' })] }, 'release'],
      ['whose source is gone', { instances: [incoming] }, 'release'],
      ['whose source goes', { instances: [sending({}, going), prepared] }, 'release'],
      ['whose target is gone', { instances: [sourceAs({}, { generation: 2 })] }, 'release'],
      ['whose source has stopped', { instances: [source, prepared] }, 'release'],
      ['whose source has not answered yet', { instances: [sourceAs({}, { generation: 2 }), prepared] }, 'follow Preparing Cancelled'],
      ['whose source is silent', { instances: [sourceAs({}, { generation: 2 }), prepared], ...silent('h1') }, 'release'],
    ],
    { migration: underWay({}, {}, going) },
  );
});
