import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compilePattern, patternCache, patternError } from './regex.ts';

describe('patterns', () => {
  it('are found anywhere', () => {
    assert.equal(compilePattern('b+').test('abbc'), true);
    assert.equal(compilePattern('^b').test('ab'), false);
  });

  it('give the pieces that match', () => {
    assert.equal(compilePattern('[0-9]+').find('abc 123 45'), '123');
    assert.equal(compilePattern('xyz').find('abc'), undefined);
    assert.deepEqual(compilePattern('[0-9]+').findAll('1 22 333', -1), ['1', '22', '333']);
    assert.deepEqual(compilePattern('[0-9]+').findAll('1 22 333', 2), ['1', '22']);
    assert.deepEqual(compilePattern('[0-9]+').findAll('1 22 333', 0), []);
  });

  it('are of RE2: no back references, no looking around', () => {
    assert.equal(typeof patternError('(a)\\1'), 'string');
    assert.equal(patternError('^[a-z]+$'), undefined);
  });

  it('are kept while there is room, those used last the longest', () => {
    const patternOf = patternCache(2);
    const [a, b] = [patternOf('a'), patternOf('b')];
    assert.equal(patternOf('a'), a);
    patternOf('c');
    assert.equal(patternOf('a'), a);
    assert.notEqual(patternOf('b'), b);
  });
});
