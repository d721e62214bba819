import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionLost } from '../meta/control-plane.ts';
import { failure } from '../meta/status.ts';
import { follow } from './cache.ts';
import { caches, type Caches } from './caches.ts';
import { answer, queryOf, refusal, testRuntime, thing, Thing, thingServer, type TestRuntime, type ThingServer } from './test-support.ts';
import type { Cache, CacheOptions } from './types.ts';

interface Setting {
  runtime: TestRuntime;
  server: ThingServer;
  all: Caches;
  things: Cache<Thing>;
  changes: string[];
}

async function started(prepare: (server: ThingServer) => void = () => undefined, options: CacheOptions<Thing> = {}): Promise<Setting> {
  const runtime = testRuntime();
  const server = thingServer();
  prepare(server);
  const all = caches(server.controlPlane, runtime, { userAgent: 'test' });
  const things = all.cache(Thing, options);
  const changes: string[] = [];
  things.onChange((before, after) => {
    changes.push(`${before?.spec.color ?? '-'}>${after?.spec.color ?? '-'} ${(after ?? before)?.metadata.name ?? ''}`);
  });
  await runtime.clock.settle();
  return { runtime, server, all, things, changes };
}

const colors = (things: Cache<Thing>): Record<string, string> =>
  Object.fromEntries(things.list().map((one) => [one.metadata.name, one.spec.color]));

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

test('asks for bookmarks and a bounded watch, so that servers may plan', async () => {
  const { server } = await started();
  assert.equal(queryOf(server.watch().request, 'allowWatchBookmarks'), 'true');
  const seconds = Number(queryOf(server.watch().request, 'timeoutSeconds'));
  assert.ok(seconds >= 300 && seconds < 600);
});

test('resumes where a broken stream left off, without listing again', async () => {
  const { runtime, server, things } = await started((fresh) => void fresh.put('a'));
  server.put('b');
  await runtime.clock.settle();
  server.watch().cut();
  await runtime.clock.settle();
  server.put('c', 'blue', false);
  await runtime.clock.advance(1000);
  assert.deepEqual(colors(things), { a: 'red', b: 'red', c: 'blue' });
  assert.equal(server.lists().length, 1);
  assert.equal(queryOf(server.watch().request, 'resourceVersion'), '102');
});

test('a bookmark moves the point from which it resumes', async () => {
  const { runtime, server, things } = await started((fresh) => void fresh.put('a'));
  server.put('b', 'red', false);
  server.remove('b', false);
  server.bookmark();
  server.watch().end();
  await runtime.clock.advance(1000);
  assert.equal(queryOf(server.watch().request, 'resourceVersion'), '103');
  assert.deepEqual(colors(things), { a: 'red' });
});

test('lists again when its revision has expired, in the stream or as an answer, and works out what was deleted', async () => {
  for (const how of ['stream', 'answer']) {
    const { runtime, server, things, changes } = await started((fresh) => {
      fresh.put('a');
      fresh.put('b');
    });
    server.put('a', 'green', false);
    server.remove('b', false);
    server.put('c', 'blue', false);
    if (how === 'stream') server.compact();
    else server.next(() => refusal(failure(410, 'Expired', 'too old')));
    server.watch().cut();
    await runtime.clock.advance(2000);
    assert.deepEqual(colors(things), { a: 'green', c: 'blue' }, how);
    assert.deepEqual(changes.slice(2), ['red>- b', 'red>green a', '->blue c'], how);
    assert.equal(server.lists().length, 2);
  }
});

test('starts the list over when its pages expire half way, and at last reads it in one piece', async () => {
  const expired = (): ReturnType<typeof refusal> => refusal(failure(410, 'Expired', 'the continue token is too old'));
  const { server, things } = await started((fresh) => {
    for (let i = 0; i < 600; i++) fresh.put(`t${String(i)}`);
    fresh.next(
      () => undefined,
      expired,
      () => undefined,
      expired,
    );
  });
  assert.equal(things.list().length, 600);
  assert.deepEqual(
    server.lists().map((request) => queryOf(request, 'limit')),
    ['500', '500', '500', '500', undefined],
  );
});

test('a stream that falls silent is given up and resumed; bookmarks keep it', async () => {
  const { runtime, server, things } = await started();
  for (let minute = 0; minute < 5; minute++) {
    await runtime.clock.advance(60_000);
    server.bookmark();
    await runtime.clock.settle();
  }
  assert.equal(server.watches.length, 1);
  assert.equal(things.silentFor(), 0);
  const frozen = server.watch();
  server.put('a', 'red', false);
  await runtime.clock.advance(89_000);
  assert.equal(things.silentFor(), 89_000);
  assert.deepEqual(colors(things), {});
  await runtime.clock.advance(2_000);
  assert.equal(frozen.signal.aborted, true);
  assert.deepEqual(colors(things), { a: 'red' });
});

test('a connection that never answers is given up too', async () => {
  const { runtime, server, things } = await started();
  server.next(() => 'never');
  server.watch().cut();
  server.put('a', 'red', false);
  await runtime.clock.advance(32_000);
  assert.deepEqual(colors(things), { a: 'red' });
});

test('a stream that ends at once, over and over, is asked for less and less often', async () => {
  const { runtime, server, things } = await started();
  const ends = (): ReturnType<typeof answer> => answer(200, '');
  server.next(...Array.from({ length: 1000 }, () => ends));
  const before = server.requests.length;
  server.watch().end();
  await runtime.clock.advance(600_000);
  const asked = server.requests.length - before;
  assert.ok(asked > 10 && asked < 60, `asked ${String(asked)} times in ten minutes`);
  assert.equal(things.synced(), true);
});

