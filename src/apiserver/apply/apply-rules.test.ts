import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { UnknownObject } from '../../meta/objects.ts';
import { applyPatch } from './apply-patch.ts';
import { fieldSet } from './field-algebra.ts';
import { gadgetSchema, number, object, open, printFields, Story, text } from './test-support.ts';

suite('without a schema', () => {
  test('maps are granular, lists atomic', () => {
    const story = new Story(null).apply('one', { spec: { a: 1, list: ['a', 'b'] } });
    assert.equal(story.owns('one'), '.spec .spec.a .spec.list');
    assert.deepEqual(story.apply('two', { spec: { b: 2 } }).fields, { spec: { a: 1, list: ['a', 'b'], b: 2 } });
    assert.deepEqual(story.conflicts('two', { spec: { list: ['c'] } }), ['conflict with "one": .spec.list']);
    assert.deepEqual(story.apply('one', { spec: { a: 1 } }).fields, { spec: { a: 1, b: 2 } });
  });

  test('metadata is as everywhere', () => {
    const story = new Story(null).apply('one', { metadata: { finalizers: ['a'] } }).apply('two', { metadata: { finalizers: ['b'] } });
    assert.deepEqual(story.fields, { metadata: { finalizers: ['a', 'b'] } });
  });

  test('fields that the schema keeps but does not know', () => {
    const story = new Story({ ...object({ num: number }), ...open }).apply('a', { num: 5, unknown: { nested: 'x' } });
    assert.equal(story.owns('a'), '.num .unknown .unknown.nested');
    assert.deepEqual(story.apply('a', { num: 6 }).fields, { num: 6 });
  });
});

suite('a schema that changed', () => {
  const granular = object({ part: object({ a: number, b: text }) });
  const whole = object({ part: { ...object({ a: number, b: text }), 'x-kubernetes-map-type': 'atomic' } });

  test('what was owned in parts and is atomic now is owned as a whole', () => {
    const story = new Story(granular).apply('one', { part: { a: 1 } });
    story.type = new Story(whole).type;
    assert.deepEqual(story.conflicts('two', { part: { b: 'x' } }), ['conflict with "one": .part']);
    assert.deepEqual(story.force('two', { part: { b: 'x' } }).fields, { part: { b: 'x' } });
    assert.equal(story.owns('one'), '');
    assert.equal(story.owns('two'), '.part');
  });

  test('an update of it takes the parts, too', () => {
    const story = new Story(granular).apply('one', { part: { a: 1 } });
    story.type = new Story(whole).type;
    story.update('u', { part: { a: 2 } });
    assert.deepEqual(
      story.managers.map((entry) => [entry.manager, printFields(entry.fieldsV1)]),
      [['u', '.part']],
    );
  });

  test('what was atomic and has parts now stays one field until it is written', () => {
    const story = new Story(whole).apply('one', { part: { a: 1, b: 'x' } });
    story.type = new Story(granular).type;
    assert.deepEqual(story.apply('two', { part: { b: 'y' } }).fields, { part: { a: 1, b: 'y' } });
    assert.equal(story.owns('one'), '.part');
    assert.equal(story.owns('two'), '.part.b');
  });
});

suite('what is refused', () => {
  const story = new Story(gadgetSchema);

  test('fields that the schema does not have, by name', () => {
    assert.equal(
      story.refused('a', { size: 'x', part: { nope: 1 } }),
      'failed to create typed patch object (shop/g; test.example/v1, Kind=Gadget): errors:\n  .size: expected numeric (int or float), got "x"\n  .part.nope: field not declared in schema',
    );
    assert.equal(
      story.refused('a', { nope: 1 }),
      'failed to create typed patch object (shop/g; test.example/v1, Kind=Gadget): .nope: field not declared in schema',
    );
  });

  test('managedFields in the patch', () => {
    assert.equal(story.refused('a', { metadata: { managedFields: [] } }), 'metadata.managedFields must be nil');
    story.apply('a', { metadata: { managedFields: null }, size: 1 });
  });

  test('another version or kind', () => {
    assert.equal(story.refused('a', { apiVersion: 'v2', kind: 'Gadget' }), 'invalid object type: /v2, Kind=Gadget');
    assert.equal(story.refused('a', { kind: 'Widget' }), 'invalid object type: test.example/v1, Kind=Widget');
  });
});

