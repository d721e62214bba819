import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { get, request as httpsRequest } from 'node:https';
import { connect } from 'node:tls';
import { test, type TestContext } from 'node:test';
import { UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { silentLog } from '../base/log.ts';
import { ConnectionLost, type ApiResponse } from '../meta/control-plane.ts';
import { certificates } from './certificates.ts';
import { serveControlPlane } from './serve-control-plane.ts';
import { answer, bytes, chunks, feed, loop, memoryDisk, never, request, testCertificates, textOf, type Feed } from './test-support.ts';
import { undiciControlPlane } from './undici-control-plane.ts';

async function looped(t: TestContext, ...args: Parameters<typeof loop>) {
  const made = await loop(...args);
  t.after(() => made.close());
  return made;
}

function responseTo(asking: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asking.once('response', resolve).once('error', reject);
  });
}

const watch = request({ query: [['watch', '1']] });
const mebibyte = 1024 * 1024;

test('a body past the limit is answered 413 with a Status, whether its length is said or not, and one at the limit passes', async (t) => {
  const { transport, serving, certificates: made } = await looped(t, async ({ body }) => answer(String(body?.length)));
  const send = async (size: number) => {
    const got = await transport.controlPlane(request({ method: 'POST', body: new Uint8Array(size) }), never);
    return { code: got.status, text: await textOf(got.body) };
  };
  assert.deepEqual(await send(3 * mebibyte), { code: 200, text: String(3 * mebibyte) });
  const refused = await send(3 * mebibyte + 1);
  assert.equal(refused.code, 413);
  const status: unknown = JSON.parse(refused.text);
  assert.deepEqual(status, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Request entity too large: limit is 3145728',
    reason: 'RequestEntityTooLarge',
    code: 413,
  });

  const chunked = httpsRequest(serving.url, { method: 'POST', ca: made.ca });
  for (let i = 0; i < 8; i++) chunked.write(Buffer.alloc(mebibyte));
  chunked.end();
  const incoming = await responseTo(chunked);
  assert.equal(incoming.statusCode, 413);
  incoming.resume();

  const endless = httpsRequest(serving.url, { method: 'POST', ca: made.ca }).on('error', () => undefined);
  for (let i = 0; i < 40; i++) endless.write(Buffer.alloc(mebibyte));
  const answered = await responseTo(endless);
  assert.equal(answered.statusCode, 413, 'a client that never stops sending is not listened to for ever');
  endless.destroy();
});

test('a slow watcher holds up nobody, takes no memory here, and is cut off when its patience is over', async (t) => {
  const chunk = 'x'.repeat(mebibyte);
  let taken = 0;
  const left = Promise.withResolvers<void>();
  async function* flood(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        taken++;
        yield await Promise.resolve(bytes(chunk));
      }
    } finally {
      left.resolve();
    }
  }
  const {
    serving,
    transport,
    certificates: made,
  } = await looped(t, async ({ path }) => (path === '/ping' ? answer('pong') : { status: 200, headers: {}, body: flood() }), {
    patience: 300,
  });
  const socket = connect({ port: serving.address.port, host: '127.0.0.1', ca: made.ca });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  socket.pause();
  socket.write('GET /?watch=true HTTP/1.1\r\nhost: x\r\n\r\n');
  for (let i = 0; i < 50; i++) assert.equal(await textOf((await transport.controlPlane(request({ path: '/ping' }), never)).body), 'pong');
  await left.promise;
  assert.ok(taken < 40, `${String(taken)} MiB were taken from the control plane for a watcher that read none`);
});

test('a client that hangs up aborts its request and lets go of the body', async (t) => {
  let feeding: Feed | undefined;
  const { serving, certificates: made } = await looped(t, async (_asked, signal) => {
    feeding = feed(signal);
    return { status: 200, headers: {}, body: feeding.body };
  });
  const asking = get(`${serving.url}/?watch=true`, { ca: made.ca });
  const incoming = await responseTo(asking);
  incoming.on('error', () => undefined);
  asking.destroy();
  await feeding?.left;
});

test('a control plane that fails is 500 and is logged; one that cannot answer is 503; a body that breaks is cut, never ended', async (t) => {
  const logged: unknown[] = [];
  const log: Log = { ...silentLog, error: (message, fields) => logged.push([message, fields?.['error']]) };
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield* chunks('one', 'two');
    throw new Error('kaput');
  }
  const { transport } = await looped(
    t,
    async ({ path }): Promise<ApiResponse> => {
      if (path === '/bug') throw new TypeError('oops');
      if (path === '/away') throw new ConnectionLost('no route');
      return { status: 200, headers: {}, body: breaking() };
    },
    { log },
  );
  const bug = await transport.controlPlane(request({ path: '/bug' }), never);
  assert.equal(bug.status, 500);
  assert.ok(!(await textOf(bug.body)).includes('oops'), 'what went wrong inside is for the log');
  assert.deepEqual(logged, [['request failed', 'oops']]);
  assert.equal((await transport.controlPlane(request({ path: '/away' }), never)).status, 503);
  await assert.rejects(async () => textOf((await transport.controlPlane(request(), never)).body), ConnectionLost);
  assert.deepEqual(logged.at(-1), ['request failed', 'kaput']);
});

