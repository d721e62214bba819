import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aMoveOf, anArrival, transferTo } from '../../test/builders/moves.ts';
import { anInstance, aVm, epoch } from '../../test/builders/objects.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { arrivalName, currentInstance, hasHandedOver, hasStopped, hasTakenOver, isDoneWith, isOver, isUnderWay } from './moving.ts';

const vm = aVm('web', { status: { instance: 'web-1', nodeName: 'h1' } });
const source = anInstance(vm, 'h1');
const target = anArrival(vm, 'h2', { status: { phase: 'Incoming' } });
const moveTo = { migration: 'go', instance: 'web-2', instanceUID: 'uid-web-2', nodeName: 'h2', endpoint: 'there', mode: 'Auto' } as const;
const saying = (status: VirtualMachineInstance['status'], spec = {}, metadata = {}): VirtualMachineInstance =>
  anInstance(vm, 'h1', { status, spec, metadata });
const sent = (status: VirtualMachineInstance['status'] = {}, metadata = {}): VirtualMachineInstance => saying(status, { moveTo }, metadata);
const reason = (word: string) => ({
  conditions: [{ type: 'Ready', status: 'False' as const, reason: word, message: '', observedGeneration: 1, lastTransitionTime: epoch }],
});

describe('the name of what a move makes', () => {
  it('follows from the move and its target, and is no name of another life', () => {
    const move = aMoveOf('web');
    assert.equal(arrivalName(move, 'h2'), arrivalName(aMoveOf('web'), 'h2'));
    assert.notEqual(arrivalName(move, 'h2'), arrivalName(move, 'h3'));
    assert.notEqual(arrivalName(move, 'h2'), arrivalName(aMoveOf('web', { metadata: { uid: 'another' } }), 'h2'));
    assert.match(arrivalName(move, 'h2'), /^web-[a-z0-9]{7}$/);
  });
});

describe('how far a move is', () => {
  const at = (type: string | undefined, targetInstance?: string) =>
    aMoveOf('web', {
      status: {
        conditions: type === undefined ? [] : [{ type, status: 'True', reason: 'X', message: '', lastTransitionTime: epoch }],
        ...(targetInstance === undefined ? {} : { targetInstance }),
      },
    });
  const rows: [string, ReturnType<typeof at>, boolean, boolean][] = [
    ['that was just made', at(undefined), false, false],
    ['whose target is booked', at(undefined, 'web-2'), false, true],
    ['that is complete', at('Complete', 'web-2'), true, false],
    ['that failed', at('Failed', 'web-2'), true, false],
    ['that failed before it began', at('Failed'), true, false],
  ];
  for (const [what, move, over, underWay] of rows) {
    it(`one ${what}: ${over ? 'over' : 'not over'}, ${underWay ? 'under way' : 'not under way'}`, () => {
      assert.deepEqual([isOver(move), isUnderWay(move)], [over, underWay]);
    });
  }
});

