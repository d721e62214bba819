import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { keyedList, number, object, Story, text } from './test-support.ts';

suite('one applier', () => {
  test('owns leaves, items and free keys; not the containers that the schema names', () => {
    const story = new Story().apply('a', {
      metadata: { labels: { app: 'x' }, finalizers: ['f'] },
      size: 1,
      part: { a: 1, inner: { d: 'x' } },
      disks: [{ name: 'root', size: 1, labels: { k: 'v' } }],
      words: ['b', 'a'],
      selector: { x: 'y' },
      parts: { p: { a: 1 } },
      tagsByName: { t: ['1'] },
      anything: { m: { n: 1 }, l: [1] },
      tags: [],
    });
    assert.equal(
      story.owns('a'),
      '.anything.l .anything.m .anything.m.n .disks[name="root"] .disks[name="root"].labels.k .disks[name="root"].name .disks[name="root"].size' +
        ' .metadata.finalizers[="f"] .metadata.labels.app .part.a .part.inner.d .parts.p .parts.p.a .selector .size .tagsByName.t .tagsByName.t[="1"] .words',
    );
  });

  test('an entry is what clients know', () => {
    const story = new Story().apply('a', { size: 1 });
    assert.deepEqual(story.managers, [
      {
        manager: 'a',
        operation: 'Apply',
        apiVersion: 'test.example/v1',
        time: '2026-03-01T12:01:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:size': {} },
      },
    ]);
  });

  test('null and empty maps are leaves of their applier', () => {
    const story = new Story().apply('a', { name: null, part: null, labels: {}, words: [], tagsByName: { t: [] } });
    assert.equal(story.owns('a'), '.labels .name .part .tagsByName.t .words');
  });

  test('what it says no more goes', () => {
    const story = new Story().apply('a', { size: 1, name: 'x', labels: { k: 'v', l: 'w' } }).apply('a', { size: 2, labels: { l: 'w' } });
    assert.deepEqual(story.fields, { size: 2, labels: { l: 'w' } });
    assert.equal(story.owns('a'), '.labels.l .size');
  });

  test('items go by their key', () => {
    const story = new Story().apply('a', { disks: [{ name: 'a', size: 1 }] }).apply('a', { disks: [{ name: 'b', size: 2 }] });
    assert.deepEqual(story.fields, { disks: [{ name: 'b', size: 2 }] });
  });

  test('values of sets go one by one', () => {
    const story = new Story().apply('a', { tags: ['a', 'b', 'd'] }).apply('a', { tags: ['a', 'c', 'd'] });
    assert.deepEqual(story.fields, { tags: ['a', 'c', 'd'] });
  });

  test('the order of the patch counts', () => {
    const story = new Story().apply('a', { tags: ['a', 'b', 'c', 'd'] }).apply('a', { tags: ['d', 'c', 'a', 'b'] });
    assert.deepEqual(story.fields, { tags: ['d', 'c', 'a', 'b'] });
  });

  test('a container that nobody owns goes with its last part', () => {
    const story = new Story().apply('a', { size: 1, part: { a: 1, b: 2 }, disks: [{ name: 'a' }] }).apply('a', { size: 1 });
    assert.deepEqual(story.fields, { size: 1 });
  });

  test('nothing said: nothing left, not even the manager', () => {
    const story = new Story().apply('a', { part: { a: 1 } }).apply('a', {});
    assert.deepEqual(story.fields, {});
    assert.deepEqual(story.managers, []);
  });

  test('a changed key is another item', () => {
    const story = new Story()
      .apply('a', { disks: [{ name: 'a', tags: ['b', 'c'] }] })
      .apply('a', { disks: [{ name: 'b', tags: ['a', 'c'] }] });
    assert.deepEqual(story.fields, { disks: [{ name: 'b', tags: ['a', 'c'] }] });
    assert.equal(story.owns('a'), '.disks[name="b"] .disks[name="b"].name .disks[name="b"].tags[="a"] .disks[name="b"].tags[="c"]');
  });

  test('maps of lists and maps of maps', () => {
    const story = new Story()
      .apply('a', { tagsByName: { a: ['b', 'c'] }, parts: { a: { a: 1, b: 2 } } })
      .apply('a', { tagsByName: { b: ['a'] }, parts: { a: { b: 3 } } });
    assert.deepEqual(story.fields, { tagsByName: { b: ['a'] }, parts: { a: { b: 3 } } });
  });
});

