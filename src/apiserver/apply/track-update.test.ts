import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fieldSet } from './field-algebra.ts';
import { Story } from './test-support.ts';

suite('an update owns what it changes', () => {
  test('everything of an object that it makes, containers too', () => {
    const story = new Story().update('u', {
      metadata: { labels: { a: 'b' }, finalizers: ['f'] },
      size: 1,
      part: { inner: { d: 'x' } },
      disks: [{ name: 'a' }],
      words: ['a'],
      tags: [],
    });
    assert.equal(
      story.owns('u', 'Update'),
      '.disks .disks[name="a"] .disks[name="a"].name .metadata.finalizers .metadata.finalizers[="f"] .metadata.labels .metadata.labels.a .part .part.inner .part.inner.d .size .tags .words',
    );
    assert.equal(story.entry('u', 'Update')?.time, '2026-03-01T12:01:00Z');
  });

  test('later only what it changes; others keep the rest', () => {
    const story = new Story()
      .update('one', { size: 1, part: { a: 1, b: 1 }, disks: [{ name: 'a', size: 1 }] })
      .update('two', { size: 1, part: { a: 2, b: 1 }, disks: [{ name: 'a', size: 1 }, { name: 'b' }] });
    assert.equal(story.owns('one', 'Update'), '.disks .disks[name="a"] .disks[name="a"].name .disks[name="a"].size .part .part.b .size');
    assert.equal(story.owns('two', 'Update'), '.disks[name="b"] .disks[name="b"].name .part.a');
  });

  test('what it removes belongs to nobody', () => {
    const story = new Story()
      .update('one', { size: 1, part: { a: 1, b: 1 }, tags: ['x', 'y'] })
      .update('two', { part: { a: 1 }, tags: ['y'] });
    assert.equal(story.owns('one', 'Update'), '.part .part.a .tags .tags[="y"]');
    assert.equal(story.entry('two', 'Update'), undefined);
    assert.equal(story.entry('one', 'Update')?.time, '2026-03-01T12:01:00Z');
  });

  test('nor does who removes what it owned get a new time', () => {
    const story = new Story().update('one', { size: 1, name: 'x' }).update('one', { size: 1 });
    assert.equal(story.owns('one', 'Update'), '.size');
    assert.equal(story.entry('one', 'Update')?.time, '2026-03-01T12:01:00Z');
    assert.deepEqual(story.update('one', {}).managers, []);
  });

  test('a manager that owns nothing is gone', () => {
    const story = new Story().update('one', { size: 1 }).update('two', { size: 2 });
    assert.deepEqual(
      story.managers.map((entry) => entry.manager),
      ['two'],
    );
  });

  test('the order of items and values is nobody’s', () => {
    const story = new Story().update('one', { tags: ['a', 'b'], disks: [{ name: 'a' }, { name: 'b' }] });
    const managers = story.managers;
    story.update('two', { tags: ['b', 'a'], disks: [{ name: 'b' }, { name: 'a' }] });
    assert.equal(story.managers, managers);
  });

  test('an item moved and changed is changed', () => {
    const story = new Story()
      .update('one', {
        disks: [
          { name: 'a', size: 1 },
          { name: 'b', size: 1 },
        ],
      })
      .update('two', {
        disks: [
          { name: 'b', size: 2 },
          { name: 'a', size: 1 },
        ],
      });
    assert.equal(story.owns('two', 'Update'), '.disks[name="b"].size');
  });

  test('something atomic changes as a whole', () => {
    const story = new Story()
      .update('one', { words: ['a'], selector: { a: 'b' }, anything: { l: [{ x: 1 }] } })
      .update('two', { words: ['a', 'b'], selector: { a: 'b', c: 'd' }, anything: { l: [{ x: 2 }] } });
    assert.equal(story.owns('two', 'Update'), '.anything.l .selector .words');
    assert.equal(story.owns('one', 'Update'), '.anything');
  });

  test('null and empty are values like others', () => {
    const story = new Story()
      .update('one', { labels: {}, part: null, words: [], tags: [] })
      .update('two', { labels: null, part: {}, words: null, tags: null });
    assert.equal(story.owns('two', 'Update'), '.labels .part .tags .words');
    const filled = story.update('three', { labels: { a: 'b' }, part: { a: 1 }, words: ['a'], tags: ['a'] });
    assert.equal(filled.owns('three', 'Update'), '.labels.a .part.a .tags[="a"] .words');
    assert.equal(filled.owns('two', 'Update'), '.labels .part .tags');
  });

  test('a value of another kind', () => {
    const story = new Story().update('one', { anything: { x: 1 } }).update('two', { anything: 'x' });
    assert.equal(story.owns('one', 'Update'), '');
    assert.equal(story.owns('two', 'Update'), '.anything');
    assert.equal(story.update('three', { anything: { y: 1 } }).owns('three', 'Update'), '.anything .anything.y');
  });

  test('repeats are one field; making and ending them is a change', () => {
    const one = { tags: ['1', '3'], disks: [{ name: 'a', size: 1 }] };
    const two = {
      tags: ['1', '1', '3'],
      disks: [
        { name: 'a', size: 1 },
        { name: 'a', size: 2 },
      ],
    };
    const story = new Story().update('one', one).update('two', two);
    assert.equal(story.owns('one', 'Update'), '.disks .tags .tags[="3"]');
    assert.equal(story.owns('two', 'Update'), '.disks[name="a"] .tags[="1"]');
    assert.equal(story.update('three', two).owns('three', 'Update'), '');
    story.update('three', {
      ...two,
      disks: [
        { name: 'a', size: 1 },
        { name: 'a', size: 3 },
      ],
    });
    assert.equal(story.owns('three', 'Update'), '.disks[name="a"]');
    story.update('four', one);
    assert.equal(story.owns('four', 'Update'), '.disks[name="a"] .disks[name="a"].name .disks[name="a"].size .tags[="1"]');
    assert.equal(story.owns('three', 'Update'), '');
  });

  test('names from the prototype are names like others', () => {
    const labels = (text: string): Record<string, unknown> => ({ labels: JSON.parse(text) as unknown });
    const story = new Story().update('one', labels('{"a":"b"}')).update('two', labels('{"a":"b","constructor":"x","__proto__":"y"}'));
    assert.equal(story.owns('two', 'Update'), '.labels.__proto__ .labels.constructor');
    assert.equal(story.update('three', labels('{"a":"b"}')).owns('two', 'Update'), '');
  });
});

