/** The embedded API server behind a port of this machine, with the kubeconfig that leads to it. */
import { join, resolve } from 'node:path';
import { apiServer } from '../../apiserver/server.ts';
import { messageOf, UserError } from '../../base/errors.ts';
import type { Runtime } from '../../base/runtime.ts';
import type { ControlPlane } from '../../meta/control-plane.ts';
import { certificates, type Certificates } from '../../net/certificates.ts';
import { kubeconfigFor } from '../../net/kubeconfig.ts';
import { keepRenewed } from '../../net/renewal.ts';
import { serveControlPlane, type Serving } from '../../net/serve-control-plane.ts';
import { manifestsIn } from '../install.ts';
import type { DataDirectory } from './data-directory.ts';
import { writePrivate } from './private-file.ts';

export interface ApiOptions {
  readonly data: Pick<DataDirectory, 'path' | 'token' | 'api' | 'certificates'>;
  readonly runtime: Runtime;
  readonly bind: string;
  readonly port: number;
  /** Absent: beside the data. */
  readonly kubeconfig: string | undefined;
  /** The namespace that kubectl uses when none is named. */
  readonly namespace: string;
}

export interface Api {
  /** The server itself, without a socket, for a client that has the token. */
  readonly controlPlane: ControlPlane;
  readonly url: string;
  /** Its absolute path. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}

const root = join(import.meta.dirname, '../../..');

/** @throws {UserError} when the port cannot be had, or the data cannot be read. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { data, runtime } = options;
  const crds = await manifestsIn(join(root, 'crds'));
  const tokens = new Map([[data.token, { username: 'admin', groups: ['system:masters'] }]]);
  const server = await apiServer({ disk: data.api, runtime, tokens, crds });
  try {
    const front = await openFront(options, server.handler);
    const close = async (): Promise<void> => {
      await front.close();
      await server.close();
    };
    return { controlPlane: withToken(server.handler, data.token), url: front.url, kubeconfig: front.kubeconfig, close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** The port and the kubeconfig; its certificates are renewed while it is open. */
async function openFront(options: ApiOptions, handler: ControlPlane): Promise<Omit<Api, 'controlPlane'>> {
  const { data, runtime, bind, port } = options;
  const names = [...new Set(['localhost', '127.0.0.1', '::1', ...(bind === '0.0.0.0' || bind === '::' ? [] : [bind])])];
  const current = await certificates({ disk: data.certificates, names, now: runtime.clock.now() });
  const serving = await serve(handler, { host: bind, port, tls: current, log: runtime.log });
  const url = reachable(serving.url);
  const kubeconfig = resolve(options.kubeconfig ?? join(data.path, 'kubeconfig'));
  const use = async (fresh: Certificates): Promise<void> => {
    await writeKubeconfig(kubeconfig, url, fresh, options);
    serving.renew(fresh);
  };
  try {
    await writeKubeconfig(kubeconfig, url, current, options);
  } catch (error) {
    await serving.close();
    throw error;
  }
  const closing = new AbortController();
  const renewing = keepRenewed({ disk: data.certificates, names, clock: runtime.clock, log: runtime.log, current, use }, closing.signal);
  const close = async (): Promise<void> => {
    closing.abort();
    await Promise.all([renewing, serving.close()]);
  };
  return { url, kubeconfig, close };
}

function writeKubeconfig(file: string, server: string, { ca }: Certificates, { data, namespace }: ApiOptions): Promise<void> {
  const text = kubeconfigFor({ server, ca, token: data.token, user: 'admin', cluster: 'hypersphere', namespace });
  return writePrivate(file, text, '--kubeconfig');
}

async function serve(handler: ControlPlane, options: Parameters<typeof serveControlPlane>[1]): Promise<Serving> {
  try {
    return await serveControlPlane(handler, options);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${messageOf(error)}\nChoose another place with --bind and --port (0: any port that is free).`);
  }
}

/** All addresses of the machine are no address to go to. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

function withToken(handler: ControlPlane, token: string): ControlPlane {
  return (request, signal) => handler({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } }, signal);
}
