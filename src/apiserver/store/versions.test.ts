import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedAt } from './stored.ts';
import { thing } from './test-support.ts';
import { Compacted } from './types.ts';
import { versions } from './versions.ts';

test('history far longer than what is kept: always the last so many changes, each once', () => {
  const kept = 1500;
  const past = versions(1, { changes: kept, milliseconds: 0, most: kept });
  for (let revision = 2; revision <= 8000; revision++) {
    const key = `/${String(revision % 7)}`;
    past.apply(storedAt(key, revision, thing(key)), revision % 11 === 0, revision);
    assert.equal(past.since(past.compactedAt())[0]?.revision, past.compactedAt() + 1);
    if (revision % 500 !== 0) continue;
    const oldest = Math.max(1, revision - kept);
    assert.equal(past.compactedAt(), oldest);
    const told = past.since(oldest).map((change) => change.revision);
    assert.deepEqual(
      told,
      Array.from({ length: revision - oldest }, (_, i) => oldest + 1 + i),
    );
    assert.deepEqual(
      past.since(revision - 3).map((change) => change.revision),
      [revision - 2, revision - 1, revision],
    );
  }
});

test('what is forgotten may end between two revisions', () => {
  const past = versions(1, { changes: 10, milliseconds: 0, most: 10 });
  for (const revision of [5, 10]) past.apply(storedAt('/a', revision, thing('a', revision)), false, 0);
  past.compact(7);
  assert.equal(past.compactedAt(), 7);
  assert.throws(() => past.since(6), Compacted);
  assert.throws(() => past.list('', { at: 6 }), Compacted);
  assert.equal(past.list('', { at: 7 }).items[0]?.revision, 5);
  assert.equal(past.since(7).length, 1);
});

test('the size is that of what stands', () => {
  const past = versions(1, { changes: 10, milliseconds: 0, most: 10 });
  const first = storedAt('/a', 1, thing('a'));
  past.load(first);
  const second = storedAt('/b', 2, thing('b', 'long'.repeat(100)));
  past.apply(second, false, 0);
  assert.deepEqual(past.size(), { objects: 2, text: first.text.length + second.text.length + 4 });
  past.apply(storedAt('/b', 3, thing('b')), true, 0);
  assert.deepEqual(past.size(), { objects: 1, text: first.text.length + 2 });
  const changed = storedAt('/a', 4, thing('a', 'longer'));
  past.apply(changed, false, 0);
  assert.deepEqual(past.size(), { objects: 1, text: changed.text.length + 2 });
});