suite('what nobody owns', () => {
  test('names, versions and what only the server writes', () => {
    const meta = {
      generateName: 'g-',
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-03-01T12:00:00Z',
      selfLink: 'x',
      deletionTimestamp: '2026-03-01T12:00:00Z',
      deletionGracePeriodSeconds: 30,
    };
    const story = new Story().update('u', { metadata: meta });
    assert.equal(story.owns('u', 'Update'), '.metadata.generateName');
    const managers = story.managers;
    story.update('v', { metadata: { ...meta, resourceVersion: '2', generation: 2, managedFields: managers } });
    assert.equal(story.managers, managers);
  });

  test('what this way of writing leaves alone', () => {
    const reset = { resetFields: fieldSet(['f:status'], ['f:part', 'f:inner']) };
    const story = new Story().update('u', { size: 1, part: { a: 1, inner: { d: 'x' } }, status: { phase: 'Up' } }, reset);
    assert.equal(story.owns('u', 'Update'), '.part .part.a .size');
    assert.equal(story.update('v', { size: 1, part: { a: 1 } }, reset).owns('u', 'Update'), '.part .part.a .size');
  });
});

suite('a write that changes nothing', () => {
  test('leaves the very list of managers', () => {
    const fields = { size: 1, disks: [{ name: 'a' }], labels: { a: 'b' }, anything: [1, { x: null }] };
    const story = new Story().update('one', fields).apply('two', { size: 1 });
    const managers = story.managers;
    story.update('three', JSON.parse(JSON.stringify(fields)) as typeof fields);
    assert.equal(story.managers, managers);
    story.update('one', { ...fields, metadata: { managedFields: JSON.parse(JSON.stringify(managers)) as unknown } });
    assert.equal(story.managers, managers);
  });

  test('the entries of others are the very same, too', () => {
    const story = new Story().update('one', { size: 1 }).update('two', { size: 1, name: 'x' });
    const one = story.entry('one', 'Update');
    story.update('two', { size: 1, name: 'y' });
    assert.equal(story.entry('one', 'Update'), one);
  });
});

