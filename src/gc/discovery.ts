import { isRecord } from '../kube/answers.ts';
import type { Requester } from '../kube/requester.ts';
import type { ResourceType } from '../meta/resource.ts';

/** What a server serves: each resource once, in the version that it prefers. */
export interface ServedResource extends ResourceType {
  readonly verbs: ReadonlySet<string>;
}

/** A snapshot of what a server serves. */
export interface Served {
  readonly resources: readonly ServedResource[];
  /** The resource of a kind. The version does not matter: an object has one uid in all of them. */
  byKind(apiVersion: string, kind: string): ServedResource | undefined;
}

/** Reads discovery in its aggregated form. @throws {ApiError} @throws {ConnectionLost} @throws {Stopped} */
export async function discover(requester: Requester, signal: AbortSignal): Promise<Served> {
  const [core, groups] = await Promise.all(
    ['/api', '/apis'].map((path) => requester.json({ verb: 'discover', method: 'GET', path }, signal)),
  );
  return servedOf([...resourcesIn(core), ...resourcesIn(groups)]);
}

/** The Accept header that asks for aggregated discovery. */
export const discoveryAccept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export function servedOf(resources: readonly ServedResource[]): Served {
  const byKind = new Map(resources.map((resource) => [`${resource.group}/${resource.kind}`, resource]));
  return { resources, byKind: (apiVersion, kind) => byKind.get(`${groupOf(apiVersion)}/${kind}`) };
}

/** `apps/v1` → `apps`; `v1` → the empty name of the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** Versions stand in the order of the server's preference, so the first that has a resource is the one to use. */
function resourcesIn(list: unknown): ServedResource[] {
  const found = new Map<string, ServedResource>();
  for (const group of items(list, 'items')) {
    for (const resource of items(group, 'versions').flatMap((version) => resourcesOf(group, version))) {
      const key = `${resource.group}/${resource.plural}`;
      if (!found.has(key)) found.set(key, resource);
    }
  }
  return [...found.values()];
}

function resourcesOf(group: Record<string, unknown>, version: Record<string, unknown>): ServedResource[] {
  const name = isRecord(group.metadata) && typeof group.metadata.name === 'string' ? group.metadata.name : '';
  return items(version, 'resources').flatMap((raw) => resourceFrom(name, String(version.version), raw) ?? []);
}

function resourceFrom(group: string, version: string, raw: Record<string, unknown>): ServedResource | undefined {
  const kind = isRecord(raw.responseKind) ? raw.responseKind.kind : undefined;
  if (typeof raw.resource !== 'string' || typeof kind !== 'string' || !Array.isArray(raw.verbs)) return undefined;
  return { group, version, kind, plural: raw.resource, namespaced: raw.scope === 'Namespaced', verbs: new Set(raw.verbs.map(String)) };
}

function items(from: unknown, field: string): Record<string, unknown>[] {
  const value = isRecord(from) ? from[field] : undefined;
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
