import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stopped } from './errors.ts';

test('Stopped says what it is without a stack, which costs; other errors keep theirs', () => {
  const stopped = new Stopped('over');
  assert.doesNotMatch(stopped.stack ?? '', /\n\s+at /);
  assert.deepEqual([stopped.name, stopped.message, stopped instanceof Error], ['Stopped', 'over', true]);
  assert.match(new Error('wrong').stack ?? '', /\n\s+at /);
});
