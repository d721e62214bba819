import assert from 'node:assert/strict';
import { test } from 'node:test';
import { follow } from './cache.ts';
import { answer, colors, queryOf, started, thing } from './test-support.ts';

test('takes in a list, is synced, and follows what changes', async () => {
  const { runtime, server, things, changes } = await started((fresh) => void fresh.put('a'));
  assert.equal(things.synced(), true);
  server.put('b', 'blue');
  server.put('a', 'green');
  server.remove('b');
  await runtime.clock.settle();
  assert.deepEqual(colors(things), { a: 'green' });
  assert.deepEqual(changes, ['->red a', '->blue b', 'red>green a', 'blue>- b']);
  assert.equal(things.get({ namespace: 'shop', name: 'a' })?.spec.color, 'green');
});

test('is not synced before the whole list is there: pages of 500, one revision', async () => {
  const { runtime, server, things } = await started((fresh) => {
    for (let i = 0; i < 1201; i++) fresh.put(`t${String(i)}`);
  });
  await runtime.clock.settle();
  assert.equal(things.list().length, 1201);
  assert.deepEqual(
    server.lists().map((request) => [queryOf(request, 'limit'), queryOf(request, 'continue')]),
    [
      ['500', undefined],
      ['500', '500@1301'],
      ['500', '1000@1301'],
    ],
  );
  assert.equal(queryOf(server.watch().request, 'resourceVersion'), '1301');
});

test('a handler or an index that throws kills nothing', async () => {
  const { runtime, server, things, changes } = await started(undefined, {
    indexes: {
      broken: () => {
        throw new Error('index');
      },
    },
  });
  things.onChange(() => {
    throw new Error('handler');
  });
  const seen: string[] = [];
  things.onChange((_, after) => seen.push(after?.metadata.name ?? ''));
  server.put('a');
  server.put('b');
  await runtime.clock.settle();
  assert.deepEqual(seen, ['a', 'b']);
  assert.equal(changes.length, 2);
  assert.deepEqual(things.byIndex('broken', 'x'), []);
  assert.equal(runtime.lines.filter((line) => line.level === 'error').length, 4);
});

test('who has stopped listening hears no more', async () => {
  const { runtime, server, things } = await started();
  const seen: string[] = [];
  const stop = things.onChange((_, after) => seen.push(after?.metadata.name ?? ''));
  server.put('a');
  await runtime.clock.settle();
  stop();
  server.put('b');
  await runtime.clock.settle();
  assert.deepEqual(seen, ['a']);
});

test('follow gives what is there, then what changes', async () => {
  const { runtime, server, things } = await started((fresh) => void fresh.put('a'));
  const seen: string[] = [];
  follow(things, (before, after) => seen.push(`${before === undefined ? 'new' : 'known'} ${after?.metadata.name ?? ''}`));
  server.put('b');
  server.put('a', 'blue');
  await runtime.clock.settle();
  assert.deepEqual(seen, ['new a', 'new b', 'known a']);
});

test('what has not changed since is the same object after a new list: no second copy, no change told', async () => {
  const { runtime, server, things, changes } = await started((fresh) => void fresh.put('a'));
  const [before] = things.list();
  server.compact();
  server.put('b', 'red', false);
  server.compact();
  server.watch().cut();
  await runtime.clock.advance(1000);
  assert.equal(server.lists().length, 2);
  assert.equal(things.get({ namespace: 'shop', name: 'a' }), before);
  assert.deepEqual(changes, ['->red a', '->red b']);
});

test('managed fields are dropped on the way in, unless asked for', async () => {
  for (const keepManagedFields of [false, true]) {
    const { runtime, server, things } = await started(
      (fresh) => {
        const listed = thing('b', 90);
        listed.metadata.managedFields = [{ manager: 'kubectl' }];
        fresh.next(() => answer(200, { metadata: { resourceVersion: '100' }, items: [listed] }));
      },
      { keepManagedFields },
    );
    const managed = thing('a', 200);
    managed.metadata.managedFields = [{ manager: 'kubectl' }];
    server.watch().send({ type: 'ADDED', object: managed });
    await runtime.clock.settle();
    assert.deepEqual(
      things.list().map(({ metadata }) => [metadata.name, 'managedFields' in metadata]),
      [
        ['b', keepManagedFields],
        ['a', keepManagedFields],
      ],
    );
  }
});

test('items of a list have their kind and version even if the server leaves them out, as it does for built-in kinds', async () => {
  const { things } = await started((fresh) => {
    const { metadata, spec } = thing('a', 7);
    fresh.next(() => answer(200, { metadata: { resourceVersion: '9' }, items: [{ metadata, spec }] }));
  });
  assert.equal(things.list()[0]?.apiVersion, 'test.example/v1');
  assert.equal(things.list()[0]?.kind, 'Thing');
});
