/** The embedded API server behind a port of this machine, with the kubeconfig that leads to it. */
import { join } from 'node:path';
import { apiServer } from '../../apiserver/server.ts';
import { messageOf, UserError } from '../../base/errors.ts';
import type { Runtime } from '../../base/runtime.ts';
import type { ControlPlane } from '../../meta/control-plane.ts';
import { certificates } from '../../net/certificates.ts';
import { kubeconfigFor } from '../../net/kubeconfig.ts';
import { serveControlPlane } from '../../net/serve-control-plane.ts';
import { manifestsIn } from '../install.ts';
import { writePrivate, type DataDirectory } from './data-directory.ts';

export interface ApiOptions {
  readonly data: DataDirectory;
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
  readonly kubeconfig: string;
  close(): Promise<void>;
}

const root = join(import.meta.dirname, '../../..');

/** @throws {UserError} when the port cannot be had, or the data cannot be read. */
export async function startApi({ data, runtime, bind, port, kubeconfig, namespace }: ApiOptions): Promise<Api> {
  const crds = await manifestsIn(join(root, 'crds'));
  const tokens = new Map([[data.token, { username: 'admin', groups: ['system:masters'] }]]);
  const server = await apiServer({ disk: data.api, runtime, tokens, crds });
  try {
    const names = [...new Set(['localhost', '127.0.0.1', '::1', ...(bind === '0.0.0.0' || bind === '::' ? [] : [bind])])];
    const tls = await certificates({ disk: data.certificates, names, now: runtime.clock.now() });
    const serving = await serve(server.handler, { host: bind, port, tls, log: runtime.log });
    const file = kubeconfig ?? join(data.path, 'kubeconfig');
    const url = reachable(serving.url);
    const text = kubeconfigFor({ server: url, ca: tls.ca, token: data.token, user: 'admin', cluster: 'hypersphere', namespace });
    await writePrivate(file, text, '--kubeconfig');
    const close = async (): Promise<void> => {
      await serving.close();
      await server.close();
    };
    return { controlPlane: withToken(server.handler, data.token), url, kubeconfig: file, close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function serve(handler: ControlPlane, options: Parameters<typeof serveControlPlane>[1]): ReturnType<typeof serveControlPlane> {
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
