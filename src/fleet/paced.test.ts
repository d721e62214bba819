import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testClock } from '../sim/test-support.ts';
import { Paced } from './paced.ts';

describe('figures that are written at most twice a minute', () => {
  const never = (): boolean => false;

  it('are the old ones until their time has come, and say when that is', async () => {
    const clock = testClock();
    const paced = new Paced<number>(clock);
    assert.deepEqual(
      paced.of('a', () => 1, never),
      { value: 1 },
    );
    await clock.advance(10_000);
    assert.deepEqual(
      paced.of('a', () => 2, never),
      { value: 1, again: 20_000 },
    );
    assert.deepEqual(
      paced.of('a', () => 1, never),
      { value: 1 },
      'what has not changed is waited for',
    );
    await clock.advance(20_000);
    assert.deepEqual(
      paced.of('a', () => 3, never),
      { value: 3 },
    );
    assert.deepEqual(
      paced.of('a', () => 4, never),
      { value: 3, again: 30_000 },
    );
  });

  it('are new at once where that is urgent, and of another object', () => {
    const paced = new Paced<number>(testClock());
    paced.of('a', () => 0, never);
    assert.deepEqual(
      paced.of(
        'a',
        () => 1,
        (before, now) => (before === 0) !== (now === 0),
      ),
      { value: 1 },
    );
    assert.deepEqual(
      paced.of('b', () => 5, never),
      { value: 5 },
    );
    paced.forget('a');
    assert.deepEqual(
      paced.of('a', () => 9, never),
      { value: 9 },
    );
  });
});
