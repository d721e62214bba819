import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aMoveOf, anArrival, transferTo, type MoveParts } from '../../test/builders/moves.ts';
import { aCluster, anInstance, aVm, epoch } from '../../test/builders/objects.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { arrive, isMoving, moveOf, oneInstance, whenMoved } from './beside.ts';
import type { Decision, LifeView } from './decision.ts';
import { arrivalName } from './moving.ts';

const vm = aVm('web', { status: { instance: 'web-1', nodeName: 'h1' } });
const over: MoveParts = {
  status: { conditions: [{ type: 'Failed', status: 'True', reason: 'X', message: '', lastTransitionTime: epoch }] },
};
const move = aMoveOf('web');
const name = arrivalName(move, 'h2');
const underWay = aMoveOf('web', { status: { targetInstance: name, sourceInstance: 'web-1' } });

const source = anInstance(vm, 'h1');
const moveTo = { migration: 'go', instance: name, instanceUID: 'uid-target', nodeName: 'h2', endpoint: 'there', mode: 'Auto' } as const;
const sourceAs = (status: VirtualMachineInstance['status'], spec = {}, metadata = {}): VirtualMachineInstance =>
  anInstance(vm, 'h1', { status, spec, metadata });
const sending = (status: VirtualMachineInstance['status'] = {}): VirtualMachineInstance => sourceAs(status, { moveTo });
const target = (status: VirtualMachineInstance['status'] = { phase: 'Incoming' }, metadata = {}): VirtualMachineInstance =>
  anArrival(vm, 'h2', { status, metadata: { name, uid: 'uid-target', ...metadata } });

function view(instances: VirtualMachineInstance[], moves = [underWay], more: Partial<LifeView> = {}): LifeView {
  const usual = {
    vm,
    instances,
    moves,
    predecessors: [],
    choice: { cluster: aCluster() },
    now: 0,
    namespaceEnds: false,
    answers: () => true,
    isFenced: () => false,
    fencedAt: () => undefined,
    peer: () => undefined,
    place: () => ({ host: 'h1' }),
    limit: () => undefined,
    admission: () => undefined,
    placeErrand: () => ({ host: 'h1' }),
    fitsAgain: () => undefined,
    canGrow: () => undefined,
  };
  return { ...usual, ...more };
}

/** `delete h2`, `recall h1`, or nothing. */
function word(decision: Decision | undefined): string {
  if (decision?.do === 'delete') return `delete ${decision.instances.map(({ spec }) => spec.nodeName).join()}`;
  return decision?.do === 'recall' ? `recall ${decision.instance.spec.nodeName}` : (decision?.do ?? '');
}

const silent = { answers: (host: string) => host !== 'h1' };
const ready = (reason: string): VirtualMachineInstance['status'] => ({
  phase: 'Starting',
  conditions: [{ type: 'Ready', status: 'False', reason, message: '', observedGeneration: 1, lastTransitionTime: epoch }],
});

