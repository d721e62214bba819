import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createHttps } from 'node:https';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { Stopped, UserError } from '../base/errors.ts';
import { ConnectionLost, type ApiRequest, type ApiResponse } from '../meta/control-plane.ts';
import { answer, bytes, chunks, feed, loop, never, request, testCertificates, textOf, type Feed, type Loop } from './test-support.ts';
import { isWatch, undiciControlPlane } from './undici-control-plane.ts';

/** Plain HTTP that does as `handle` says: for what our own server never does. */
async function crude(
  t: TestContext,
  handle: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Promise<{ url: string; sockets: () => number }> {
  let sockets = 0;
  const server = createHttp(handle).on('connection', () => sockets++);
  const url = await started(t, server, () => {
    server.closeAllConnections();
  });
  return { url, sockets: () => sockets };
}

async function started(t: TestContext, server: Server, cut: () => void): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    cut();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function transportTo(t: TestContext, server: string, more: Partial<Parameters<typeof undiciControlPlane>[0]> = {}) {
  const transport = undiciControlPlane({ server, ...more });
  t.after(() => transport.close());
  return transport;
}

async function looped(t: TestContext, ...args: Parameters<typeof loop>): Promise<Loop> {
  const made = await loop(...args);
  t.after(() => made.close());
  return made;
}

const watch = request({ path: '/api/v1/pods', query: [['watch', 'true']] });

test('every method arrives with its path, query, headers and body, and the answer comes back', async (t) => {
  const seen: ApiRequest[] = [];
  const { transport } = await looped(t, async (asked) => {
    seen.push(asked);
    return answer(
      asked.method === 'HEAD' ? '' : `you sent ${asked.body === undefined ? 'nothing' : String(asked.body.length)}`,
      { warning: '299 - "old"' },
      201,
    );
  });
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const) {
    const body = method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE' ? { body: bytes('{"é":1}') } : {};
    const sent = request({
      method,
      path: '/apis/x/v1/a%2Fb',
      query: [
        ['a', '1 +&=ü'],
        ['a', ''],
        ['b', 'x,y'],
      ],
      headers: { 'content-type': 'application/json' },
      ...body,
    });
    const got = await transport.controlPlane(sent, never);
    assert.equal(got.status, 201);
    assert.equal(got.headers['warning'], '299 - "old"');
    assert.equal(await textOf(got.body), method === 'HEAD' ? '' : `you sent ${'body' in body ? '8' : 'nothing'}`);
    const arrived = seen.at(-1);
    assert.deepEqual(
      { method: arrived?.method, path: arrived?.path, query: arrived?.query, type: arrived?.headers['content-type'] },
      { method, path: sent.path, query: sent.query, type: 'application/json' },
    );
    assert.deepEqual(
      arrived?.body === undefined ? undefined : Buffer.from(arrived.body).toString(),
      'body' in body ? '{"é":1}' : undefined,
    );
  }
});

test('a watch arrives chunk by chunk, its head before any of them', async (t) => {
  let feeding: Feed | undefined;
  const { transport } = await looped(t, async (_asked, signal) => {
    feeding = feed(signal);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: feeding.body };
  });
  const { status, body } = await transport.controlPlane(watch, never);
  assert.equal(status, 200);
  const reader = body[Symbol.asyncIterator]();
  for (const line of ['one\n', 'two\n', 'three\n']) {
    feeding?.send(line);
    const next = await reader.next();
    assert.equal(Buffer.from(next.value).toString(), line);
  }
  feeding?.end();
  assert.equal((await reader.next()).done, true);
});

test('leaving a watch tells the server, which lets go of the control plane', async (t) => {
  let feeding: Feed | undefined;
  const { transport } = await looped(t, async (_asked, signal) => {
    feeding = feed(signal);
    feeding.send('one');
    return { status: 200, headers: {}, body: feeding.body };
  });
  const { body } = await transport.controlPlane(watch, never);
  for await (const chunk of body) {
    assert.equal(Buffer.from(chunk).toString(), 'one');
    break;
  }
  await feeding?.left;
});

