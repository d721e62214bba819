import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences } from './compare.ts';
import { differencesPage } from './differences-page.ts';
import { isKnown } from './known.ts';
import type { Shape } from './normalise.ts';

const shape = (...steps: Shape[]): { scenario: string; steps: Shape[] } => ({ scenario: 'a scenario', steps });

test('a difference is told by its pointer, whichever side has more', () => {
  const real = shape({ step: 'GET /x', status: 200, body: { list: [1, 2], 'a/b': 'x', same: { y: null } } });
  const embedded = shape({ step: 'GET /x', status: 404, body: { list: [1], 'a/b': 'z', same: { y: null }, more: {} } });
  assert.deepEqual(
    differences(real, embedded).map(({ at, real: theirs, embedded: ours }) => [at, theirs, ours]),
    [
      ['/0/status', 200, 404],
      ['/0/body/list/1', 2, '(absent)'],
      ['/0/body/a~1b', 'x', 'z'],
      ['/0/body/more', '(absent)', {}],
    ],
  );
  assert.deepEqual(differences(real, real), []);
});

test('a missing step is a difference', () => {
  assert.equal(differences(shape({ step: 'GET /x' }), shape()).length, 1);
});

test('what is known is so in its group, scenario and place only', () => {
  const known = { group: 'node', scenario: 'create: *', at: '/*/body/spec/taints', why: 'a reason' };
  const difference = { scenario: 'create: dry run', at: '/0/body/spec/taints', real: 1, embedded: 2 };
  assert.ok(isKnown(known, 'node', difference));
  assert.ok(!isKnown(known, 'widget', difference));
  assert.ok(!isKnown(known, 'node', { ...difference, scenario: 'update: dry run' }));
  assert.ok(!isKnown(known, 'node', { ...difference, at: '/0/body/spec/taints/0' }));
  assert.match(differencesPage([known]), /\| node: \*create: …\*, `\/…\/body\/spec\/taints` \| a reason \|/);
});
