/** A cluster that a person already has: its kubeconfig, with all the ways to authenticate that client-node knows. */
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import { undiciControlPlane, type Transport, type TransportOptions } from '../net/undici-control-plane.ts';
import { systemClock } from '../system/clock.ts';
import { credentials, type CredentialsOptions } from './credentials.ts';
import { tokenFile } from './token-file.ts';

/** How long an answer of an authenticator (an exec plug-in, a token file) is kept before it is asked again, milliseconds. They keep their own expiry besides. */
const keepTokenMs = 10_000;

export interface ClusterOptions extends CredentialsOptions {
  readonly connections?: number;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

/** @throws {UserError} when there is no cluster to go to, or what leads to it cannot be read. */
export async function connectCluster({ connections, clock = systemClock(), ...which }: ClusterOptions): Promise<Transport> {
  const { config, tokenFile: file } = credentials(which);
  const ask = file === undefined ? () => askAuthenticator(config) : tokenFile(file);
  // A mistake of the person shows at once.
  if (file !== undefined) await ask();
  return undiciControlPlane({
    ...(await endpointOf(config)),
    token: keeping(ask, clock),
    ...(connections === undefined ? {} : { connections }),
  });
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
async function askAuthenticator(config: KubeConfig): Promise<string | undefined> {
  const options: { headers: Record<string, string> } = { headers: {} };
  await config.applyToHTTPSOptions(options);
  return /^Bearer (.+)$/.exec(options.headers['Authorization'] ?? '')?.[1];
}

function keeping<T>(ask: () => Promise<T>, clock: Pick<Clock, 'monotonic'>): () => Promise<T> {
  let known: { readonly value: T; readonly until: number } | undefined;
  return async () => {
    if (known === undefined || clock.monotonic() >= known.until) known = { value: await ask(), until: clock.monotonic() + keepTokenMs };
    return known.value;
  };
}
