/** A cluster that a person already has: its kubeconfig, with all the ways to authenticate that client-node knows. */
import { KubeConfig } from '@kubernetes/client-node';
import { messageOf, UserError } from '../base/errors.ts';
import { undiciControlPlane, type Transport, type TransportOptions } from '../net/undici-control-plane.ts';

/** How long an answer of an authenticator (an exec plug-in, a token file) is kept before it is asked again, milliseconds. They keep their own expiry besides. */
const keepTokenMs = 10_000;

export interface ClusterOptions {
  /** A kubeconfig; absent: KUBECONFIG, ~/.kube/config, or the service account of the Pod. */
  readonly file?: string;
  readonly connections?: number;
}

/** @throws {UserError} when there is no such file, or no current context in it. */
export async function connectCluster({ file, connections }: ClusterOptions): Promise<Transport> {
  const config = loaded(file);
  return undiciControlPlane({
    ...(await endpointOf(config)),
    token: tokens(config),
    ...(connections === undefined ? {} : { connections }),
  });
}

function loaded(file: string | undefined): KubeConfig {
  const config = new KubeConfig();
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    throw new UserError(`the kubeconfig ${file ?? ''} cannot be read: ${messageOf(error)}`);
  }
  if (config.getCurrentCluster() === null) {
    throw new UserError(`the kubeconfig ${file ?? ''} has no current context: kubectl config use-context NAME sets it`);
  }
  return config;
}

async function endpointOf(config: KubeConfig): Promise<Omit<TransportOptions, 'token'>> {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new UserError('the kubeconfig has no current context');
  const options: { ca?: string | Buffer; cert?: string | Buffer; key?: string | Buffer; auth?: string } = {};
  await config.applyToHTTPSOptions(options);
  return {
    server: cluster.server,
    ...present('ca', options.ca),
    ...present('cert', options.cert),
    ...present('key', options.key),
    ...(typeof options.auth === 'string' ? { headers: { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` } } : {}),
    ...(cluster.skipTLSVerify ? { insecure: true } : {}),
    ...(cluster.tlsServerName === undefined ? {} : { serverName: cluster.tlsServerName }),
    ...(cluster.proxyUrl === undefined ? {} : { proxy: cluster.proxyUrl }),
  };
}

function present<K extends string>(name: K, value: unknown): { [key in K]?: string } {
  if (typeof value === 'string') return { [name]: value } as { [key in K]?: string };
  return Buffer.isBuffer(value) ? ({ [name]: value.toString('utf8') } as { [key in K]?: string }) : {};
}

/** The bearer token of this moment, as the kubeconfig's user gets it. */
function tokens(config: KubeConfig): () => Promise<string | undefined> {
  let known: { readonly token: string | undefined; readonly until: number } | undefined;
  return async () => {
    if (known !== undefined && performance.now() < known.until) return known.token;
    const options: { headers: Record<string, string> } = { headers: {} };
    await config.applyToHTTPSOptions(options);
    const token = /^Bearer (.+)$/.exec(options.headers['Authorization'] ?? '')?.[1];
    known = { token, until: performance.now() + keepTokenMs };
    return token;
  };
}
