import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { UserError } from '../base/errors.ts';
import type { ApiRequest } from '../meta/control-plane.ts';
import { certificates } from '../net/certificates.ts';
import { serveControlPlane, type Serving } from '../net/serve-control-plane.ts';
import type { Transport } from '../net/undici-control-plane.ts';
import { fileDisk } from '../system/file-disk.ts';
import { pinoLog } from '../system/log.ts';
import { connectCluster, type ClusterOptions } from './cluster.ts';

const account = 'var/run/secrets/kubernetes.io/serviceaccount';
const variables = ['KUBECONFIG', 'HOME', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'] as const;

describe('whose credentials the programs use', () => {
  const environment = variables.map((name) => [name, process.env[name]] as const);
  let folder: string;
  let serving: Serving;
  let ca: string;
  const asked: ApiRequest[] = [];
  const transports: Transport[] = [];
  let now = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hypersphere-cluster-'));
    const disk = fileDisk(join(folder, 'certificates'));
    await disk.lock();
    const tls = await certificates({ disk, names: ['127.0.0.1'], now: Date.now() });
    await disk.unlock();
    ca = tls.ca;
    serving = await serveControlPlane(
      (request) => {
        asked.push(request);
        return Promise.resolve({ status: 200, headers: {}, body: new Blob([]).stream() });
      },
      { host: '127.0.0.1', port: 0, tls, log: pinoLog({ level: 'error' }) },
    );
    for (const name of variables) Reflect.deleteProperty(process.env, name);
    process.env['HOME'] = join(folder, 'home');
  });
  afterEach(async () => {
    for (const name of variables) if (name !== 'HOME') Reflect.deleteProperty(process.env, name);
    for (const transport of transports.splice(0)) await transport.close();
    await rm(join(folder, account), { recursive: true, force: true });
  });
  after(async () => {
    for (const [name, value] of environment) if (value !== undefined) process.env[name] = value;
    await serving.close();
    await rm(folder, { recursive: true });
  });

  const put = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  const kubeconfig = (user: object): string =>
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: serving.url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
  const connect = async (options: ClusterOptions): Promise<() => Promise<string | undefined>> => {
    const transport = await connectCluster({ ...options, clock: { monotonic: () => now } });
    transports.push(transport);
    return async () => {
      const { body } = await transport.controlPlane(
        { method: 'GET', path: '/version', query: [], headers: {} },
        new AbortController().signal,
      );
      for await (const piece of body) assert.equal(piece.length, 0);
      return asked.at(-1)?.headers['authorization'];
    };
  };
  const inPod = async (token: string): Promise<void> => {
    process.env['KUBERNETES_SERVICE_HOST'] = serving.address.host;
    process.env['KUBERNETES_SERVICE_PORT'] = String(serving.address.port);
    await put(`${account}/ca.crt`, ca);
    await put(`${account}/token`, token);
  };

  it("in a Pod: its service account's, at the server and with the authority that the Pod is told", async () => {
    await inPod('first');
    const authorization = await connect({ podRoot: folder });
    assert.equal(await authorization(), 'Bearer first');
  });

  it("a service account's token is read again, as the kubelet writes it anew", async () => {
    await inPod('first');
    const authorization = await connect({ podRoot: folder });
    await authorization();
    await put(`${account}/token`, 'second\n');
    now += 60_000;
    assert.equal(await authorization(), 'Bearer second');
  });

  it('a token file that is away for a moment leaves the token that was read last', async () => {
    await inPod('first');
    const authorization = await connect({ podRoot: folder });
    await authorization();
    await rm(join(folder, account, 'token'));
    now += 60_000;
    assert.equal(await authorization(), 'Bearer first');
  });

  it('a kubeconfig goes before the Pod', async () => {
    await inPod('of the Pod');
    process.env['KUBECONFIG'] = await put('other', kubeconfig({ token: 'of the file' }));
    const authorization = await connect({ podRoot: folder });
    assert.equal(await authorization(), 'Bearer of the file');
  });

  it("a kubeconfig's tokenFile: relative to it, before a token, and read again", async () => {
    const file = await put('rotating/config', kubeconfig({ tokenFile: 'token', token: 'stale' }));
    await put('rotating/token', 'one\n');
    const authorization = await connect({ file });
    assert.equal(await authorization(), 'Bearer one');
    await put('rotating/token', 'two\n');
    now += 60_000;
    assert.equal(await authorization(), 'Bearer two');
  });

  it('mistakes are told in words', async () => {
    const no = (options: ClusterOptions, words: RegExp): Promise<void> =>
      assert.rejects(connectCluster(options), (error) => error instanceof UserError && words.test(error.message));
    await no({}, /no cluster to go to.*--kubeconfig or KUBECONFIG/);
    await no({ file: await put('empty', '{}') }, /has no current context/);
    await no({ file: join(folder, 'nowhere') }, /cannot be read: ENOENT/);
    await no({ file: await put('lost', kubeconfig({ tokenFile: 'gone' })) }, /token file .*gone cannot be read: ENOENT/);
    await put('gone', ' \n');
    await no({ file: join(folder, 'lost') }, /it is empty/);
    process.env['KUBERNETES_SERVICE_HOST'] = serving.address.host;
    await no({ podRoot: folder }, /the Pod has no service account: .*token is not there/);
  });
});