suite('fields that a way of writing leaves alone', () => {
  test('are neither owned, nor changed, nor a conflict', () => {
    const reset = { resetFields: fieldSet(['f:status']) };
    const story = new Story().update('u', { status: { phase: 'Up' } }).apply('a', { size: 1, status: { phase: 'Down' } }, reset);
    assert.deepEqual(story.fields, { size: 1, status: { phase: 'Up' } });
    assert.equal(story.owns('a'), '.size');
    assert.equal(story.owns('u', 'Update'), '.status .status.phase');
  });

  test('by the status subresource nothing but the status', () => {
    const options = { subresource: 'status', resetFields: fieldSet(['f:metadata'], ['f:size']) };
    const story = new Story()
      .apply('a', { size: 1 })
      .apply('b', { metadata: { labels: { x: 'y' } }, size: 2, status: { phase: 'Up' } }, options);
    assert.deepEqual(story.fields, { size: 1, status: { phase: 'Up' } });
    assert.equal(story.owns('b'), '.status.phase');
  });
});

suite('the result', () => {
  test('has the new managers, and says that it is new', () => {
    const result = new Story().tryApply('a', { size: 1 });
    assert.ok('object' in result);
    assert.deepEqual([result.changed, result.object.metadata.managedFields === result.managedFields], [true, true]);
  });

  test('of a patch without metadata', () => {
    const { type } = new Story();
    const patch = { apiVersion: 'test.example/v1', kind: 'Gadget', metadata: null, size: 1 };
    const result = applyPatch({ live: undefined, patch, manager: 'a', force: false, apiVersion: 'test.example/v1', now: 0, type });
    assert.ok('object' in result);
    assert.equal(printFields(result.managedFields[0]?.fieldsV1), '.size');
  });
});

suite('what only the server writes', () => {
  test('is not the applier’s to say', () => {
    const story = new Story().apply('a', {
      metadata: { uid: 'u', resourceVersion: '5', generation: 3, creationTimestamp: null, selfLink: '/x' },
      size: 1,
    });
    assert.deepEqual(story.fields, { size: 1 });
    assert.equal(story.owns('a'), '.size');
    const object = story.object;
    assert.ok(object !== undefined);
    story.object = {
      ...object,
      metadata: { ...object.metadata, uid: 'u', resourceVersion: '7', creationTimestamp: '2026-03-01T12:00:00Z' },
    };
    const result = story.tryApply('a', { metadata: { creationTimestamp: null, resourceVersion: '5' }, size: 1 });
    assert.equal('changed' in result && result.changed, false);
  });
});

suite('an apply that changes nothing', () => {
  test('returns the very object, times and all', () => {
    const story = new Story().apply('a', { size: 1, disks: [{ name: 'a', size: 1 }], tags: ['a', 'b'], anything: { x: [1] }, labels: {} });
    const before = story.object;
    const result = story.tryApply('a', structuredClone(story.fields));
    assert.deepEqual(result, { object: before, managedFields: before?.metadata.managedFields, changed: false });
    assert.ok('object' in result);
    assert.equal(result.object, before);
  });

  test('to the object, but shares a field: the new manager is noted, without a time', () => {
    const story = new Story().apply('a', { size: 1 });
    const time = story.entry('a')?.time;
    story.apply('b', { size: 1 });
    assert.deepEqual([story.entry('a')?.time, story.entry('b')?.time], [time, undefined]);
  });

  test('to the object, but leaves a shared field: the time stays', () => {
    const story = new Story().apply('a', { size: 1, name: 'x' }).apply('b', { size: 1 });
    const time = story.entry('a')?.time;
    story.apply('a', { name: 'x' });
    assert.deepEqual([story.owns('a'), story.entry('a')?.time], ['.name', time]);
  });

  test('a change gives its manager the time, and nobody else', () => {
    const story = new Story().apply('a', { size: 1 }).apply('b', { name: 'x' });
    const time = story.entry('a')?.time;
    story.apply('b', { name: 'y' });
    assert.equal(story.entry('a')?.time, time);
    assert.equal(story.entry('b')?.time, '2026-03-01T12:03:00Z');
  });
});

suite('an object that nobody tracked', () => {
  test('belongs to before-first-apply', () => {
    const story = new Story().update('u', { size: 1, part: { a: 1 }, tags: ['x'] });
    story.object = untracked(story.object);
    story.apply('a', { size: 1, tags: ['y'] });
    assert.equal(story.owns('before-first-apply', 'Update'), '.part .part.a .size .tags .tags[="x"]');
    assert.deepEqual(story.conflicts('a', { size: 2 }), ['conflict with "before-first-apply" using test.example/v1: .size']);
    assert.deepEqual(story.apply('a', {}).fields, { size: 1, part: { a: 1 }, tags: ['x'] });
  });
});

function untracked(object: UnknownObject | undefined): UnknownObject {
  assert.ok(object !== undefined);
  const metadata = { ...object.metadata };
  delete metadata.managedFields;
  return { ...object, metadata };
}