suite('keys that have defaults', () => {
  const ports = (...items: unknown[]): Record<string, unknown> => ({ ports: items });

  test('an item that does not say has the default', () => {
    const story = new Story().apply('a', ports({ port: 80 }, { port: 80, protocol: 'UDP' }));
    assert.equal(
      story.owns('a'),
      '.ports[port=80,protocol="TCP"] .ports[port=80,protocol="TCP"].port .ports[port=80,protocol="UDP"] .ports[port=80,protocol="UDP"].port' +
        ' .ports[port=80,protocol="UDP"].protocol',
    );
  });

  test('so it may conflict with one that says', () => {
    const story = new Story().apply('a', ports({ port: 80, protocol: 'TCP', note: 'x' }));
    assert.deepEqual(story.conflicts('b', ports({ port: 80, note: 'y' })), ['conflict with "a": .ports[port=80,protocol="TCP"].note']);
  });

  test('a key without default may be absent, as long as another is there', () => {
    const story = new Story().apply('a', ports({ protocol: 'TCP', note: 'x' }));
    assert.equal(story.owns('a'), '.ports[protocol="TCP"] .ports[protocol="TCP"].note .ports[protocol="TCP"].protocol');
  });

  test('two items of one key are refused', () => {
    assert.match(
      new Story().refused('a', ports({ port: 80 }, { port: 80, protocol: 'TCP' })),
      /\.ports: duplicate entries for key \[port=80,protocol="TCP"\]/,
    );
  });

  test('all keys by default', () => {
    const story = new Story(
      object({ lines: keyedList(['page', 'line'], { page: { ...number, default: 2 }, line: { ...number, default: 3 }, words: text }) }),
    );
    assert.equal(story.apply('a', { lines: [{ words: 'x' }] }).owns('a'), '.lines[line=3,page=2] .lines[line=3,page=2].words');
    assert.deepEqual(story.apply('a', { lines: [{ words: 'x', page: 2 }] }).fields, { lines: [{ words: 'x', page: 2 }] });
  });
});