describe('what becomes of a VM’s instances beside the one that has it (rule 1)', () => {
  const going = { deletionTimestamp: epoch };
  const rows: [what: string, view: LifeView, decision: string][] = [
    ['one alone', view([source], []), ''],
    ['two, and no move', view([source, anInstance(vm, 'h3', { spec: { incarnation: 0 } })], []), 'delete h3'],
    [
      'two that are no source and target, though a move is under way',
      view([source, anInstance(vm, 'h3', { spec: { incarnation: 0 } })]),
      'delete h3',
    ],
    ['one that goes already', view([source, anInstance(vm, 'h3', { spec: { incarnation: 0 }, metadata: going })], []), ''],
    ['a target whose move is under way', view([sending(), target()]), ''],
    ['a target whose move is under way, and whose source is told nothing yet', view([source, target()]), ''],
    [
      'one that takes over from nobody, and a source that was told and has not answered',
      view([sourceAs({}, {}, { generation: 2 }), anInstance(vm, 'h3', { spec: { incarnation: 0 } })], []),
      'delete h3',
    ],
    [
      'a target whose move is over, and whose source sends still',
      view([sending({ transfer: transferTo('uid-target', 'Copying') }), target()], [aMoveOf('web', over)]),
      'recall h1',
    ],
    [
      'a target whose move is gone, and whose source was told and has not answered',
      view([sourceAs({}, {}, { generation: 2 }), target()], []),
      '',
    ],
    ['a target whose move is gone, and whose source has stopped', view([source, target()], []), 'delete h2'],
    ['a target of another move of that name', view([source, target({ phase: 'Incoming' }, { name: 'web-other' })]), 'delete h2'],
    [
      'a source whose target runs, and which is needed still',
      view([sending({ phase: 'Moved', transfer: transferTo('uid-target', 'Arriving') }), target({ phase: 'Running' })]),
      '',
    ],
    [
      'a source whose target runs without it',
      view([sending({ phase: 'Moved', transfer: transferTo('uid-target', 'Done') }), target({ phase: 'Running' })]),
      'delete h1',
    ],
    ['a source whose target runs, and which is silent', view([sending(), target({ phase: 'Running' })], [underWay], silent), 'delete h1'],
    ['a source that sends for no move', view([sending()], []), 'recall h1'],
    ['a source that sends for another move', view([sending()], [aMoveOf('web', { metadata: { name: 'other' } })]), 'recall h1'],
    ['a source that handed over, of whose transfer nothing is left', view([sending({ phase: 'Moved' }), target()], []), 'delete h1'],
    ['a source that handed over to one that is gone', view([sending({ phase: 'Moved' })], []), ''],
    [
      'a source that handed over to one that goes',
      view([sending({ transfer: transferTo('uid-target', 'Arriving') }), target({}, going)], []),
      '',
    ],
    [
      'a source that says so of its target, for a move that is gone',
      view([sending({ transfer: transferTo('uid-target', 'Arriving') }), target()], []),
      '',
    ],
  ];
  for (const [what, seen, decision] of rows) {
    it(`${what}: ${decision === '' ? 'all stay' : decision}`, () => {
      assert.equal(word(oneInstance(seen)), decision);
    });
  }
});

describe('a shadow beside its original', () => {
  const shadowOf = { pair: 'web', instance: 'web-1', instanceUID: source.metadata.uid, since: epoch };
  const shadow = (status: VirtualMachineInstance['status'] = { phase: 'Shadow' }): VirtualMachineInstance =>
    anInstance(vm, 'h2', { metadata: { name: 'web-2', uid: 'uid-shadow' }, spec: { incarnation: 2, shadowOf }, status });
  const told = (stage: 'Alone' | 'InStep'): VirtualMachineInstance['status'] => ({ protection: { instanceUID: 'uid-shadow', stage } });
  const dead = { isFenced: (host: string) => host === 'h1' };
  const unsaid = (now: number, more: Partial<LifeView> = {}): LifeView =>
    view([sourceAs(told('InStep')), shadow({ phase: 'Incoming' })], [], { ...dead, fencedAt: () => 0, now, ...more });
  const rows: [what: string, view: LifeView, decision: string][] = [
    ['that no pair names, before it is in use', view([source, shadow()], []), 'delete h2'],
    ['that its original holds its output for: it goes alone first (rule 8)', view([sourceAs(told('InStep')), shadow()], []), ''],
    ['that its original does without', view([sourceAs(told('Alone')), shadow()], []), 'delete h2'],
    ['that died', view([sourceAs(told('InStep')), shadow()], [], { isFenced: (host) => host === 'h2' }), 'delete h2'],
    ['whose original is dead', view([source, shadow()], [], dead), ''],
    ['whose original is dead, and who was refused', view([source, shadow({ ...told('InStep'), phase: 'Moved' })], [], dead), 'delete h2'],
    [
      'whose original is dead, and who does not reach the arbiter: the VM starts elsewhere (rule 2)',
      view([source, shadow({ ...ready('ArbiterUnreachable'), phase: 'Shadow' })], [], dead),
      'delete h2',
    ],
    ['whose original died a moment ago, having said that they are in step: it may have gone on', unsaid(19_999), 'wait'],
    ['who says nothing for long', unsaid(20_000), 'delete h2'],
    ['whose VM is to be off', unsaid(0, { vm: { ...vm, spec: { ...vm.spec, powerState: 'PoweredOff' } } }), 'delete h2'],
  ];
  for (const [what, seen, decision] of rows) {
    it(`${what}: ${decision === '' ? 'stays' : decision}`, () => {
      assert.equal(word(oneInstance(seen)), decision);
    });
  }
});