test('a stream that brings something each time, and then ends, is followed closely without spinning', async () => {
  const { runtime, server, things } = await started();
  let sent = 0;
  const one = (): ReturnType<typeof answer> =>
    answer(200, `${JSON.stringify({ type: 'ADDED', object: thing(`t${String(++sent)}`, 1000 + sent) })}\n`);
  server.next(...Array.from({ length: 1000 }, () => one));
  server.watch().end();
  await runtime.clock.advance(60_000);
  assert.ok(sent >= 60 && sent < 150, `asked ${String(sent)} times in a minute`);
  assert.equal(things.list().length, sent);
});

test('waits as long as the server asks', async () => {
  const { runtime, server } = await started();
  server.next(() => refusal(failure(429, 'TooManyRequests', 'busy'), { 'retry-after': '20' }));
  server.watch().cut();
  await runtime.clock.advance(19_000);
  assert.equal(server.watches.length, 1);
  await runtime.clock.advance(3_000);
  assert.equal(server.watches.length, 2);
});

test('never goes back: what a stream replays is not taken, neither old nor deleted', async () => {
  const { runtime, server, things, changes } = await started((fresh) => void fresh.put('a'));
  server.put('a', 'green');
  server.put('b');
  server.remove('b');
  await runtime.clock.settle();
  const before = changes.length;
  server
    .watch()
    .send(
      { type: 'MODIFIED', object: thing('a', 101, 'red') },
      { type: 'ADDED', object: thing('b', 103) },
      { type: 'DELETED', object: thing('a', 101) },
    );
  await runtime.clock.settle();
  assert.deepEqual(colors(things), { a: 'green' });
  assert.equal(changes.length, before);
});

test('never goes back: a list from the past is refused until the server has caught up', async () => {
  const { runtime, server, things } = await started((fresh) => void fresh.put('a'));
  server.put('a', 'green');
  await runtime.clock.settle();
  const old = { metadata: { resourceVersion: '99' }, items: [] };
  server.next(
    () => refusal(failure(410, 'Expired', 'too old')),
    () => answer(200, old),
    () => answer(200, old),
  );
  server.watch().cut();
  await runtime.clock.advance(100);
  assert.deepEqual(colors(things), { a: 'green' });
  await runtime.clock.advance(10_000);
  assert.equal(server.watches.length, 2);
  assert.deepEqual(colors(things), { a: 'green' });
});

test('never goes back: an old object in a new list does not replace a newer one', async () => {
  const { runtime, server, things } = await started((fresh) => void fresh.put('a'));
  server.put('a', 'green');
  await runtime.clock.settle();
  const mixed = { metadata: { resourceVersion: '200' }, items: [thing('a', 101, 'red')] };
  server.next(
    () => refusal(failure(410, 'Expired', 'too old')),
    () => answer(200, mixed),
  );
  server.watch().cut();
  await runtime.clock.advance(2_000);
  assert.deepEqual(colors(things), { a: 'green' });
});

test('garbage on the stream makes it list again', async () => {
  const { runtime, server, things } = await started((fresh) => void fresh.put('a'));
  server.put('b', 'red', false);
  server.watch().sendBytes(new TextEncoder().encode('{"type":"ADDED","obj\n'));
  await runtime.clock.advance(2_000);
  assert.equal(server.lists().length, 2);
  assert.deepEqual(colors(things), { a: 'red', b: 'red' });
});

test('a server that errs on the watch for good is listed again in the end', async () => {
  const { runtime, server, things } = await started((fresh) => void fresh.put('a'));
  server.put('b', 'red', false);
  server.watch().cut();
  server.next(...Array.from({ length: 9 }, () => () => refusal(failure(500, 'InternalError', 'oops'))));
  await runtime.clock.advance(300_000);
  assert.equal(server.lists().length, 2);
  assert.deepEqual(colors(things), { a: 'red', b: 'red' });
});

test('the first list is asked for until it comes, whatever comes instead', async () => {
  const { runtime, things } = await started((fresh) => {
    fresh.put('a');
    fresh.next(
      () => new ConnectionLost('refused'),
      () => answer(404, '404 page not found\n'),
      () => answer(200, 'not JSON'),
      () => answer(200, { items: 'none' }),
      () => answer(200, { metadata: { resourceVersion: '9' }, items: [{ nothing: true }] }),
    );
  });
  assert.equal(things.synced(), false);
  await runtime.clock.advance(10_000);
  assert.equal(things.synced(), true);
  assert.deepEqual(colors(things), { a: 'red' });
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

test('managed fields are dropped on the way in, unless asked for', async () => {
  for (const keepManagedFields of [false, true]) {
    const { runtime, server, things } = await started(undefined, { keepManagedFields });
    const managed = thing('a', 200);
    managed.metadata.managedFields = [{ manager: 'kubectl' }];
    server.watch().send({ type: 'ADDED', object: managed });
    await runtime.clock.settle();
    assert.equal('managedFields' in (things.list()[0]?.metadata ?? {}), keepManagedFields);
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

test('stops with its process: the watch is let go of, nothing sleeps on', async () => {
  const { runtime, server, all } = await started((fresh) => void fresh.put('a'));
  runtime.stop();
  await runtime.clock.settle();
  assert.equal(server.watch().signal.aborted, true);
  assert.equal(runtime.clock.sleepers(), 0);
  await assert.rejects(async () => {
    all.cache({ ...Thing, plural: 'others' });
    await all.synced(new AbortController().signal);
  });
});
