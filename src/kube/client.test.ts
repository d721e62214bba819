import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Stopped } from '../base/errors.ts';
import { ConnectionLost } from '../meta/control-plane.ts';
import { ApiError, failure } from '../meta/status.ts';
import { client } from './client.ts';
import { metrics } from './metrics.ts';
import {
  answer,
  bodyOf,
  queryOf,
  refusal,
  scripted,
  testRuntime,
  thing,
  Thing,
  thingServer,
  thingsPath,
  type Scripted,
  type TestRuntime,
} from './test-support.ts';
import type { Client } from './types.ts';

const ref = { namespace: 'shop', name: 'a' };
const onePath = '/apis/test.example/v1/namespaces/shop/things/a';

function clientOf(...scripts: Scripted[]): { api: Client; runtime: TestRuntime; requests: ReturnType<typeof scripted>['requests'] } {
  const runtime = testRuntime();
  const { controlPlane, requests } = scripted(...scripts);
  const api = client(controlPlane, runtime, { userAgent: 'test/1', fieldManager: 'tester', headers: { 'x-extra': '1' } });
  return { api, runtime, requests };
}

const busy =
  (seconds?: string): Scripted =>
  () =>
    refusal(failure(429, 'TooManyRequests', 'busy'), seconds === undefined ? {} : { 'retry-after': seconds });
const fine: Scripted = () => answer(200, thing('a', 5));

test('asks as Kubernetes is asked: path, method, query, headers, body', async () => {
  const { api, requests } = clientOf(...Array.from({ length: 9 }, () => fine));
  await api.get(Thing, ref);
  await api.create(Thing, thing('a', 1));
  await api.update(Thing, thing('a', 1), { subresource: 'status' });
  await api.patch(Thing, ref, { spec: { size: 1 } }, { dryRun: true });
  await api.jsonPatch(Thing, ref, [{ op: 'remove', path: '/spec/size' }], { fieldManager: 'other' });
  await api.apply(Thing, ref, { spec: { size: 2 } }, { fieldManager: 'applier', subresource: 'status' });
  await api.delete(Thing, ref, { preconditions: { uid: 'u' }, propagationPolicy: 'Foreground' });
  const writing = 'fieldManager=tester&fieldValidation=Strict';
  assert.deepEqual(
    requests.map((request) => [
      request.method,
      request.path,
      request.query.map((pair) => pair.join('=')).join('&'),
      request.headers['content-type'],
    ]),
    [
      ['GET', onePath, '', undefined],
      ['POST', '/apis/test.example/v1/namespaces/shop/things', writing, 'application/json'],
      ['PUT', `${onePath}/status`, writing, 'application/json'],
      ['PATCH', onePath, `${writing}&dryRun=All`, 'application/merge-patch+json'],
      ['PATCH', onePath, 'fieldManager=other&fieldValidation=Strict', 'application/json-patch+json'],
      ['PATCH', `${onePath}/status`, 'force=true&fieldManager=applier&fieldValidation=Strict', 'application/apply-patch+yaml'],
      ['DELETE', onePath, '', 'application/json'],
    ],
  );
  assert.deepEqual(bodyOf(requests[5]), {
    apiVersion: 'test.example/v1',
    kind: 'Thing',
    metadata: { namespace: 'shop', name: 'a' },
    spec: { size: 2 },
  });
  assert.deepEqual(bodyOf(requests[6]), {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: 'u' },
    propagationPolicy: 'Foreground',
  });
  assert.ok(requests.every((request) => request.headers['user-agent'] === 'test/1' && request.headers['x-extra'] === '1'));
});

test('what is not there is undefined, or was not deleted', async () => {
  const missing: Scripted = () => refusal(failure(404, 'NotFound', 'things "a" not found'));
  const { api } = clientOf(missing, missing);
  assert.equal(await api.get(Thing, ref), undefined);
  assert.equal(await api.delete(Thing, ref), false);
});

test('a no is an ApiError in the words of the server, also when they are no Status', async () => {
  const { api } = clientOf(
    () => refusal(failure(409, 'Conflict', 'the object has been modified')),
    () => answer(502, '<html>Bad gateway</html>'),
    () => answer(403, ''),
  );
  await assert.rejects(
    api.update(Thing, thing('a', 1)),
    (error) => error instanceof ApiError && error.reason === 'Conflict' && error.code === 409,
  );
  await assert.rejects(
    api.get(Thing, ref),
    (error) => error instanceof ApiError && error.code === 502 && error.message.includes('Bad gateway'),
  );
  await assert.rejects(api.get(Thing, ref), (error) => error instanceof ApiError && error.reason === 'Forbidden');
});

test('comes back when the server says when to, for writes too: it has not carried them out', async () => {
  const { api, runtime, requests } = clientOf(busy('2'), () => answer(503, 'starting', { 'retry-after': '1' }), fine);
  const done = api.create(Thing, thing('a', 1));
  await runtime.clock.advance(1_900);
  assert.equal(requests.length, 1);
  await runtime.clock.advance(2_000);
  assert.equal((await done).metadata.resourceVersion, '5');
  assert.equal(requests.length, 3);
});

test('does not come back for ever, nor when nobody said when, nor after too long', async () => {
  const endless = clientOf(...Array.from({ length: 99 }, () => busy('1')));
  const refused = assert.rejects(endless.api.get(Thing, ref), ApiError);
  await endless.runtime.clock.advance(60_000);
  await refused;
  assert.equal(endless.requests.length, 5);
  for (const script of [busy(), busy('31'), (() => answer(500, 'oops', { 'retry-after': '1' })) satisfies Scripted]) {
    const { api, requests } = clientOf(script);
    await assert.rejects(api.get(Thing, ref), ApiError);
    assert.equal(requests.length, 1);
  }
});

