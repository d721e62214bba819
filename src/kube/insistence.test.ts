import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testClock } from '../sim/test-support.ts';
import { Insistence } from './insistence.ts';

describe('who is contradicted (rule 7: no storms)', () => {
  test('waits a second before saying the same again, and says news at once', async () => {
    const clock = testClock();
    const insistence = new Insistence(clock);
    assert.equal(insistence.waitMs('a', { phase: 'Running' }), 0);
    insistence.said('a', { phase: 'Running' });
    await clock.advance(300);
    assert.equal(insistence.waitMs('a', { phase: 'Running' }), 700);
    assert.equal(insistence.waitMs('a', { phase: 'Off' }), 0);
    assert.equal(insistence.waitMs('b', { phase: 'Running' }), 0);
    await clock.advance(700);
    assert.equal(insistence.waitMs('a', { phase: 'Running' }), 0);
  });

  test('has nothing to wait for once the object is gone', () => {
    const insistence = new Insistence(testClock());
    insistence.said('a', 1);
    insistence.forget('a');
    assert.equal(insistence.waitMs('a', 1), 0);
  });
});