suite('two appliers', () => {
  test('each with its own fields, lists joined', () => {
    const story = new Story()
      .apply('one', { disks: [{ name: 'a' }, { name: 'b' }] })
      .apply('two', { disks: [{ name: 'c' }] })
      .apply('one', { disks: [{ name: 'a' }] });
    assert.deepEqual(story.fields, { disks: [{ name: 'a' }, { name: 'c' }] });
    assert.equal(story.owns('two'), '.disks[name="c"] .disks[name="c"].name');
  });

  test('the same value is shared', () => {
    const story = new Story().apply('one', { disks: [{ name: 'a', size: 0 }] }).apply('two', { disks: [{ name: 'a', size: 0 }] });
    assert.equal(story.owns('one'), story.owns('two'));
    assert.deepEqual(story.apply('one', {}).fields, { disks: [{ name: 'a', size: 0 }] });
    assert.deepEqual(story.apply('two', {}).fields, {});
  });

  test('another value is a conflict, and changes nothing', () => {
    const story = new Story().apply('one', { disks: [{ name: 'a', size: 0 }] });
    const before = story.object;
    assert.deepEqual(story.conflicts('two', { disks: [{ name: 'a', size: 1 }] }), ['conflict with "one": .disks[name="a"].size']);
    assert.equal(story.object, before);
  });

  test('by force the field changes hands', () => {
    const story = new Story().apply('one', { size: 1, name: 'x' }).force('two', { size: 2 });
    assert.deepEqual(story.fields, { size: 2, name: 'x' });
    assert.equal(story.owns('one'), '.name');
    assert.equal(story.owns('two'), '.size');
    assert.deepEqual(story.apply('one', { name: 'x' }).fields, { size: 2, name: 'x' });
  });

  test('what one leaves and the other has stays', () => {
    const story = new Story()
      .apply('one', { disks: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] })
      .apply('two', { disks: [{ name: 'c' }, { name: 'd' }] })
      .apply('one', { disks: [{ name: 'a' }] });
    assert.deepEqual(story.fields, { disks: [{ name: 'a' }, { name: 'c' }, { name: 'd' }] });
  });

  test('of an item that both have, each has its own part', () => {
    const story = new Story()
      .apply('one', { disks: [{ name: 'a' }, { name: 'b', tags: ['c'] }] })
      .apply('two', { disks: [{ name: 'b', tags: ['d'] }] })
      .apply('one', { disks: [{ name: 'a' }] });
    assert.deepEqual(story.fields, { disks: [{ name: 'a' }, { name: 'b', tags: ['d'] }] });
  });

  test('an updater’s part of an item keeps nothing alive, unless another applier has the item', () => {
    const disks = (...tags: string[]): unknown[] => [{ name: 'a' }, { name: 'b', tags }];
    const kept = new Story()
      .apply('one', { disks: disks('c') })
      .apply('two', { disks: [{ name: 'b', tags: ['d'] }] })
      .update('controller', { disks: disks('c', 'd', 'e') })
      .apply('one', { disks: [{ name: 'a' }] });
    assert.deepEqual(kept.fields, { disks: [{ name: 'a' }, { name: 'b', tags: ['d', 'e'] }] });
    const gone = new Story()
      .apply('one', { disks: disks('c') })
      .update('controller', { disks: disks('c', 'd') })
      .apply('one', { disks: [{ name: 'a' }] });
    assert.deepEqual(gone.fields, { disks: [{ name: 'a' }] });
    assert.equal(gone.owns('controller', 'Update'), '');
  });

  test('maps with parts of both', () => {
    const story = new Story()
      .apply('one', { anything: { a: { b: { c: 1 } }, d: 1 } })
      .apply('two', { anything: { a: { b: { e: 2 } } } })
      .apply('one', { anything: { d: 1 } });
    assert.deepEqual(story.fields, { anything: { a: { b: { e: 2 } }, d: 1 } });
  });

  test('atomic containers belong to one', () => {
    const story = new Story().apply('one', { words: ['a'], selector: { x: 'y' } });
    assert.deepEqual(story.conflicts('two', { words: ['a', 'b'], selector: { z: 'y' } }), [
      'conflict with "one": .selector',
      'conflict with "one": .words',
    ]);
    assert.deepEqual(story.force('two', { words: ['b'], selector: { z: 'y' } }).fields, { words: ['b'], selector: { z: 'y' } });
    assert.equal(story.owns('one'), '');
  });

  test('a manager of another subresource is another manager', () => {
    const story = new Story().apply('a', { size: 1, name: 'x' }).apply('a', { status: { phase: 'Up' } }, { subresource: 'status' });
    assert.deepEqual(story.fields, { size: 1, name: 'x', status: { phase: 'Up' } });
    assert.deepEqual(
      story.managers.map((entry) => entry.subresource),
      [undefined, 'status'],
    );
    assert.deepEqual(story.conflicts('a', { status: { phase: 'Down' } }), ['conflict with "a" with subresource "status": .status.phase']);
  });
});

