import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { ConnectionLost } from '../meta/control-plane.ts';
import { failure } from '../meta/status.ts';
import { answer, colors, queryOf, refusal, started, thing, Thing } from './test-support.ts';

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
  assert.deepEqual(
    runtime.lines.filter(({ level }) => level !== 'debug'),
    [],
  );
});

test('a connection that never answers is given up too', async () => {
  const { runtime, server, things } = await started();
  let given: AbortSignal | undefined;
  server.next((_, signal) => {
    given = signal;
    return 'never';
  });
  server.watch().cut();
  server.put('a', 'red', false);
  await runtime.clock.advance(32_000);
  assert.equal(given?.aborted, true);
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

test('one refusal after a long time of short streams that brought something costs seconds, not half a minute', async () => {
  const { runtime, server, things } = await started();
  let sent = 0;
  const one = (): ReturnType<typeof answer> =>
    answer(200, `${JSON.stringify({ type: 'ADDED', object: thing(`t${String(++sent)}`, 1000 + sent) })}\n`);
  server.next(...Array.from({ length: 40 }, () => one), () => refusal(failure(500, 'InternalError', 'no')), one);
  server.watch().end();
  while (sent < 40) await runtime.clock.advance(100);
  await runtime.clock.advance(4_000);
  assert.equal(things.list().length, 41);
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

test('pages of different revisions are followed from the oldest, so that nothing in between is missed', async () => {
  const { server, things } = await started((fresh) => {
    fresh.next(
      () => answer(200, { metadata: { resourceVersion: '100', continue: 'more' }, items: [thing('a', 90)] }),
      () => answer(200, { metadata: { resourceVersion: '105' }, items: [thing('b', 104)] }),
    );
  });
  assert.deepEqual(colors(things), { a: 'red', b: 'red' });
  assert.equal(queryOf(server.watch().request, 'resourceVersion'), '100');
});

test('lets go of its process after each stream, however it ended', async () => {
  const { runtime, server } = await started();
  const listeners = (): number => getEventListeners(runtime.stopping, 'abort').length;
  const before = listeners();
  const ways: (() => void)[] = [
    () => {
      server.watch().cut();
    },
    () => {
      server.watch().end();
    },
    () => {
      server.compact();
      server.watch().cut();
    },
    () => {
      server.next(() => refusal(failure(500, 'InternalError', 'oops')));
      server.watch().cut();
    },
    () => undefined,
  ];
  for (const way of ways) {
    way();
    await runtime.clock.advance(100_000);
    assert.equal(listeners(), before);
  }
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
