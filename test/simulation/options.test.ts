import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readOptions } from './options.ts';
import { scenarios } from './plan.ts';

const played = (...args: string[]): readonly string[] => readOptions(args).scenarios;

describe('which scenarios are played', () => {
  test('one by its name, several in turn, and all in which something goes wrong', () => {
    assert.deepEqual(played(), ['lifecycle']);
    assert.deepEqual(played('--scenario', 'switch,profiles'), ['switch', 'profiles']);
    const all = played('--scenario', 'all');
    assert.deepEqual(
      scenarios.filter((one) => !all.includes(one)),
      ['calm', 'rest'],
    );
  });

  test('none that there is not', () => {
    assert.throws(() => readOptions(['--scenario', 'switch,nothing']), /--scenario switch,nothing: there are lifecycle, /);
  });
});
