import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { forbiddingTaint } from './taints.ts';

describe('a NoExecute taint', () => {
  const taint = { key: 'repair', effect: 'NoExecute' } as const;
  const forever = { key: 'repair', operator: 'Exists' } as const;

  test('that is tolerated for a while only keeps newcomers away: they would have to leave again, for ever', () => {
    assert.equal(forbiddingTaint([taint], [{ ...forever, tolerationSeconds: 60 }]), taint);
    assert.equal(forbiddingTaint([taint], [forever]), undefined);
  });
});