describe('what a source says of its target', () => {
  const rows: [what: string, source: VirtualMachineInstance, handedOver: boolean, stopped: boolean, done: boolean][] = [
    ['nothing, and is asked for nothing', source, false, true, false],
    ['nothing, and is asked for something that it has not seen', saying({}, {}, { generation: 2 }), false, false, false],
    ['nothing, and is to send', sent(), false, false, false],
    ['it sends', sent({ transfer: transferTo('uid-web-2', 'Copying') }), false, false, false],
    ['it sends still, though it is to send no more', saying({ transfer: transferTo('uid-web-2', 'Copying') }), false, false, false],
    ['it has stopped', sent({ transfer: transferTo('uid-web-2', 'Failed') }), false, true, true],
    ['another transfer failed', sent({ transfer: transferTo('another', 'Failed') }), false, false, false],
    ['the guest is there, and memory follows', sent({ phase: 'Moved', transfer: transferTo('uid-web-2', 'Arriving') }), true, false, false],
    [
      'the guest is there, though it is to be sent no more',
      saying({ phase: 'Moved', transfer: transferTo('uid-web-2', 'Arriving') }),
      true,
      false,
      false,
    ],
    ['all is there', sent({ phase: 'Moved', transfer: transferTo('uid-web-2', 'Done') }), true, false, true],
    ['it went there, and nothing is known of the transfer', sent({ phase: 'Moved' }), true, false, true],
    ['it went elsewhere', saying({ phase: 'Moved' }, { moveTo: { ...moveTo, instanceUID: 'another' } }), false, true, true],
    ['the VM is held elsewhere', sent(reason('HeldElsewhere')), false, false, true],
    ['it was handed over in a moment that nobody saw', sent(reason('HandedOver')), false, false, true],
  ];
  for (const [what, from, handedOver, stopped, done] of rows) {
    it(what, () => {
      const said = { handedOver: hasHandedOver(from, target), stopped: hasStopped(from, target), done: isDoneWith(from, target) };
      assert.deepEqual(said, { handedOver, stopped, done });
    });
  }
});

describe('which instance has the VM', () => {
  const named = (instance: string | undefined) => aVm('web', { status: instance === undefined ? {} : { instance } });
  const handedOver = sent({ phase: 'Moved', transfer: transferTo('uid-web-2', 'Arriving') });
  const running = anArrival(vm, 'h2');
  const going = { deletionTimestamp: epoch };
  const rows: [what: string, view: Parameters<typeof currentInstance>[0], name: string | undefined][] = [
    ['none', { vm: named(undefined), instances: [] }, undefined],
    ['the only one', { vm: named(undefined), instances: [source] }, 'web-1'],
    ['not one that only waits for it', { vm: named(undefined), instances: [target] }, undefined],
    ['the source, while the target waits', { vm: named('web-1'), instances: [source, target] }, 'web-1'],
    ['the target, once the source says so', { vm: named('web-1'), instances: [handedOver, target] }, 'web-2'],
    ['the target, once it says so', { vm: named('web-1'), instances: [source, running] }, 'web-2'],
    ['the target, once that was concluded', { vm: named('web-2'), instances: [source, target] }, 'web-2'],
    ['the source, when the target goes', { vm: named('web-1'), instances: [source, anArrival(vm, 'h2', { metadata: going })] }, 'web-1'],
    [
      'the newest, where the VM names none of them',
      { vm: named('x'), instances: [source, anInstance(vm, 'h3', { spec: { incarnation: 5 } })] },
      'web-5',
    ],
    [
      'the one that the VM names, though there is a newer',
      { vm: named('web-1'), instances: [anInstance(vm, 'h3', { spec: { incarnation: 5 } }), source] },
      'web-1',
    ],
    ['no released one', { vm: named('web-1'), instances: [anInstance(vm, 'h1', { spec: { powerState: 'Released' } })] }, undefined],
  ];
  for (const [what, view, name] of rows) {
    it(what, () => {
      assert.equal(currentInstance(view)?.metadata.name, name);
    });
  }

  it('after two moves in a row it is the last one, whatever the VM says still', () => {
    const again = anArrival(vm, 'h3', {
      spec: {
        incarnation: 3,
        origin: { ...anArrival(vm, 'h2').spec.origin, migration: 'on', instance: 'web-2', instanceUID: 'uid-web-2', since: epoch },
      },
    });
    assert.equal(currentInstance({ vm, instances: [source, running, again] })?.metadata.name, 'web-3');
  });

  it('a target has taken over in each phase in which it carries a guest, and in no other', () => {
    const phases = ['Pending', 'Incoming', 'Starting', 'Running', 'Suspending', 'Suspended', 'Moved'] as const;
    const over = phases.filter((phase) => hasTakenOver({ vm, instances: [source] }, anArrival(vm, 'h2', { status: { phase } })));
    assert.deepEqual(over, ['Starting', 'Running', 'Suspending', 'Suspended']);
  });
});