suite('appliers and updaters', () => {
  test('an update takes what it changes, whoever had it', () => {
    const story = new Story().apply('a', { size: 1, name: 'x' }).update('u', { size: 2, name: 'x' });
    assert.equal(story.owns('a'), '.name');
    assert.equal(story.owns('u', 'Update'), '.size');
    assert.deepEqual(story.conflicts('a', { size: 1, name: 'x' }), ['conflict with "u" using test.example/v1: .size']);
    assert.deepEqual(story.apply('a', { name: 'x' }).fields, { size: 2, name: 'x' });
  });

  test('an updater conflicts with itself as an applier', () => {
    const story = new Story().update('u', { size: 2 });
    assert.deepEqual(story.conflicts('u', { size: 1 }), ['conflict with "u" using test.example/v1: .size']);
  });

  test('what an updater owns stays when the applier leaves it', () => {
    const story = new Story()
      .update('u', { part: { a: 1, b: 2 } })
      .apply('a', { part: { a: 1, b: 2 } })
      .apply('a', { part: { a: 1 } });
    assert.deepEqual(story.fields, { part: { a: 1, b: 2 } });
  });

  test('so does what an updater put into the applier’s container', () => {
    for (const left of [{}, { part: {} }, { part: null }]) {
      const story = new Story()
        .apply('a', { part: { a: 1 } })
        .update('u', { part: { a: 1, b: 1 } })
        .apply('a', left);
      assert.deepEqual(story.fields, { part: { b: 1 } }, JSON.stringify(left));
    }
  });

  test('what nobody owns stays, unless its container goes', () => {
    const story = new Story().apply('a', { size: 1, part: { a: 1 } });
    const object = story.object;
    assert.ok(object !== undefined);
    story.object = { ...object, name: 'defaulted', part: { a: 1, b: 5 } };
    assert.deepEqual(story.apply('a', { part: { a: 1 } }).fields, { part: { a: 1, b: 5 }, name: 'defaulted' });
    assert.deepEqual(story.apply('a', {}).fields, { name: 'defaulted' });
  });

  test('a container that an updater owns stays, empty', () => {
    const story = new Story()
      .update('u', { labels: { a: '1' }, disks: [{ name: 'a' }] })
      .apply('a', { labels: { b: '2' }, disks: [{ name: 'b' }] })
      .update('u', { labels: { b: '2' }, disks: [{ name: 'b' }] })
      .apply('a', {});
    assert.deepEqual(story.fields, { labels: {}, disks: [] });
    assert.equal(story.apply('a', {}).owns('u', 'Update'), '.disks .labels');
  });

  test('repeats in a list that an updater made are one field; an applier that says it makes it one', () => {
    const story = new Story().update('u', { tags: ['1', '1', '3', '4'] });
    assert.equal(story.owns('u', 'Update'), '.tags .tags[="1"] .tags[="3"] .tags[="4"]');
    assert.deepEqual(story.apply('other', { tags: ['5'] }).fields, { tags: ['1', '1', '3', '4', '5'] });
    assert.deepEqual(story.conflicts('a', { tags: ['1'] }), ['conflict with "u" using test.example/v1: .tags[="1"]']);
    assert.deepEqual(story.force('a', { tags: ['1'] }).fields, { tags: ['1', '3', '4', '5'] });
    assert.equal(story.owns('u', 'Update'), '.tags .tags[="3"] .tags[="4"]');
  });

  test('repeats are nobody’s parts when an applier goes', () => {
    const disks = [
      { name: 'a', size: 1 },
      { name: 'a', size: 2 },
      { name: 'b', size: 3 },
    ];
    const story = new Story()
      .update('u', { disks, tags: ['1', '1'] })
      .apply('a', { name: 'x', size: 1, tags: ['2'] })
      .apply('a', { size: 1 });
    assert.deepEqual(story.fields, { disks, tags: ['1', '1'], size: 1 });
    assert.equal(
      story.owns('u', 'Update'),
      '.disks .disks[name="a"] .disks[name="b"] .disks[name="b"].name .disks[name="b"].size .tags .tags[="1"]',
    );
  });

  test('an applier cannot repeat', () => {
    assert.match(new Story().refused('a', { tags: ['1', '1'] }), /\.tags: duplicate entries for key \[="1"\]/);
  });

  test('a list of repeated items', () => {
    const story = new Story().update('u', {
      disks: [
        { name: 'a', size: 1 },
        { name: 'a', size: 2 },
        { name: 'b', size: 3 },
      ],
    });
    assert.equal(story.owns('u', 'Update'), '.disks .disks[name="a"] .disks[name="b"] .disks[name="b"].name .disks[name="b"].size');
    assert.deepEqual(story.conflicts('a', { disks: [{ name: 'a', size: 2 }] }), [
      'conflict with "u" using test.example/v1: .disks[name="a"]',
    ]);
    assert.deepEqual(story.force('a', { disks: [{ name: 'a', size: 3 }] }).fields, {
      disks: [
        { name: 'a', size: 3 },
        { name: 'b', size: 3 },
      ],
    });
    assert.equal(story.owns('a'), '.disks[name="a"] .disks[name="a"].name .disks[name="a"].size');
  });
});