suite('managers as clients write them', () => {
  const entry = {
    manager: 'm',
    operation: 'Update',
    apiVersion: 'test.example/v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:size': {} },
  };
  const written = (managedFields: unknown, fields: Record<string, unknown> = { size: 1 }): Record<string, unknown> => ({
    metadata: { managedFields },
    ...fields,
  });

  test('replace those that were stored', () => {
    const story = new Story().update('one', { size: 1 }).update('two', written([entry]));
    assert.deepEqual(story.managers, [entry]);
  });

  test('and the write is tracked on top', () => {
    const story = new Story().update('one', { size: 1 }).update('two', written([entry], { size: 1, name: 'x' }));
    assert.deepEqual([story.owns('m', 'Update'), story.owns('two', 'Update'), story.owns('one', 'Update')], ['.size', '.name', '']);
  });

  for (const reset of [[], [{}]]) {
    test(`${JSON.stringify(reset)} forgets all of them; then nobody is tracked until the next apply`, () => {
      const story = new Story().update('one', { size: 1 }).update('two', written(reset, { size: 1, name: 'x' }));
      assert.deepEqual(story.managers, []);
      assert.deepEqual(story.update('three', { size: 2 }).managers, []);
      assert.deepEqual(
        story.apply('four', { size: 2 }).managers.map((each) => each.manager),
        ['four', 'before-first-apply'],
      );
    });
  }

  for (const bad of [
    undefined,
    null,
    [{ ...entry, operation: 'Patch' }],
    [{ ...entry, apiVersion: '' }],
    [{ ...entry, fieldsType: 'FieldsV2' }],
    [{ ...entry, manager: 5 }],
    [null],
    [{ ...entry, fieldsType: undefined }],
    [{ ...entry, fieldsV1: { 'k:x': {} } }],
    [entry, {}],
    ['x'],
    'x',
    {},
  ]) {
    test(`${JSON.stringify(bad)} leaves them as they were: a client that does not know them must not lose them`, () => {
      const story = new Story().update('one', { size: 1 });
      const managers = story.managers;
      assert.equal(story.update('two', written(bad)).managers, managers);
    });
  }

  test('by a subresource mean nothing', () => {
    const story = new Story().update('one', { size: 1 });
    const managers = story.managers;
    assert.equal(story.update('two', written([]), { subresource: 'status' }).managers, managers);
  });

  test('come in order, without repeats and without those that own nothing', () => {
    const applier = { ...entry, operation: 'Apply', manager: 'z' };
    const late = { ...entry, manager: 'a', time: '2026-02-01T00:00:00Z' };
    const story = new Story()
      .update('one', { size: 1 })
      .update('two', written([late, { ...entry, manager: 'none', fieldsV1: {} }, entry, applier, entry]));
    assert.deepEqual(story.managers, [applier, entry, late]);
  });
});

suite('subresources', () => {
  test('a write by one has its own entry', () => {
    const story = new Story().update('c', { size: 1 }).update('c', { size: 1, status: { phase: 'Up' } }, { subresource: 'status' });
    assert.deepEqual(
      story.managers.map((each) => [each.manager, each.subresource]),
      [
        ['c', undefined],
        ['c', 'status'],
      ],
    );
    assert.deepEqual(story.conflicts('a', { status: { phase: 'Down' } }), [
      'conflict with "c" with subresource "status" using test.example/v1: .status.phase',
    ]);
  });

  test('scale writes a field of the object', () => {
    const story = new Story().apply('a', { size: 1 }).update('scaler', { size: 3 }, { subresource: 'scale' });
    assert.deepEqual(
      story.managers.map((each) => [each.manager, each.subresource, each.fieldsV1]),
      [['scaler', 'scale', { 'f:size': {} }]],
    );
  });
});

test('a manager without a name is unknown', () => {
  assert.equal(new Story().update('', { size: 1 }).owns('unknown', 'Update'), '.size');
});
