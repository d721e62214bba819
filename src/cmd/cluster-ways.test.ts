import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp, type IncomingMessage } from 'node:http';
import { createServer as createHttps, type Server } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { certificates, type Certificates } from '../net/certificates.ts';
import { memoryDisk, testCertificates, textOf } from '../net/test-support.ts';
import { connectCluster } from './cluster.ts';

/** What the server saw of a request. */
interface Seen {
  readonly authorization: string | undefined;
  readonly impersonated: string | undefined;
  readonly port: number | undefined;
  /** SHA-256 of the client's certificate. */
  readonly fingerprint: string | undefined;
}

const proxyVariables = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy'] as const;

describe('the ways of a kubeconfig', () => {
  let tls: Certificates;
  let folder: string;
  let server: Server;
  let port: number;
  let status = 200;
  let now = 0;
  const seen: Seen[] = [];
  const environment = proxyVariables.map((name) => [name, process.env[name]] as const);

  before(async () => {
    tls = await testCertificates();
  });
  beforeEach(async () => {
    for (const name of proxyVariables) Reflect.deleteProperty(process.env, name);
    folder = await mkdtemp(join(tmpdir(), 'hypersphere-ways-'));
    status = 200;
    server = createHttps({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      assert.ok(request.socket instanceof TLSSocket);
      const { fingerprint256 } = request.socket.getPeerCertificate() as { fingerprint256?: string };
      const { authorization } = request.headers;
      const impersonated = request.headers['impersonate-user'];
      seen.push({ authorization, impersonated: String(impersonated), port: request.socket.remotePort, fingerprint: fingerprint256 });
      response.writeHead(status).end('{}');
    });
    port = await listening(server);
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
    for (const [name, value] of environment) if (value !== undefined) process.env[name] = value;
    seen.length = 0;
  });

  const put = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  const kubeconfig = (user: object, cluster: object = {}): string =>
    JSON.stringify({
      clusters: [
        {
          name: 'c',
          cluster: { server: `https://127.0.0.1:${String(port)}`, 'certificate-authority-data': base64(tls.ca), ...cluster },
        },
      ],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
  /** Asks once for each call, and tells what the server saw. */
  const connected = async (t: TestContext, file: string): Promise<() => Promise<Seen>> => {
    const transport = await connectCluster({ file, clock: { monotonic: () => now } });
    t.after(() => transport.close());
    return async () => {
      const { body } = await transport.controlPlane(
        { method: 'GET', path: '/version', query: [], headers: {} },
        new AbortController().signal,
      );
      await textOf(body);
      const last = seen.at(-1);
      assert.ok(last);
      return last;
    };
  };

  describe('an exec plug-in', () => {
    /** A plug-in that counts its calls, and says what `status` makes of the count; `KUBERNETES_EXEC_INFO` is written beside it. */
    const plugin = async (statusOf: string): Promise<object> => {
      const file = await put(
        'bin/plugin.mjs',
        `#!${process.execPath}
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
appendFileSync(import.meta.dirname + '/calls', 'x');
const n = readFileSync(import.meta.dirname + '/calls', 'utf8').length;
writeFileSync(import.meta.dirname + '/info', process.env.KUBERNETES_EXEC_INFO ?? '');
const status = ${statusOf};
console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }));
`,
      );
      await chmod(file, 0o755);
      return {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'bin/plugin.mjs',
          interactiveMode: 'Never',
          provideClusterInfo: true,
        },
      };
    };

    it('stands relative to the kubeconfig, is told of the cluster, and asked once while its token is good', async (t) => {
      const user = await plugin(`{ token: 'plugged-' + n, expirationTimestamp: '2999-01-01T00:00:00Z' }`);
      const ask = await connected(t, await put('config', kubeconfig(user)));
      assert.equal((await ask()).authorization, 'Bearer plugged-1');
      now += 3_600_000;
      assert.equal((await ask()).authorization, 'Bearer plugged-1');
      const info = JSON.parse(await readFile(join(folder, 'bin/info'), 'utf8')) as object;
      assert.deepEqual(info, {
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        spec: {
          interactive: false,
          cluster: { server: `https://127.0.0.1:${String(port)}`, 'certificate-authority-data': base64(tls.ca) },
        },
      });
    });

    it('is asked again when its token has expired', async (t) => {
      const user = await plugin(`{ token: 'plugged-' + n, expirationTimestamp: '2001-01-01T00:00:00Z' }`);
      const ask = await connected(t, await put('config', kubeconfig(user)));
      const first = (await ask()).authorization;
      now += 60_000;
      assert.notEqual((await ask()).authorization, first);
    });

    it('is asked again when the server refuses a token that has not expired', async (t) => {
      const user = await plugin(`{ token: 'plugged-' + n }`);
      const ask = await connected(t, await put('config', kubeconfig(user)));
      assert.equal((await ask()).authorization, 'Bearer plugged-1');
      status = 401;
      await ask();
      status = 200;
      now += 60_000;
      assert.equal((await ask()).authorization, 'Bearer plugged-2');
    });

    it('may give a client certificate, and another one when that has expired', async (t) => {
      const pairs = [await clientPair(), await clientPair()];
      const user = await plugin(
        `{ ...${JSON.stringify(pairs.map(({ cert, key }) => ({ clientCertificateData: cert, clientKeyData: key })))}[n > 1 ? 1 : 0],` +
          ` expirationTimestamp: n > 1 ? '2999-01-01T00:00:00Z' : '2001-01-01T00:00:00Z' }`,
      );
      const ask = await connected(t, await put('config', kubeconfig(user)));
      await ask();
      now += 60_000;
      assert.equal((await ask()).fingerprint, fingerprintOf(pairs[1]));
    });

    it('that fails is told in its own words', async () => {
      const user = await plugin(`process.stderr.write('log in first') && process.exit(1)`);
      await assert.rejects(connectCluster({ file: await put('config', kubeconfig(user)) }), /log in first/);
    });
  });

  it('a client certificate in files beside it, written anew in the meantime: new connections show the new one', async (t) => {
    const [first, second] = [await clientPair(), await clientPair()];
    const write = async ({ cert, key }: Certificates): Promise<void> => {
      await put('pki/client.crt', cert);
      await put('pki/client.key', key);
    };
    await write(first);
    const ask = await connected(
      t,
      await put('config', kubeconfig({ 'client-certificate': 'pki/client.crt', 'client-key': 'pki/client.key' })),
    );
    assert.equal((await ask()).fingerprint, fingerprintOf(first));
    const { port: used } = await ask();
    await write(second);
    now += 60_000;
    const after = await ask();
    assert.equal(after.fingerprint, fingerprintOf(second));
    assert.notEqual(after.port, used);
    const ports = new Set<number | undefined>();
    for (let times = 0; times < 10; times++) ports.add((await ask()).port);
    assert.ok(ports.size < 10, 'connections are used again');
  });

  it('a client certificate in the file itself', async (t) => {
    const pair = await clientPair();
    const user = { 'client-certificate-data': base64(pair.cert), 'client-key-data': base64(pair.key) };
    const ask = await connected(t, await put('config', kubeconfig(user)));
    assert.equal((await ask()).fingerprint, fingerprintOf(pair));
  });

  it('user and password, and on whose behalf', async (t) => {
    const ask = await connected(t, await put('config', kubeconfig({ username: 'me', password: 'pass', as: 'jane' })));
    const { authorization, impersonated } = await ask();
    assert.deepEqual([authorization, impersonated], [`Basic ${base64('me:pass')}`, 'jane']);
  });

  describe('whom to believe', () => {
    it('nobody else than the authority that it names', async (t) => {
      const other = await clientPair();
      const ask = await connected(t, await put('config', kubeconfig({}, { 'certificate-authority-data': base64(other.ca) })));
      await assert.rejects(ask(), /certificate/);
      await put('other.crt', tls.ca);
      const fromFile = await put('file', kubeconfig({}, { 'certificate-authority-data': undefined, 'certificate-authority': 'other.crt' }));
      await (
        await connected(t, fromFile)
      )();
    });

    it('anybody, with insecure-skip-tls-verify', async (t) => {
      const cluster = { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true };
      await (
        await connected(t, await put('config', kubeconfig({}, cluster)))
      )();
    });

    it('a server of another name, with tls-server-name', async (t) => {
      const one = await certificates({ disk: memoryDisk(), names: ['api.example'], now: Date.now() });
      server.setSecureContext(one);
      const ca = { 'certificate-authority-data': base64(one.ca) };
      const strict = await connected(t, await put('strict', kubeconfig({}, ca)));
      await assert.rejects(strict(), /127\.0\.0\.1|altname/i);
      await (
        await connected(t, await put('config', kubeconfig({}, { ...ca, 'tls-server-name': 'api.example' })))
      )();
    });
  });

  describe('a proxy', () => {
    /** Takes every tunnel to our server, whatever name is asked for, and tells which. */
    const proxy = async (t: TestContext): Promise<{ url: string; asked: (string | undefined)[] }> => {
      const asked: (string | undefined)[] = [];
      const sockets = new Set<Socket>();
      const through = createHttp().on('connect', (incoming: IncomingMessage, client: Socket) => {
        asked.push(incoming.url);
        const upstream = connect(port, '127.0.0.1', () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n');
          upstream.pipe(client).pipe(upstream);
        });
        for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
      });
      const url = `http://127.0.0.1:${String(await listening(through))}`;
      t.after(() => {
        for (const socket of sockets) socket.destroy();
        through.close();
      });
      return { url, asked };
    };
    const elsewhere = { server: 'https://api.example:6443', 'tls-server-name': 'localhost' };

    it('of the cluster (proxy-url)', async (t) => {
      const { url, asked } = await proxy(t);
      const ask = await connected(t, await put('config', kubeconfig({ token: 't' }, { ...elsewhere, 'proxy-url': url })));
      assert.equal((await ask()).authorization, 'Bearer t');
      assert.deepEqual(asked, ['api.example:6443']);
    });

    it('of the environment (HTTPS_PROXY), which the one of the cluster goes before', async (t) => {
      const { url, asked } = await proxy(t);
      process.env['HTTPS_PROXY'] = url;
      const ask = await connected(t, await put('config', kubeconfig({ token: 't' }, elsewhere)));
      await ask();
      assert.deepEqual(asked, ['api.example:6443']);
      process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1';
      await (
        await connected(t, await put('other', kubeconfig({ token: 't' }, { ...elsewhere, 'proxy-url': url })))
      )();
    });

    it('of the environment is not used for what is on this machine', async (t) => {
      const { url, asked } = await proxy(t);
      process.env['HTTPS_PROXY'] = url;
      await (
        await connected(t, await put('config', kubeconfig({ token: 't' })))
      )();
      assert.deepEqual(asked, []);
    });
  });

  it('plain HTTP, as kubectl proxy speaks it', async (t) => {
    const plain = createHttp((request, response) => response.end(request.headers.authorization));
    const url = `http://127.0.0.1:${String(await listening(plain))}`;
    t.after(() => plain.close());
    const transport = await connectCluster({
      file: await put('config', kubeconfig({ token: 't' }, { server: url, 'certificate-authority-data': undefined })),
    });
    t.after(() => transport.close());
    const { body } = await transport.controlPlane({ method: 'GET', path: '/', query: [], headers: {} }, new AbortController().signal);
    assert.equal(await textOf(body), 'Bearer t');
  });
});

function listening(server: { listen(port: number, host: string, done: () => void): unknown; address(): unknown }): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** The server asks for a certificate and believes any. */
function clientPair(): Promise<Certificates> {
  return certificates({ disk: memoryDisk(), names: ['client.example'], now: Date.now() });
}

function fingerprintOf(pair: Certificates | undefined): string {
  assert.ok(pair);
  return new X509Certificate(pair.cert).fingerprint256;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