test('an abort ends a call as Stopped: before, while waiting for the head, and in the body', async (t) => {
  let feeding: Feed | undefined;
  const asked = Promise.withResolvers<AbortSignal>();
  const { transport } = await looped(t, async ({ path }, signal) => {
    if (path === '/hangs') {
      asked.resolve(signal);
      return new Promise<ApiResponse>(() => undefined);
    }
    feeding = feed(signal);
    return { status: 200, headers: {}, body: feeding.body };
  });
  await assert.rejects(transport.controlPlane(request(), AbortSignal.abort()), Stopped);

  const waiting = new AbortController();
  const hanging = transport.controlPlane(request({ path: '/hangs' }), waiting.signal);
  const atServer = await asked.promise;
  waiting.abort();
  await assert.rejects(hanging, Stopped);
  if (!atServer.aborted) await once(atServer, 'abort');

  const reading = new AbortController();
  const { body } = await transport.controlPlane(watch, reading.signal);
  const next = body[Symbol.asyncIterator]().next();
  reading.abort();
  await assert.rejects(next, Stopped);
  await feeding?.left;
});

test('nobody there, a cut before the head and a cut in the body are ConnectionLost', async (t) => {
  const { url } = await crude(t, (incoming, outgoing) => {
    if (incoming.url === '/head') outgoing.destroy();
    else {
      outgoing.write('half');
      setTimeout(() => outgoing.destroy(), 1);
    }
  });
  const { controlPlane } = transportTo(t, url);
  await assert.rejects(controlPlane(request({ path: '/head' }), never), ConnectionLost);
  const { body } = await controlPlane(request({ path: '/body' }), never);
  await assert.rejects(textOf(body), ConnectionLost);

  const gone = transportTo(t, 'http://127.0.0.1:1');
  await assert.rejects(
    gone.controlPlane(request({ path: '/x' }), never),
    (error) => error instanceof ConnectionLost && /GET \/x: .*ECONNREFUSED/.test(error.message),
  );
});

test('a server that says nothing is lost after the answer time-out; a silent watch is not', async (t) => {
  const { url } = await crude(t, (incoming, outgoing) => {
    if (incoming.url?.includes('watch') === true) setTimeout(() => outgoing.end('late'), 500);
  });
  const { controlPlane } = transportTo(t, url, { answerTimeout: 50 });
  const quiet = controlPlane(watch, never);
  await assert.rejects(controlPlane(request(), never), ConnectionLost);
  assert.equal(await textOf((await quiet).body), 'late');
});

test('connections are used again: one after the other, after an answer that was left early, and after an error status', async (t) => {
  const { url, sockets } = await crude(t, (incoming, outgoing) => {
    incoming.resume();
    incoming.on('end', () => {
      outgoing.writeHead(incoming.url === '/no' ? 409 : 200, { 'content-length': 20_000 });
      outgoing.write('x'.repeat(10_000), () => outgoing.end('x'.repeat(10_000)));
    });
  });
  const { controlPlane } = transportTo(t, url);
  for (let i = 0; i < 10; i++) {
    const { body } = await controlPlane(request({ method: 'PATCH', path: i === 3 ? '/no' : '/', body: bytes('{}') }), never);
    if (i % 2 === 0) await textOf(body);
    else await body[Symbol.asyncIterator]().return?.();
  }
  // A connection is free one turn of the event loop after its answer has ended, so that a caller who asks at once gets a second one.
  assert.ok(sockets() <= 2, `${String(sockets())} connections for 10 requests`);
});

test('requests share `connections`; each watch has its own beyond them', async (t) => {
  const held: ServerResponse[] = [];
  const { url, sockets } = await crude(t, (incoming, outgoing) => {
    outgoing.flushHeaders();
    if (incoming.url?.includes('watch') === true) held.push(outgoing);
    else outgoing.end('ok');
  });
  const { controlPlane } = transportTo(t, url, { connections: 2 });
  const watches = await Promise.all(Array.from({ length: 5 }, () => controlPlane(watch, never)));
  assert.equal(sockets(), 5);
  const texts = await Promise.all(Array.from({ length: 20 }, async () => textOf((await controlPlane(request(), never)).body)));
  assert.deepEqual(new Set(texts), new Set(['ok']));
  assert.equal(sockets(), 7);
  for (const outgoing of held) outgoing.end('bye');
  for (const { body } of watches) assert.equal(await textOf(body), 'bye');
});

