import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ManagedFieldsEntry } from '../../meta/objects.ts';
import { capUpdates } from './cap-managers.ts';
import { fieldSet } from './field-algebra.ts';
import { sortEntries } from './managers.ts';
import { printFields, Story } from './test-support.ts';

function entry(manager: string, apiVersion: string, hour: number, ...fields: string[]): ManagedFieldsEntry {
  const fieldsV1 = fieldSet(...fields.map((field) => [`f:${field}`]));
  return {
    manager,
    operation: 'Update',
    apiVersion,
    time: `2026-03-01T${String(hour).padStart(2, '0')}:00:00Z`,
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
}

function brief(managers: readonly ManagedFieldsEntry[]): string[] {
  return managers.map(
    (each) => `${each.manager ?? ''} ${each.apiVersion ?? ''} ${each.time?.slice(11, 13) ?? ''} ${printFields(each.fieldsV1)}`,
  );
}

suite('the oldest updaters are folded into one', () => {
  const table: [string, ManagedFieldsEntry[], string[]][] = [
    [
      'one version',
      [entry('u1', 'v1', 1, 'a'), entry('u2', 'v1', 2, 'b'), entry('u3', 'v1', 3, 'c'), entry('u4', 'v1', 4, 'd')],
      ['ancient-changes v1 02 .a .b', 'u3 v1 03 .c', 'u4 v1 04 .d'],
    ],
    [
      'into the one that is there',
      [entry('ancient-changes', 'v1', 2, 'a', 'b'), entry('u3', 'v1', 3, 'c'), entry('u4', 'v1', 4, 'd'), entry('u5', 'v1', 5, 'e')],
      ['ancient-changes v1 03 .a .b .c', 'u4 v1 04 .d', 'u5 v1 05 .e'],
    ],
    [
      'two versions are not mixed',
      [
        entry('u1', 'v1', 1, 'a'),
        entry('u2', 'v2', 2, 'b'),
        entry('u3', 'v1', 3, 'c'),
        entry('u4', 'v1', 4, 'd'),
        entry('u5', 'v1', 5, 'e'),
      ],
      ['u2 v2 02 .b', 'ancient-changes v1 04 .a .c .d', 'u5 v1 05 .e'],
    ],
    [
      'three versions',
      [
        entry('u2', 'v2', 2, 'b'),
        entry('ancient-changes', 'v1', 4, 'a'),
        entry('u5', 'v1', 5, 'e'),
        entry('u6', 'v3', 6, 'f'),
        entry('u7', 'v2', 7, 'g'),
      ],
      ['ancient-changes v1 05 .a .e', 'u6 v3 06 .f', 'ancient-changes v2 07 .b .g'],
    ],
    [
      'nothing to fold with',
      [
        entry('ancient-changes', 'v1', 5, 'a'),
        entry('u6', 'v3', 6, 'f'),
        entry('ancient-changes', 'v2', 7, 'b'),
        entry('u8', 'v4', 8, 'h'),
      ],
      ['ancient-changes v1 05 .a', 'u6 v3 06 .f', 'ancient-changes v2 07 .b', 'u8 v4 08 .h'],
    ],
    [
      'an older one does not swallow what was folded before',
      [entry('a', 'v1', 1, 'a'), entry('ancient-changes', 'v1', 1, 'b'), entry('u3', 'v1', 3, 'c'), entry('u4', 'v1', 4, 'd')],
      ['ancient-changes v1 01 .a .b', 'u3 v1 03 .c', 'u4 v1 04 .d'],
    ],
  ];

  for (const [what, managers, expected] of table) {
    test(what, () => {
      const capped = capUpdates(managers, 3);
      assert.deepEqual(brief(capped), expected);
      assert.equal(capUpdates(capped, 3).length, capped.length);
    });
  }

  test('ten stay; appliers do not count', () => {
    const story = new Story().apply('applier', { size: 1 });
    const labels: Record<string, string> = {};
    for (let i = 0; i < 12; i++) {
      labels[`k${String(i)}`] = 'x';
      story.update(`u${String(i)}`, { size: 1, labels: { ...labels } });
    }
    assert.equal(story.managers.length, 11);
    assert.equal(story.owns('ancient-changes', 'Update'), '.labels .labels.k0 .labels.k1 .labels.k2');
    assert.equal(story.owns('applier'), '.size');
  });
});

test('entries stand by operation, time, manager, version, subresource', () => {
  const inOrder: ManagedFieldsEntry[] = [
    { manager: 'b', operation: 'Apply', apiVersion: 'v1' },
    { ...entry('a', 'v1', 9), operation: 'Apply' },
    entry('z', 'v1', 1),
    { ...entry('y', 'v1', 1), time: '2026-03-01T03:00:00+01:00' },
    entry('a', 'v1', 3),
    entry('a', 'v2', 3),
    { ...entry('a', 'v2', 3), subresource: 'status' },
    entry('b', 'v1', 3),
  ];
  assert.deepEqual(sortEntries([...inOrder].reverse()), inOrder);
});
