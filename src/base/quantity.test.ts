import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from './errors.ts';
import { parseQuantity, parseScaledQuantity } from './quantity.ts';

describe('quantities', () => {
  const thousandths: [text: string, value: bigint][] = [
    ['500m', 500n],
    ['1Gi', 1_073_741_824_000n],
    ['1.5', 1500n],
    ['.5', 500n],
    ['2.', 2000n],
    ['1e3', 1_000_000n],
    ['-1k', -1_000_000n],
    ['1u', 1n],
  ];
  for (const [text, value] of thousandths) {
    it(`${text} is ${String(value)} thousandths, rounded up`, () => {
      assert.equal(parseQuantity(text), value);
    });
  }

  it('keep what is smaller when more places are asked for', () => {
    assert.equal(parseScaledQuantity('1n', 9), 1n);
    assert.equal(parseScaledQuantity('1u', 9), 1000n);
    assert.equal(parseScaledQuantity('1.000000001', 9), 1_000_000_001n);
  });

  for (const text of ['', 'Mi', '200K', '1,3G', '1 Gi', '--1', '1e1234']) {
    it(`${JSON.stringify(text)} is none`, () => {
      assert.throws(() => parseQuantity(text), UserError);
    });
  }
});
