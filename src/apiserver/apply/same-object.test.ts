import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UnknownObject } from '../../meta/objects.ts';
import { sameApartFromTimes } from './same-object.ts';
import { Story } from './test-support.ts';

function made(story: Story): UnknownObject {
  assert.ok(story.object !== undefined);
  return story.object;
}

test('times of managers make no other object; anything else does', () => {
  const story = new Story().apply('a', { size: 1, labels: { x: 'y' } });
  const object = made(story);
  const later = made(
    new Story()
      .apply('b', { size: 2 })
      .apply('b', {})
      .apply('a', { labels: { x: 'y' }, size: 1 }),
  );
  assert.notDeepEqual(later.metadata.managedFields, object.metadata.managedFields);
  assert.equal(sameApartFromTimes(object, later), true);
  assert.equal(sameApartFromTimes(object, { ...later, size: 2 }), false);
  assert.equal(sameApartFromTimes(object, { ...later, metadata: { ...later.metadata, labels: {} } }), false);
  const shared = made(new Story().apply('a', { size: 1, labels: { x: 'y' } }).apply('b', { size: 1 }));
  assert.equal(sameApartFromTimes(object, shared), false);
  const less = made(new Story().apply('b', { labels: { x: 'y' } }).apply('a', { size: 1 }));
  assert.equal(sameApartFromTimes(object, { ...less, metadata: { ...less.metadata, managedFields: [] } }), false);
});
