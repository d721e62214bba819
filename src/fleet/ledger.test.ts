import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aMoveOf, anArrival } from '../../test/builders/moves.ts';
import { anInstance, aVm, epoch } from '../../test/builders/objects.ts';
import { told } from '../../test/builders/told.ts';
import { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import { VirtualMachine } from '../api/virtual-machine.ts';
import { keyOf } from '../meta/objects.ts';
import { Ledger } from './ledger.ts';

const vm = aVm('web');
const running = anInstance(vm, 'h1', { spec: { cpu: { cores: 1, reservation: '500m' } } });
const ended = { status: 'True', reason: 'X', message: 'words', observedGeneration: 1, lastTransitionTime: epoch } as const;
const key = keyOf(running.metadata);

function ledgerOf(...instances: VirtualMachineInstance[]) {
  const freed: string[] = [];
  const cache = told(VirtualMachineInstance, ...instances);
  const ledger = new Ledger(told(VirtualMachine, vm), cache);
  ledger.onFreed(() => void freed.push('freed'));
  return { freed, cache, ledger };
}

describe('Ledger: what hosts have given away (rule 5)', () => {
  it('counts what was decided at once, and once only when the cache tells of it', () => {
    const { ledger, cache } = ledgerOf();
    ledger.assume(running);
    assert.deepEqual([ledger.taken('h1').milliCores, ledger.count('main'), ledger.residents('h1').length], [500, 1, 1]);
    cache.tell(undefined, running);
    assert.deepEqual([ledger.taken('h1').milliCores, ledger.count('main'), ledger.residents('h1').length], [500, 1, 1]);
  });

  it('does not count an instance that never runs: it takes no room, keeps nobody away, and fills no limit', () => {
    const released = anInstance(vm, 'h1', { spec: { powerState: 'Released', removeDisks: ['shared/root'] } });
    const { ledger, cache } = ledgerOf();
    const sums = () => [ledger.taken('h1'), ledger.count('main'), ledger.residents('h1')];
    const empty = sums();
    ledger.assume(released);
    assert.ok(ledger.awaits(key));
    assert.deepEqual(sums(), empty);
    cache.tell(undefined, released);
    assert.deepEqual(sums(), empty);
    cache.tell(released, undefined);
    assert.deepEqual(sums(), empty);
  });

  it('counts shadows that were decided on a moment ago among the originals and shadows of a host, and whom they are for', () => {
    const shadowOf = { pair: 'web', instance: 'web-1', instanceUID: 'uid-web-1', since: epoch };
    const shadow = anInstance(vm, 'h2', { spec: { incarnation: 2, shadowOf } });
    const { ledger, cache } = ledgerOf(running);
    const paired = (): number[] => ['h1', 'h2'].map((host) => ledger.paired(host));
    assert.deepEqual(paired(), [0, 0]);
    ledger.assume(shadow);
    assert.deepEqual(paired(), [1, 1]);
    cache.tell(undefined, shadow);
    assert.deepEqual(paired(), [1, 1]);
    assert.equal(ledger.paired('h2', 'shop/web-2'), 0, 'one that took over, and is to have a shadow of its own, counts itself not');
    cache.tell(shadow, undefined);
    assert.deepEqual(paired(), [0, 0]);
  });

  it('gives the room of what was not made to those who wait, once', () => {
    const { ledger, freed } = ledgerOf();
    ledger.assume(running);
    ledger.forget(key);
    ledger.forget(key);
    assert.deepEqual([ledger.taken('h1').milliCores, freed], [0, ['freed']]);
  });

  it('knows what was done until the cache tells, or it is taken back', () => {
    const { ledger, cache } = ledgerOf();
    ledger.accept(key);
    assert.equal(ledger.isAccepted(key), false, 'nothing was assumed');
    ledger.assume(running);
    ledger.accept(key);
    ledger.assume(running);
    assert.ok(ledger.isAccepted(key), 'a second try does not make the first undone');
    cache.tell(undefined, running);
    assert.equal(ledger.isAccepted(key), false);
  });

  it('counts what the last leader has announced and nobody has seen, until it is known what became of it', () => {
    const { name } = running.metadata;
    const status = { ...vm.status, phase: 'Starting' as const, instance: name, nodeName: 'h1', hostCluster: 'main' };
    const announcing = aVm('web', { spec: { cpu: { cores: 1, reservation: '500m' } }, status });
    const cache = told(VirtualMachineInstance);
    const ledger = new Ledger(told(VirtualMachine, announcing), cache);
    ledger.expectAnnounced(7, []);
    assert.deepEqual([ledger.taken('h1').milliCores, ledger.count('main'), ledger.doubtfulSince(key)], [500, 1, 7]);
    cache.tell(undefined, running);
    assert.deepEqual([ledger.taken('h1').milliCores, ledger.doubtfulSince(key)], [500, undefined]);
    const shown = new Ledger(told(VirtualMachine, announcing), told(VirtualMachineInstance, running));
    shown.expectAnnounced(7, []);
    assert.equal(shown.doubtfulSince(key), undefined, 'what is seen is in no doubt');
  });

  it('counts the target of a move that the last leader has announced and nobody has seen, with the sizes that run', () => {
    const ends = { sourceInstance: running.metadata.name, targetInstance: 'web-2', target: 'h2', virtualMachineUID: vm.metadata.uid };
    const begun = aMoveOf('web', { status: { phase: 'Preparing', ...ends } });
    const later = aMoveOf('web', { status: { phase: 'Transferring', ...ends } });
    const isOver = aMoveOf('web', { status: { phase: 'Preparing', ...ends, conditions: [{ ...ended, type: 'Failed' }] } });
    const target = keyOf({ namespace: 'shop', name: 'web-2' });
    const sums = (...moves: VirtualMachineMigration[]) => {
      const { ledger } = ledgerOf(running);
      ledger.expectAnnounced(7, moves);
      return [ledger.taken('h1').milliCores, ledger.taken('h2').milliCores, ledger.count('main'), ledger.doubtfulSince(target)];
    };
    assert.deepEqual(sums(begun), [500, 500, 1, 7]);
    const ofAnother = aMoveOf('web', { status: { ...begun.status, virtualMachineUID: 'another' } });
    for (const move of [later, isOver, ofAnother, aMoveOf('web')]) assert.deepEqual(sums(move), [500, 0, 1, undefined]);
    const { ledger } = ledgerOf(running, anArrival(vm, 'h2', { metadata: { name: 'web-2' } }));
    ledger.expectAnnounced(7, [begun]);
    assert.equal(ledger.doubtfulSince(target), undefined, 'what is seen is in no doubt');
  });

  it('goes on counting what is in doubt, until the cache tells', () => {
    const { ledger, cache } = ledgerOf();
    ledger.assume(running);
    ledger.doubt(key, 7);
    assert.deepEqual([ledger.taken('h1').milliCores, ledger.doubtfulSince(key)], [500, 7]);
    cache.tell(undefined, running);
    assert.deepEqual([ledger.taken('h1').milliCores, ledger.doubtfulSince(key)], [500, undefined]);
  });

  it('counts a raise that did not come about as it was before', () => {
    const { ledger, freed } = ledgerOf(running);
    ledger.assume({ ...running, spec: { ...running.spec, cpu: { cores: 1, reservation: '4' } } });
    assert.equal(ledger.taken('h1').milliCores, 4000);
    ledger.restore(running.metadata, told(VirtualMachineInstance, running));
    assert.deepEqual([ledger.taken('h1').milliCores, freed], [500, ['freed']]);
  });

  it('gives away no room that is only decided to become free: the API may not take that', () => {
    const { ledger, cache } = ledgerOf(running);
    const released: VirtualMachineInstance = { ...running, spec: { ...running.spec, powerState: 'Released' } };
    for (const less of [released, { ...running, spec: { ...running.spec, cpu: { cores: 1 } } }]) {
      ledger.assume(less);
      assert.deepEqual([ledger.taken('h1').milliCores, ledger.count('main'), ledger.residents('h1').length], [500, 1, 1]);
    }
    cache.tell(running, released);
    assert.deepEqual([ledger.taken('h1').milliCores, ledger.count('main'), ledger.residents('h1').length], [0, 0, 0]);
  });

  it('forgets what was assumed for a VM that is gone', () => {
    const { ledger } = ledgerOf();
    ledger.assume(running);
    ledger.forgetAllOf({ namespace: 'other', name: 'web' });
    assert.ok(ledger.awaits(key));
    ledger.forgetAllOf({ namespace: 'shop', name: 'web' });
    assert.equal(ledger.count('main'), 0);
  });

  it('has the neighbours as they are now: who came, who went, and whose labels changed', () => {
    const vms: VirtualMachine[] = [vm];
    const watched = told(VirtualMachine, ...vms);
    const current = { ...watched, get: (): VirtualMachine | undefined => vms[0] };
    const instances = told(VirtualMachineInstance, running);
    const ledger = new Ledger(current, instances);
    const labels = () => ledger.residents('h1').map((resident) => resident.labels);
    assert.deepEqual(labels(), [{}]);
    const relabelled = { ...vm, metadata: { ...vm.metadata, labels: { app: 'db' } } };
    vms[0] = relabelled;
    watched.tell(vm, relabelled);
    assert.deepEqual(labels(), [{ app: 'db' }]);
    const changed = { ...relabelled, metadata: { ...relabelled.metadata, labels: { app: 'cache' }, generation: 9 } };
    vms[0] = changed;
    watched.tell(relabelled, changed);
    assert.deepEqual(labels(), [{ app: 'cache' }]);
    vms.length = 0;
    watched.tell(changed, undefined);
    assert.deepEqual(labels(), []);
    instances.tell(running, undefined);
    vms.push(vm);
    watched.tell(undefined, vm);
    assert.deepEqual(labels(), [], 'it is not on this host any more');
  });

  it('gives the same answer while nothing about a host changes, so that whoever asks may keep what follows from it', () => {
    const { ledger } = ledgerOf(running);
    assert.equal(ledger.residents('h1'), ledger.residents('h1'));
    assert.equal(ledger.taken('h1'), ledger.taken('h1'));
  });
});

describe('Ledger: guests that are about to be started', () => {
  const as = (status: VirtualMachineInstance['status'], spec = {}): VirtualMachineInstance => anInstance(vm, 'h1', { status, spec });
  const because = (reason: string): VirtualMachineInstance['status'] => ({
    phase: 'Pending',
    conditions: [{ ...ended, type: 'Ready', status: 'False', reason }],
  });

  it('are counted from the decision on until their agent has started them, which is told', () => {
    const { ledger, cache } = ledgerOf();
    let started = 0;
    ledger.onStarted(() => {
      started++;
    });
    ledger.assume(as(because('Pending')));
    assert.equal(ledger.starting('h1'), 1);
    cache.tell(undefined, as(because('Starting')));
    assert.deepEqual([ledger.starting('h1'), started], [1, 0]);
    cache.tell(as(because('Starting')), as({ phase: 'Running' }));
    assert.deepEqual([ledger.starting('h1'), started], [0, 1]);
    ledger.assume(as(because('Pending')));
    ledger.forget(key);
    assert.deepEqual([ledger.starting('h1'), started], [0, 2]);
  });

  it('are not those that cannot be, that move here, or that sleep: they hold up nobody', () => {
    const origin = { migration: 'm', instance: 'web-1', instanceUID: 'u' };
    for (const one of [as(because('DiskFull')), as(because('Pending'), { origin }), as(because('Pending'), { powerState: 'Suspended' })])
      assert.equal(ledgerOf(one).ledger.starting('h1'), 0);
  });
});
