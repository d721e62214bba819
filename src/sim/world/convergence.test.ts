import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MoveMode } from '../../ports/moves.ts';
import { convergence } from './convergence.ts';
import { defaultSettings } from './settings.ts';

const { throttle } = defaultSettings;

/** What is advised after rounds of which each leaves `share` of what it sent: `advice percent`, until it is given up. */
function advices(mode: MoveMode, share: number, settings = throttle): string[] {
  const control = convergence(mode, settings);
  const all: string[] = [];
  while (all.at(-1)?.startsWith('GiveUp') !== true)
    all.push(`${control.after({ sentBytes: 1000, dirtiedBytes: 1000 * share })} ${String(control.percent())}`);
  return all;
}

describe('whether rounds come to an end', () => {
  test('a guest that writes as fast as it is sent is slowed down in steps, each after two poor rounds, and given up after two more', () => {
    const steps = [20, 30, 40, 50, 60, 70, 80].flatMap((percent, index) => [
      `GoOn ${String(index === 0 ? 0 : percent - 10)}`,
      `Throttle ${String(percent)}`,
    ]);
    assert.deepEqual(advices('PreCopy', 1), [...steps, 'GoOn 80', 'GiveUp 80']);
  });

  test('Auto, which has another way out, slows it down once', () => {
    assert.deepEqual(advices('Auto', 1), ['GoOn 0', 'Throttle 20', 'GoOn 20', 'GiveUp 20']);
  });

  test('rounds that halve what is left are let go on, but not for ever', () => {
    const all = advices('PreCopy', 0.5);
    assert.equal(all.length, throttle.mostRounds);
    assert.ok(all.slice(0, -1).every((advice) => advice === 'GoOn 0'));
  });

  test('one poor round among good ones means nothing', () => {
    const control = convergence('PreCopy', throttle);
    for (const dirtiedBytes of [900, 100, 900, 100, 900]) assert.equal(control.after({ sentBytes: 1000, dirtiedBytes }), 'GoOn');
    assert.equal(control.percent(), 0);
  });

  test('at the strongest throttle, rounds that still shrink are let go on', () => {
    const control = convergence('PreCopy', { ...throttle, mostPercent: 20 });
    for (let round = 0; round < 2; round++) control.after({ sentBytes: 1000, dirtiedBytes: 1000 });
    for (let round = 0; round < 10; round++) assert.equal(control.after({ sentBytes: 1000, dirtiedBytes: 800 }), 'GoOn');
  });

  test('nothing is withheld where nothing may be', () => {
    const none = { ...throttle, mostPercent: 0 };
    assert.deepEqual(advices('PreCopy', 1, none), ['GoOn 0', 'GiveUp 0']);
    assert.deepEqual(advices('Auto', 1, none), ['GoOn 0', 'GiveUp 0']);
  });
});