test('who stops waiting for a connection hears so at once, and its request is never sent', async (t) => {
  const seen: (string | undefined)[] = [];
  const first = Promise.withResolvers<ServerResponse>();
  const { url } = await crude(t, (incoming, outgoing) => {
    seen.push(incoming.url);
    if (incoming.url === '/first') first.resolve(outgoing);
    else outgoing.end('ok');
  });
  const { controlPlane } = transportTo(t, url, { connections: 1 });
  const holding = controlPlane(request({ path: '/first' }), never);
  const held = await first.promise;
  const stop = new AbortController();
  const waiting = controlPlane(request({ path: '/second' }), stop.signal);
  const third = controlPlane(request({ path: '/third' }), never);
  stop.abort();
  await assert.rejects(waiting, Stopped);
  held.end('ok');
  await textOf((await holding).body);
  await textOf((await third).body);
  assert.deepEqual(seen, ['/first', '/third']);
});

test('early hints are not the answer', async (t) => {
  const { url } = await crude(t, (_incoming, outgoing) => {
    outgoing.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => outgoing.end('answer'));
  });
  const got = await transportTo(t, url).controlPlane(request(), never);
  assert.equal(got.status, 200);
  assert.equal(await textOf(got.body), 'answer');
});

test('TLS sessions are used again, over requests and watches', async (t) => {
  const made = await testCertificates();
  const reused: boolean[] = [];
  const server = createHttps({ cert: made.cert, key: made.key }, (_incoming, outgoing) => outgoing.end('ok'));
  server.on('secureConnection', (socket) => reused.push(socket.isSessionReused()));
  const url = await started(t, server, () => {
    server.closeAllConnections();
  });
  const { controlPlane } = transportTo(t, url.replace('http:', 'https:'), { ca: made.ca });
  await textOf((await controlPlane(request(), never)).body);
  await textOf((await controlPlane(watch, never)).body);
  assert.deepEqual(reused, [false, true]);
});

test('only watch=true (or 1, or bare) makes a watch', () => {
  const watches = (value: string) => isWatch({ query: [['watch', value]] });
  assert.deepEqual(['true', '1', '', 'false', '0'].map(watches), [true, true, true, false, false]);
  assert.equal(isWatch({ query: [] }), false);
});

test('200 watches and requests at once, over TLS: every watcher hears, no request waits for one', async (t) => {
  const feeds: Feed[] = [];
  const { transport } = await looped(t, async (asked, signal) => {
    if (asked.query.length === 0) return answer('pong');
    const fed = feed(signal);
    feeds.push(fed);
    return { status: 200, headers: {}, body: fed.body };
  });
  const watches = await Promise.all(Array.from({ length: 200 }, () => transport.controlPlane(watch, never)));
  const pongs = await Promise.all(Array.from({ length: 200 }, async () => textOf((await transport.controlPlane(request(), never)).body)));
  assert.equal(pongs.filter((text) => text === 'pong').length, 200);
  for (const fed of feeds) {
    fed.send('event');
    fed.end();
  }
  const heard = await Promise.all(watches.map(({ body }) => textOf(body)));
  assert.equal(heard.filter((text) => text === 'event').length, 200);
});

test('a reader that waits holds up the sender, and then gets every byte', async (t) => {
  const sent = 'x'.repeat(64 * 1024);
  let taken = 0;
  async function* many(): AsyncGenerator<Uint8Array> {
    for (; taken < 400; taken++) yield await Promise.resolve(bytes(sent));
  }
  const { transport } = await looped(t, async ({ path }) =>
    path === '/ping' ? answer('pong') : { status: 200, headers: {}, body: many() },
  );
  const { body } = await transport.controlPlane(request(), never);
  for (let i = 0; i < 20; i++) await textOf((await transport.controlPlane(request({ path: '/ping' }), never)).body);
  assert.ok(taken < 400, 'the whole body went out to a reader that had taken nothing');
  assert.equal((await textOf(body)).length, 400 * sent.length);
});

