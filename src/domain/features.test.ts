import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anInstance, aVm } from '../../test/builders/objects.ts';
import type { Baseline } from '../api/cpu.ts';
import type { Candidate } from './candidate.ts';
import { newcomerOf } from './newcomer.ts';
import { place, refusalAt } from './placement.ts';
import { liveResize, restartNeeds } from './resize.ts';

const gibibyte = 2 ** 30;

function host(name: string, baseline?: Baseline, change: Partial<Candidate> = {}): Candidate {
  const room = { cores: 8, capacity: { milliCores: 8000, memoryBytes: 16 * gibibyte }, taken: { milliCores: 0, memoryBytes: 0 } };
  const plain = { labels: {}, taints: [], cordoned: false, ready: true, residents: [] };
  return { name, ...plain, ...room, ...(baseline === undefined ? {} : { baseline }), ...change };
}

const plain = newcomerOf(aVm('web'));
const modern = newcomerOf(aVm('web', { spec: { cpu: { cores: 1, baseline: 'x86-64-v3' } } }));

describe('the CPU features that a VM sees', () => {
  test('are those that it says, and hosts that lack them, or have not said, are no target', () => {
    const hosts = [host('old', 'x86-64-v2'), host('mute'), host('new', 'x86-64-v4')];
    assert.deepEqual(place(modern, hosts), { host: 'new', baseline: 'x86-64-v3' });
    assert.deepEqual(place(modern, hosts.slice(0, 2)), { message: '0/2 hosts: 2 without CPU features x86-64-v3' });
    assert.deepEqual(refusalAt(modern, hosts, 'old'), { reason: 'LacksFeatures', words: 'without CPU features x86-64-v3' });
    assert.equal(refusalAt(modern, hosts, 'new'), undefined);
  });

  test('are, where it says nothing, those that all hosts have, also those that have no room now: so that it can move anywhere', () => {
    const full = { cordoned: true, ready: false };
    const placed = place(plain, [host('new', 'x86-64-v4'), host('old', 'x86-64-v2', full), host('mute', undefined, full)]);
    assert.deepEqual(placed, { host: 'new', baseline: 'x86-64-v2' });
    assert.deepEqual(place(plain, [host('mute')]), { host: 'mute' });
  });

  test('stay while it runs: what its spec says anew waits for a restart', () => {
    const running = anInstance(aVm('web'), 'h1', { spec: { cpu: { cores: 1, baseline: 'x86-64-v2' } } });
    assert.deepEqual(restartNeeds(aVm('web'), running), []);
    const changed = aVm('web', { spec: { cpu: { cores: 1, reservation: '500m', baseline: 'x86-64-v3' } } });
    assert.deepEqual(restartNeeds(changed, running), ['spec.cpu.baseline from x86-64-v2 to x86-64-v3']);
    assert.deepEqual(liveResize(changed, running)?.cpu, { cores: 1, reservation: '500m', baseline: 'x86-64-v2' });
  });

  test('go with it when it moves, whatever its spec says by then', () => {
    const changed = aVm('web', { spec: { cpu: { cores: 4, baseline: 'x86-64-v3' } } });
    const running = anInstance(aVm('web'), 'h1', { spec: { cpu: { cores: 1, baseline: 'x86-64-v2' } } });
    const { cores, baseline } = newcomerOf(changed, running.spec);
    assert.deepEqual([cores, baseline], [1, 'x86-64-v2']);
  });
});