test('asks again after a lost connection only what changes nothing', async () => {
  const lost: Scripted = () => new ConnectionLost('reset');
  const reading = clientOf(lost, lost, fine);
  const found = reading.api.get(Thing, ref);
  await reading.runtime.clock.advance(1_000);
  assert.ok(await found);
  const cut = clientOf(...Array.from({ length: 9 }, () => lost));
  const refused = assert.rejects(cut.api.get(Thing, ref), ConnectionLost);
  await cut.runtime.clock.advance(10_000);
  await refused;
  assert.equal(cut.requests.length, 3);
  const writes: ((api: Client) => Promise<unknown>)[] = [
    (api) => api.create(Thing, thing('a', 1)),
    (api) => api.update(Thing, thing('a', 1)),
    (api) => api.patch(Thing, ref, {}),
    (api) => api.apply(Thing, ref, {}, { fieldManager: 'x' }),
    (api) => api.delete(Thing, ref),
  ];
  for (const write of writes) {
    const { api, requests } = clientOf(lost, fine);
    await assert.rejects(write(api), ConnectionLost);
    assert.equal(requests.length, 1);
  }
});

test('waits 30 seconds for an answer, to its last byte', async () => {
  async function* trickle(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('{"metadata":');
    await new Promise(() => undefined);
  }
  for (const script of [() => 'never', () => ({ status: 200, headers: {}, body: trickle() })] satisfies Scripted[]) {
    const { api, runtime, requests } = clientOf(script, fine);
    const failures: unknown[] = [];
    api.get(Thing, ref).catch((error: unknown) => failures.push(error));
    await runtime.clock.advance(29_999);
    assert.equal(failures.length, 0);
    await runtime.clock.advance(1);
    assert.ok(failures[0] instanceof ConnectionLost);
    assert.equal(requests.length, 1);
    assert.equal(runtime.clock.sleepers(), 0);
  }
});

test('an answer that is garbled is a lost one', async () => {
  const { api } = clientOf(
    () => answer(201, '{"metadata":'),
    () => answer(201, '[]'),
  );
  await assert.rejects(api.create(Thing, thing('a', 1)), ConnectionLost);
  await assert.rejects(api.create(Thing, thing('a', 1)), ConnectionLost);
});

test('stops with its process at once; a client bound to another signal goes on', async () => {
  const { api, runtime } = clientOf(() => 'never', fine);
  const other = new AbortController();
  const last = api.until(other.signal);
  const cut = assert.rejects(api.get(Thing, ref), Stopped);
  runtime.stop();
  await cut;
  await assert.rejects(api.get(Thing, ref), Stopped);
  assert.ok(await last.get(Thing, ref));
  other.abort();
  await assert.rejects(last.get(Thing, ref), Stopped);
});

test('lets go of its process after each request, however it ended', async () => {
  const { api, runtime } = clientOf(
    fine,
    busy(),
    () => new ConnectionLost('reset'),
    fine,
    () => 'never',
  );
  const before = getEventListeners(runtime.stopping, 'abort').length;
  await api.get(Thing, ref);
  await api.create(Thing, thing('a', 1)).catch(() => undefined);
  const lost = api.get(Thing, ref);
  await runtime.clock.advance(1_000);
  await lost;
  const silent = assert.rejects(api.get(Thing, ref), ConnectionLost);
  await runtime.clock.advance(30_000);
  await silent;
  assert.equal(getEventListeners(runtime.stopping, 'abort').length, before);
});

test('lists page by page, over all namespaces or in one, by selectors', async () => {
  const server = thingServer();
  for (let i = 0; i < 501; i++) server.put(`t${String(i)}`);
  const api = client(server.controlPlane, testRuntime(), { userAgent: 'test', fieldManager: 'tester' });
  const { items, resourceVersion } = await api.list(Thing);
  assert.equal(items.length, 501);
  assert.equal(resourceVersion, '601');
  await api.list(Thing, { namespace: 'shop', labelSelector: 'app=web', fieldSelector: 'spec.nodeName=a' });
  assert.deepEqual(
    server.requests.map((request) => request.path),
    [thingsPath, thingsPath, '/apis/test.example/v1/namespaces/shop/things', '/apis/test.example/v1/namespaces/shop/things'],
  );
  const narrow = server.requests[2];
  assert.ok(narrow);
  assert.equal(queryOf(narrow, 'labelSelector'), 'app=web');
  assert.equal(queryOf(narrow, 'fieldSelector'), 'spec.nodeName=a');
});

test('counts requests by verb and code', async () => {
  const runtime = testRuntime();
  const counted = metrics();
  const { controlPlane } = scripted(fine, busy(), () => new ConnectionLost('reset'));
  const api = client(controlPlane, runtime, { userAgent: 'test', fieldManager: 'tester', metrics: counted });
  await api.get(Thing, ref);
  await api.create(Thing, thing('a', 1)).catch(() => undefined);
  await api.update(Thing, thing('a', 1)).catch(() => undefined);
  const lines = counted
    .print()
    .split('\n')
    .filter((line) => line.startsWith('hypersphere_api'));
  assert.deepEqual(lines, [
    'hypersphere_api_requests_total{verb="get",code="2xx"} 1',
    'hypersphere_api_requests_total{verb="create",code="429"} 1',
    'hypersphere_api_requests_total{verb="update",code="lost"} 1',
  ]);
});
