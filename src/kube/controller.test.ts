import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stopped } from '../base/errors.ts';
import type { ObjectRef } from '../meta/objects.ts';
import { ApiError, failure } from '../meta/status.ts';
import { follow } from './cache.ts';
import { caches } from './caches.ts';
import { runController } from './controller.ts';
import { metrics } from './metrics.ts';
import { testRuntime, Thing, thingServer } from './test-support.ts';
import type { ControllerSpec, Result } from './types.ts';

interface Given {
  spec: ControllerSpec;
  enqueue: (name: string) => void;
  seen: string[];
}

function loop(reconcile: (ref: ObjectRef) => Promise<Result>, concurrency = 1): Given {
  const seen: string[] = [];
  let add: (ref: ObjectRef) => void = () => undefined;
  return {
    seen,
    enqueue: (name) => {
      add({ name });
    },
    spec: {
      name: 'thing',
      concurrency,
      watch: (enqueue) => {
        add = enqueue;
      },
      reconcile(ref) {
        seen.push(ref.name);
        return reconcile(ref);
      },
    },
  };
}

test('waits for its caches, then reconciles what was there and what comes', async () => {
  const runtime = testRuntime();
  const server = thingServer();
  server.put('a');
  let listed = (): void => undefined;
  server.next(
    () =>
      new Promise(
        (resolve) =>
          (listed = () => void server.controlPlane({ method: 'GET', path: '/', query: [], headers: {} }, runtime.stopping).then(resolve)),
      ),
  );
  const all = caches(server.controlPlane, runtime, { userAgent: 'test' });
  const things = all.cache(Thing);
  const seen: string[] = [];
  const spec: ControllerSpec = {
    name: 'thing',
    concurrency: 2,
    watch(enqueue) {
      enqueue({ name: 'early' });
      follow(things, (before, after) => {
        const object = after ?? before;
        if (object !== undefined) enqueue(object.metadata);
      });
    },
    async reconcile(ref) {
      await Promise.resolve();
      seen.push(`${ref.namespace ?? ''}/${ref.name}`);
      return undefined;
    },
  };
  void runController(spec, runtime, { caches: all });
  await runtime.clock.settle();
  assert.deepEqual(seen, []);
  listed();
  await runtime.clock.settle();
  assert.deepEqual(seen, ['/early', 'shop/a']);
  server.put('b');
  await runtime.clock.settle();
  assert.deepEqual(seen.slice(2), ['shop/b']);
});

test('comes again after the time that a reconcile asks for', async () => {
  const runtime = testRuntime();
  const { spec, enqueue, seen } = loop(() => Promise.resolve(seen.length < 3 ? { requeueAfter: 1000 } : undefined));
  void runController(spec, runtime);
  enqueue('a');
  await runtime.clock.advance(999);
  assert.equal(seen.length, 1);
  await runtime.clock.advance(1);
  assert.equal(seen.length, 2);
  await runtime.clock.advance(10_000);
  assert.equal(seen.length, 3);
});

test('a failure is logged, counted, and comes again with growing delay until it goes well', async () => {
  const runtime = testRuntime();
  const counted = metrics();
  let failing = true;
  const { spec, enqueue, seen } = loop(() => (failing ? Promise.reject(new Error('no luck')) : Promise.resolve(undefined)));
  void runController(spec, runtime, { metrics: counted });
  await runtime.clock.settle();
  enqueue('a');
  await runtime.clock.advance(5 + 10 + 20);
  assert.equal(seen.length, 4);
  const [line] = runtime.lines;
  assert.equal(line?.level, 'warn');
  assert.deepEqual(
    [line.fields['controller'], line.fields['name'], line.fields['error'], line.fields['retryIn']],
    ['thing', 'a', 'no luck', 5],
  );
  const ids = new Set(runtime.lines.map(({ fields }) => fields['reconcileID']));
  assert.equal(ids.size, 4);
  failing = false;
  await runtime.clock.advance(100_000);
  assert.equal(seen.length, 5);
  failing = true;
  enqueue('a');
  await runtime.clock.advance(5);
  assert.equal(seen.length, 7, 'its back-off has started anew');
  assert.match(counted.print(), /^hypersphere_reconcile_total\{controller="thing",result="error"\} 6$/m);
  assert.match(counted.print(), /^hypersphere_reconcile_total\{controller="thing",result="success"\} 1$/m);
  assert.match(counted.print(), /^hypersphere_reconcile_errors_total\{controller="thing"\} 6$/m);
  assert.match(counted.print(), /^hypersphere_reconcile_seconds_count\{controller="thing"\} 7$/m);
});

test('a reconcile that throws instead of rejecting is a failure like any other', async () => {
  const runtime = testRuntime();
  const { spec, enqueue, seen } = loop(() => {
    throw new Error('at once');
  });
  void runController(spec, runtime);
  enqueue('a');
  await runtime.clock.advance(5);
  assert.equal(seen.length, 2);
});

test('a conflict is no news', async () => {
  const runtime = testRuntime();
  const { spec, enqueue, seen } = loop(() => Promise.reject(new ApiError(failure(409, 'Conflict', 'modified'))));
  void runController(spec, runtime);
  enqueue('a');
  await runtime.clock.advance(5);
  assert.equal(seen.length, 2);
  assert.ok(runtime.lines.every((line) => line.level === 'debug'));
});

test('works at as many keys at once as it may, and never at one twice', async () => {
  const runtime = testRuntime();
  let most = 0;
  const now: string[] = [];
  const { spec, enqueue } = loop(async (ref) => {
    assert.ok(!now.includes(ref.name));
    now.push(ref.name);
    most = Math.max(most, now.length);
    await runtime.clock.sleep(10);
    now.splice(now.indexOf(ref.name), 1);
    return undefined;
  }, 3);
  void runController(spec, runtime);
  for (let i = 0; i < 10; i++) enqueue(`k${String(i % 5)}`);
  await runtime.clock.advance(5);
  for (let i = 0; i < 5; i++) enqueue(`k${String(i)}`);
  await runtime.clock.advance(1000);
  assert.equal(most, 3);
  assert.equal(runtime.lines.length, 0);
});

test('stops: takes no more keys, and settles when what is at work has ended', async () => {
  const runtime = testRuntime();
  const { spec, enqueue, seen } = loop(async (ref) => {
    await runtime.clock.sleep(10);
    if (ref.name === 'cut') throw new Stopped();
    return undefined;
  }, 2);
  let ended = false;
  void runController(spec, runtime).then(() => (ended = true));
  for (const name of ['a', 'cut', 'never']) enqueue(name);
  await runtime.clock.settle();
  runtime.stop();
  await runtime.clock.advance(9);
  assert.equal(ended, false);
  await runtime.clock.advance(1);
  assert.equal(ended, true);
  assert.deepEqual(seen, ['a', 'cut']);
  assert.equal(runtime.lines.length, 0);
  assert.equal(runtime.clock.sleepers(), 0);
});
