/** Claims on hosts, as they stand in the Hosts' status. Every planned change takes and releases its own by these. */
import { Host, type HostClaim } from '../api/host.ts';
import { rfc3339 } from '../base/time.ts';
import type { Client } from '../kube/types.ts';

/**
 * Claims `host` for a planned change, on condition that it is as it was read. @param said what else the claim says.
 * @throws ApiError Conflict when it has changed since, or another was faster.
 */
export function takeClaim(client: Client, host: Host, said: Omit<HostClaim, 'since'>, now: number): Promise<Host> {
  const before = host.status.claim ?? {};
  const gone = Object.fromEntries(Object.keys(before).map((field) => [field, null]));
  return writeClaim(client, host, { ...gone, ...said, since: host.status.claim?.since ?? rfc3339(now) });
}

/**
 * The planned change is over. @param also what else of the Host's status is not so any more, written with it.
 * @throws ApiError Conflict when `host` has changed since it was read.
 */
export function releaseClaim(client: Client, host: Host, also: object = {}): Promise<Host> {
  return writeClaim(client, host, null, also);
}

function writeClaim(client: Client, { metadata }: Host, claim: object | null, also: object = {}): Promise<Host> {
  const { name, uid, resourceVersion } = metadata;
  return client.patch(Host, { name }, { metadata: { uid, resourceVersion }, status: { ...also, claim } }, { subresource: 'status' });
}
