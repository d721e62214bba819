import assert from 'node:assert/strict';
import { it } from 'node:test';
import { StartQueue } from './start-queue.ts';

const ref = (name: string): { readonly namespace: string; readonly name: string } => ({ namespace: 'shop', name });

function calls(queue: StartQueue, count: number): string[] {
  return Array.from({ length: count }, () => queue.call()?.name ?? '');
}

it('calls by rank, then as they came, and one that waits in vain holds up nobody (rule 2)', () => {
  const queue = new StartQueue();
  for (const [name, rank] of [
    ['low', 4],
    ['first', 2],
    ['second', 2],
  ] as const)
    queue.add(ref(name), rank);
  assert.deepEqual(calls(queue, 5), ['first', 'second', 'low', 'first', 'second']);
});

it('calls nobody who waits no more, and each who waits again where it was', () => {
  const queue = new StartQueue();
  assert.equal(queue.call(), undefined);
  queue.add(ref('one'), 0);
  queue.add(ref('other'), 1);
  queue.call();
  queue.add(ref('one'), 0);
  assert.deepEqual(calls(queue, 1), ['other']);
  queue.remove('shop/one');
  assert.deepEqual(calls(queue, 2), ['other', 'other']);
});