test('a short answer says its length; a watch is chunked; 204 and HEAD have no body', async (t) => {
  const { transport } = await looped(t, async ({ path }) => ({
    status: path === '/none' ? 204 : 200,
    headers: {},
    body: path === '/none' ? chunks() : chunks('short'),
  }));
  const short = await transport.controlPlane(request(), never);
  assert.equal(short.headers['content-length'], '5');
  const stream = await transport.controlPlane(watch, never);
  assert.equal(stream.headers['transfer-encoding'], 'chunked');
  assert.equal(await textOf(stream.body), 'short');
  for (const bare of [request({ path: '/none' }), request({ method: 'HEAD' })]) {
    const got = await transport.controlPlane(bare, never);
    assert.equal(await textOf(got.body), '');
  }
});

test('closing ends watches cleanly and lets requests under way finish', async () => {
  const release = Promise.withResolvers<ApiResponse>();
  const arrived = Promise.withResolvers<void>();
  const { transport, serving } = await loop(async ({ path }, signal) => {
    if (path === '/slow') {
      arrived.resolve();
      return release.promise;
    }
    const fed = feed(signal);
    fed.send('one');
    return { status: 200, headers: {}, body: fed.body };
  });
  const slow = transport.controlPlane(request({ path: '/slow' }), never);
  const { body } = await transport.controlPlane(watch, never);
  await arrived.promise;
  const closed = serving.close();
  assert.equal(await textOf(body), 'one', 'a clean end: the client need not think that its connection broke');
  release.resolve(answer('done'));
  assert.equal(await textOf((await slow).body), 'done');
  await closed;
  await assert.rejects(transport.controlPlane(request(), never), ConnectionLost);
  await transport.close();
});

test('a request that does not end in the grace time is cut off', async () => {
  const arrived = Promise.withResolvers<AbortSignal>();
  const { transport, serving } = await loop(
    async (_asked, signal) => {
      arrived.resolve(signal);
      return new Promise<ApiResponse>(() => undefined);
    },
    { grace: 50 },
  );
  const hanging = assert.rejects(transport.controlPlane(request(), never), ConnectionLost);
  const signal = await arrived.promise;
  await serving.close();
  await hanging;
  assert.ok(signal.aborted);
  await transport.close();
});

test('a port in use and an address of another machine are said in words', async (t) => {
  const { serving, certificates: made } = await looped(t, async () => answer(''));
  const again = (host: string, port: number) => serveControlPlane(async () => answer(''), { host, port, tls: made, log: silentLog });
  await assert.rejects(
    again('127.0.0.1', serving.address.port),
    (error) => error instanceof UserError && error.message.includes(`port ${String(serving.address.port)} on 127.0.0.1 is in use`),
  );
  await assert.rejects(
    again('192.0.2.1', 0),
    (error) => error instanceof UserError && error.message.startsWith('192.0.2.1 is not an address of this machine'),
  );
});

test('our authority’s certificate is believed by address and by name; another authority’s, another name and none are refused', async (t) => {
  const { serving, certificates: made } = await looped(t, async () => answer('in'));
  const ask = async (options: Omit<Parameters<typeof undiciControlPlane>[0], 'server'>, host = '127.0.0.1') => {
    const transport = undiciControlPlane({ server: `https://${host}:${String(serving.address.port)}`, ...options });
    t.after(() => transport.close());
    return textOf((await transport.controlPlane(request(), never)).body);
  };
  assert.equal(await ask({ ca: made.ca }), 'in');
  assert.equal(await ask({ ca: made.ca }, 'localhost'), 'in');
  assert.equal(await ask({ insecure: true }), 'in');
  assert.equal(await ask({ ca: made.ca, serverName: 'localhost' }), 'in');
  const other = await certificates({ disk: memoryDisk(), names: ['127.0.0.1'], now: Date.now() });
  await assert.rejects(ask({ ca: other.ca }), ConnectionLost);
  await assert.rejects(ask({}), ConnectionLost);
  await assert.rejects(ask({ ca: made.ca, serverName: 'elsewhere.example' }), ConnectionLost);
});

test('a renewed certificate is shown to those who connect from then on', async (t) => {
  const { serving } = await looped(t, async () => answer('in'));
  const other = await certificates({ disk: memoryDisk(), names: ['127.0.0.1'], now: Date.now() });
  serving.renew(other);
  const transport = undiciControlPlane({ server: serving.url, ca: other.ca });
  t.after(() => transport.close());
  assert.equal(await textOf((await transport.controlPlane(request(), never)).body), 'in');
});

test('a method that Kubernetes has no word for, and a target that is no path, are refused', async (t) => {
  const made = await testCertificates();
  const { serving } = await looped(t, async () => answer('reached'));
  const raw = async (line: string): Promise<string> => {
    const socket = connect({ port: serving.address.port, host: '127.0.0.1', ca: made.ca });
    socket.end(`${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    return textOf(socket);
  };
  assert.match(await raw('PROPFIND /'), /^HTTP\/1.1 405 .*"reason":"MethodNotAllowed"/s);
  assert.match(await raw('GET https://elsewhere/'), /^HTTP\/1.1 400 .*"reason":"BadRequest"/s);
});
