/**
 * How operators find the process that holds the simulated hosts: a Secret says where it is, whom to believe, and what to show. It is written anew each
 * time that the world begins, and kept nowhere else.
 */
import { randomBytes } from 'node:crypto';
import { simulationManager, systemNamespace } from '../api/common.ts';
import { messageOf } from '../base/errors.ts';
import type { Runtime } from '../base/runtime.ts';
import type { Client } from '../kube/types.ts';
import { Secret } from '../meta/core.ts';
import { certificates, type CertificateDisk } from '../net/certificates.ts';
import type { Address } from '../net/listen.ts';
import { serveControlPlane } from '../net/serve-control-plane.ts';
import { undiciControlPlane } from '../net/undici-control-plane.ts';
import { siteServer } from '../sim/site/site-server.ts';
import type { Way } from '../sim/site/follow.ts';
import type { SimulatedWorld } from '../sim/world/world.ts';

/** Until what could not be said is said again, milliseconds. */
const againMs = 1_000;

const secret = { namespace: systemNamespace, name: 'hypersphere-simulated-hosts' };

export interface OfferOptions {
  readonly world: SimulatedWorld;
  readonly client: Client;
  readonly runtime: Runtime;
  readonly address: Address;
}

/** Serves the world to operators, and says where as soon as that can be said. @returns how to end it. @throws {UserError} when the address cannot be had. */
export async function offerSite({ world, client, runtime, address }: OfferOptions): Promise<() => Promise<void>> {
  const { clock, log } = runtime;
  const token = randomBytes(32).toString('base64url');
  const tls = await certificates({ disk: forNow(), names: [address.host], now: clock.now() });
  const serving = await serveControlPlane(siteServer({ world, clock, token }), { ...address, tls, log, grace: 0 });
  await publish(client, runtime, { url: serving.url, 'ca.crt': tls.ca, token });
  return () => serving.close();
}

/** The API server may be away for now. */
async function publish(client: Client, { clock, log, stopping }: Runtime, text: Record<string, string>): Promise<void> {
  const object = { apiVersion: 'v1', kind: Secret.kind, metadata: secret, data: mapped(text, encoded) };
  while (!stopping.aborted) {
    try {
      await client.apply(Secret, secret, object, { fieldManager: simulationManager });
      return;
    } catch (error) {
      log.warn('the simulated hosts are not offered to operators yet', { error: messageOf(error) });
      await clock.sleep(againMs, stopping).catch(() => undefined);
    }
  }
}

/** The way to the world, as the Secret says now; undefined: none has been offered yet. */
export async function findSite(client: Client): Promise<Way | undefined> {
  const { url, token, 'ca.crt': ca } = mapped((await client.get(Secret, secret))?.data ?? {}, decoded);
  if (url === undefined || token === undefined || ca === undefined) return undefined;
  const transport = undiciControlPlane({ server: url, ca, token, connectTimeout: 2_000, answerTimeout: 30_000 });
  return { site: transport.controlPlane, close: () => transport.close() };
}

/** A certificate authority for this process alone. */
function forNow(): CertificateDisk {
  return { read: () => Promise.resolve(undefined), replace: () => Promise.resolve() };
}

function mapped(of: Record<string, string>, by: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(of).map(([key, text]) => [key, by(text)]));
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString();
}