test('the token goes with each request, is asked for anew each time, and a failing source is no answer', async (t) => {
  const seen: (string | undefined)[] = [];
  const { serving, certificates } = await looped(t, async ({ headers }) => {
    seen.push(headers.authorization);
    return answer(headers['user-agent'] ?? '');
  });
  let count = 0;
  const token = async (): Promise<string> => {
    count++;
    if (count === 3) throw new Error('the helper said no');
    return `t${String(count)}`;
  };
  const { controlPlane } = transportTo(t, serving.url, { ca: certificates.ca, token, headers: { 'user-agent': 'us' } });
  assert.equal(await textOf((await controlPlane(request(), never)).body), 'us');
  await textOf((await controlPlane(request(), never)).body);
  await assert.rejects(
    controlPlane(request(), never),
    (error) => error instanceof ConnectionLost && error.message.includes('the helper said no'),
  );
  const fixed = transportTo(t, serving.url, { ca: certificates.ca, token: 'fixed' });
  await textOf((await fixed.controlPlane(request(), never)).body);
  assert.deepEqual(seen, ['Bearer t1', 'Bearer t2', 'Bearer fixed']);
});

test('a path in the address of the server goes before every request’s', async (t) => {
  const { url } = await crude(t, (incoming, outgoing) => outgoing.end(incoming.url));
  const { controlPlane } = transportTo(t, `${url}/k8s/clusters/c1/`);
  const { body } = await controlPlane(request({ path: '/api', query: [['a', 'b']] }), never);
  assert.equal(await textOf(body), '/k8s/clusters/c1/api?a=b');
});

test('a proxy is asked for a tunnel, with its credentials, and sees nothing of what goes through', async (t) => {
  const { serving, certificates } = await looped(t, async () => answer('through'));
  const asked: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const proxy = createHttp().on('connect', (incoming: IncomingMessage, client: Socket) => {
    asked.push(incoming.url, incoming.headers['proxy-authorization'], incoming.headers.authorization);
    const upstream = connect(serving.address.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
  });
  const url = await started(t, proxy, () => {
    for (const socket of sockets) socket.destroy();
  });
  const { controlPlane } = transportTo(t, serving.url, { ca: certificates.ca, token: 'secret', proxy: url.replace('//', '//me:pass@') });
  assert.equal(await textOf((await controlPlane(request(), never)).body), 'through');
  assert.equal(await textOf((await controlPlane(request(), never)).body), 'through');
  assert.deepEqual(asked.slice(0, 3), [
    `127.0.0.1:${String(serving.address.port)}`,
    `Basic ${Buffer.from('me:pass').toString('base64')}`,
    undefined,
  ]);
});

test('closing ends what is under way, and what is asked afterwards, as Stopped', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const { url } = await crude(t, () => {
    arrived.resolve();
  });
  const { controlPlane, close } = transportTo(t, url);
  const waiting = assert.rejects(controlPlane(request(), never), Stopped);
  const watching = assert.rejects(controlPlane(watch, never), Stopped);
  await arrived.promise;
  await close();
  await waiting;
  await watching;
  await assert.rejects(controlPlane(request(), never), Stopped);
});

test('a peer that speaks no HTTP is ConnectionLost', async (t) => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.end('220 mail.example ESMTP\r\n');
  });
  const url = await started(t, server, () => {
    for (const socket of sockets) socket.destroy();
  });
  await assert.rejects(transportTo(t, url).controlPlane(request(), never), ConnectionLost);
});

test('an address that is none is refused in words', () => {
  assert.throws(
    () => undiciControlPlane({ server: 'localhost' }),
    (error) => error instanceof UserError && error.message.includes('"localhost"'),
  );
  assert.throws(() => undiciControlPlane({ server: 'ftp://x' }), UserError);
  assert.throws(() => undiciControlPlane({ server: 'https://x', proxy: '::' }), UserError);
});

test('many calls under one signal leave no listener behind', async (t) => {
  const { transport } = await looped(t, async () => ({ status: 200, headers: {}, body: chunks('a', 'b', 'c') }));
  const stop = new AbortController();
  for (let i = 0; i < 20; i++) {
    const { body } = await transport.controlPlane(request(), stop.signal);
    if (i % 2 === 0) await textOf(body);
    else await body[Symbol.asyncIterator]().return?.();
  }
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
});
