/** What the life of a VM asks of an API server, from its create to its Ready, as the server's own audit log has it. */
import { readFile } from 'node:fs/promises';
import { systemNamespace } from '../../src/api/common.ts';
import type { Size } from './measure.ts';

/** One request that can be sent again for another VM. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, with `recordedName(n)` where the VM's name stands. */
  readonly uri: string;
  readonly type: string;
  readonly body: string;
}

export interface Recording {
  /** For each recorded VM its requests, in their order. */
  readonly chains: readonly (readonly RecordedRequest[])[];
  /** The watches that were open meanwhile, path and query, one for each. */
  readonly watches: readonly string[];
}

/** No name of one is the beginning of another's. */
export const recordedName = (index: number): string => `recorded-${String.fromCharCode(97 + index)}-vm`;

interface AuditEvent {
  readonly verb: string;
  readonly stage: string;
  readonly requestURI: string;
  readonly responseStatus?: { readonly code?: number };
  readonly requestObject?: unknown;
}

const methods: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', patch: 'PATCH', get: 'GET', delete: 'DELETE' };

/** Reads the log of a small fleet whose `vms` VMs bear the recorded names. */
export async function recordingFrom(auditLog: string, { vms }: Pick<Size, 'vms'>): Promise<Recording> {
  const events = (await readFile(auditLog, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditEvent);
  const done = events.filter(({ stage, responseStatus }) => stage === 'ResponseComplete' && (responseStatus?.code ?? 500) < 300);
  const chains = Array.from({ length: vms }, (_, index) => done.flatMap((event) => requestOf(event, recordedName(index)) ?? []));
  const watches = events.filter(({ verb, stage }) => verb === 'watch' && stage === 'ResponseStarted').map(({ requestURI }) => requestURI);
  return { chains, watches: watches.filter(isOurs).map(fromNow) };
}

/** What Kubernetes itself watches is there on any server. */
function isOurs(uri: string): boolean {
  return uri.includes('hypersphere.io') || uri.startsWith('/api/v1/nodes') || uri.includes(systemNamespace);
}

function fromNow(uri: string): string {
  const [path = '', query = ''] = uri.split('?');
  const words = new URLSearchParams(query);
  words.delete('resourceVersion');
  words.delete('timeoutSeconds');
  return `${path}?${words.toString()}`;
}

function requestOf({ verb, requestURI, requestObject }: AuditEvent, name: string): RecordedRequest | undefined {
  const method = methods[verb];
  const body = requestObject === undefined ? '' : JSON.stringify(withoutPreconditions(requestObject));
  // A host's usage is told by the minute, whatever VMs do.
  if (method === undefined || requestURI.includes('/hostusages') || !(requestURI.includes(name) || body.includes(name))) return undefined;
  return { method, uri: requestURI, type: typeOf(method, requestObject), body };
}

/** The log does not tell the type of a patch; only one that is applied says what kind it is of. */
function typeOf(method: string, body: unknown): string {
  if (method !== 'PATCH') return 'application/json';
  return typeof body === 'object' && body !== null && 'kind' in body ? 'application/apply-patch+yaml' : 'application/merge-patch+json';
}

/** The versions and uids of the recorded objects are not those of the ones to come. */
function withoutPreconditions(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('metadata' in body)) return body;
  const { metadata, ...rest } = body as { metadata: Record<string, unknown> };
  const kept = Object.entries(metadata).filter(([key]) => !['resourceVersion', 'uid', 'creationTimestamp', 'managedFields'].includes(key));
  return { ...rest, metadata: Object.fromEntries(kept) };
}
