import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { escapeName } from './escape.ts';
import { prepare } from './source.ts';

describe('names of fields in rules', () => {
  const names: [name: string, identifier: string | undefined][] = [
    ['simple', 'simple'],
    ['namespace', '__namespace__'],
    ['true', '__true__'],
    ['a-b', 'a__dash__b'],
    ['a.b/c', 'a__dot__b__slash__c'],
    ['a__b', 'a__underscores__b'],
    ['x_', 'x_'],
    ['1a', undefined],
    ['', undefined],
    ['a b', undefined],
    ['ä', undefined],
    ['int', 'int'],
  ];
  for (const [name, identifier] of names) {
    it(`${name} is ${String(identifier)}`, () => {
      assert.equal(escapeName(name), identifier);
    });
  }
});

describe('reading a rule', () => {
  it('sees oldSelf, but not in strings, comments or as a field', () => {
    assert.equal(prepare('self == oldSelf').usesOldSelf, true);
    assert.equal(prepare("self == 'oldSelf'").usesOldSelf, false);
    assert.equal(prepare('self == 1 // oldSelf').usesOldSelf, false);
    assert.equal(prepare('self.oldSelf == 1').usesOldSelf, false);
    assert.equal(prepare("self == r'\\' || oldSelf == 1").usesOldSelf, true);
  });

  it('takes has for the macro only where it is no method', () => {
    assert.equal(prepare('self.has(1)').text, 'self.has(1)');
  });

  it('changes no positions', () => {
    const rule = "has(self.has) && self.matches.matches('has(x)') // has(y)";
    const { text } = prepare(rule);
    assert.equal(text.length, rule.length);
    assert.equal(text, "h_s(self.has) && self.matches.m_tches('has(x)') // has(y)");
  });
});
