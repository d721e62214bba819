/** A cluster that a person already has: its kubeconfig, with all the ways to authenticate that client-node knows. */
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import { environmentProxy } from '../net/environment-proxy.ts';
import { undiciControlPlane, type Transport, type TransportOptions } from '../net/undici-control-plane.ts';
import { systemClock } from '../system/clock.ts';
import { authenticatorsOf } from './authenticators.ts';
import { credentials, type CredentialsOptions } from './credentials.ts';
import { identityOf, type Identity } from './identity.ts';
import { keeping } from './keeping.ts';
import { tokenFile } from './token-file.ts';

/** How long an answer of an authenticator (an exec plug-in, a token file) is kept before it is asked again, milliseconds. They keep their own expiry besides. */
const keepMs = 1_000;
/** How long a refusal stands before another makes us read the kubeconfig anew: a plug-in may ask a person. */
const refusalMs = 10_000;

export interface ClusterOptions extends CredentialsOptions {
  readonly connections?: number;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

/** @throws {UserError} when there is no cluster to go to, or what leads to it cannot be read. */
export async function connectCluster({ connections, clock = systemClock(), ...which }: ClusterOptions): Promise<Transport> {
  let found = await reading(which);
  const identity = keeping(() => found.identity(), { clock, keepMs });
  let refusedAt = -Infinity;
  /** The server may know better than an expiry that was told long ago, and a person may have written the file anew. */
  const refused = (): void => {
    if (clock.monotonic() - refusedAt < refusalMs) return;
    refusedAt = clock.monotonic();
    // While it is being written, what was read before goes on.
    void reading(which).then(
      (anew) => {
        found = anew;
        identity.forget();
      },
      () => undefined,
    );
  };
  return undiciControlPlane({
    ...endpointOf(found.config, await found.identity()),
    token: async () => (await identity.now()).token,
    identity: identity.now,
    refused,
    ...(connections === undefined ? {} : { connections }),
  });
}

interface Reading {
  readonly config: KubeConfig;
  identity(): Promise<Identity>;
}

async function reading(which: CredentialsOptions): Promise<Reading> {
  const { config, folder, tokenFile: file } = credentials(which);
  const authenticators = authenticatorsOf(config, folder);
  if (file === undefined) return { config, identity: () => identityOf(authenticators) };
  const token = tokenFile(file);
  // A mistake of the person shows at once.
  await token();
  return { config, identity: async () => ({ ...(await identityOf(authenticators)), token: await token() }) };
}

function endpointOf(config: KubeConfig, { ca, headers }: Identity): TransportOptions {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new UserError('the kubeconfig has no current context');
  const proxy = cluster.proxyUrl ?? environmentProxy(cluster.server, process.env);
  return {
    server: cluster.server,
    headers,
    ...(ca === undefined ? {} : { ca }),
    ...(cluster.skipTLSVerify ? { insecure: true } : {}),
    ...(cluster.tlsServerName === undefined ? {} : { serverName: cluster.tlsServerName }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}