describe('an instance that the VM was handed over to', () => {
  const rows: [what: string, view: LifeView, decision: string][] = [
    ['has not said so itself', view([sending({ phase: 'Moved' }), target({ phase: 'Incoming', conditions: [] })]), 'arrive'],
    ['waits for memory still', view([sending({ phase: 'Moved' }), target(ready('Incoming'))]), 'arrive'],
    ['is complete', view([sending({ phase: 'Moved' }), target(ready('Received'))]), 'arrive'],
    ['boots', view([sending({ phase: 'Moved' }), target(ready('Booting'))]), ''],
    [
      'is on a silent host',
      view([sending({ phase: 'Moved' }), target(ready('Received'))], [underWay], { answers: (host) => host !== 'h2' }),
      '',
    ],
    [
      'is to be off',
      view([sending({ phase: 'Moved' }), target(ready('Received'))], [underWay], {
        vm: { ...vm, spec: { ...vm.spec, powerState: 'PoweredOff' } },
      }),
      '',
    ],
    ['is none: it was started here', view([sourceAs(ready('Received'))]), ''],
  ];
  for (const [what, seen, decision] of rows) {
    it(`and ${what}: ${decision === '' ? 'is as any other' : decision}`, () => {
      assert.equal(word(arrive(seen)), decision);
    });
  }
});

describe('the move that an instance belongs to', () => {
  it('is the one that made it, while that is not over', () => {
    assert.equal(moveOf({ moves: [move] }, target()), move);
    assert.equal(moveOf({ moves: [aMoveOf('web', over)] }, target()), undefined);
    assert.equal(moveOf({ moves: [aMoveOf('web', { metadata: { name: 'other' } })] }, target()), undefined);
    assert.equal(moveOf({ moves: [move] }, target({}, { name: 'web-other' })), undefined);
    assert.equal(moveOf({ moves: [move] }, source), undefined);
  });

  it('has the guest of its source once it is under way', () => {
    assert.equal(isMoving(view([source]), source), true);
    assert.equal(isMoving(view([source, target()]), target()), true, 'memory may follow still');
    assert.equal(isMoving(view([source], [move]), source), false);
    const ended = aMoveOf('web', { status: { ...over.status, targetInstance: name, sourceInstance: 'web-1' } });
    assert.equal(isMoving(view([source], [ended]), source), false);
    assert.equal(isMoving(view([source]), anInstance(vm, 'h1', { spec: { incarnation: 7 } })), false);
  });

  it('has that of its target while memory follows, also when its migration was deleted', () => {
    const runs = target({ phase: 'Running' });
    const from = (stage: 'Arriving' | 'Done'): VirtualMachineInstance =>
      sourceAs({ phase: 'Moved', transfer: transferTo('uid-target', stage) });
    const follows = (stage: 'Arriving' | 'Done', more: Partial<LifeView> = {}): boolean =>
      isMoving(view([from(stage), runs], [], more), runs);
    assert.deepEqual([follows('Arriving'), follows('Done'), follows('Arriving', silent)], [true, false, false]);
  });

  it('says until when the rest waits: it can be cancelled while its source has it', () => {
    const runs = target({ phase: 'Running' });
    const follows = sourceAs({ phase: 'Moved', transfer: transferTo('uid-target', 'Arriving') });
    const over = 'when its move is over: VirtualMachineMigration go';
    assert.equal(whenMoved(view([source, target()]), source), `${over}; delete that to cancel it`);
    assert.equal(whenMoved(view([follows, runs]), runs), 'when all of its memory has followed it from h1');
    assert.equal(whenMoved(view([runs]), runs), over);
  });
});
