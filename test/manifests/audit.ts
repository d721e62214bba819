/** What the API server's audit log says of the requests of one service account. */
import { readFile } from 'node:fs/promises';
import type { Grant } from './roles.ts';

/** A request as the authorizer saw it. */
export interface Used extends Grant {
  readonly code: number;
  readonly allowed: boolean;
}

interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  /** Absent for what is no resource, such as /version. */
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** All that `account` of hypersphere-system asked for, each kind of request once. */
export async function usedBy(auditLog: string, account: string): Promise<Used[]> {
  const username = `system:serviceaccount:hypersphere-system:${account}`;
  const used = new Map<string, Used>();
  for (const line of (await readFile(auditLog, 'utf8')).split('\n')) {
    // Most lines are others': only ours are worth parsing. The last may be half written.
    if (!line.includes(username) || !line.endsWith('}')) continue;
    const event = JSON.parse(line) as AuditEvent;
    if (event.user.username !== username) continue;
    for (const request of requestsOf(event)) used.set(JSON.stringify(request), request);
  }
  return [...used.values()];
}

function requestsOf({ verb, requestURI, objectRef, responseStatus, annotations = {} }: AuditEvent): Used[] {
  const code = responseStatus?.code ?? 0;
  const allowed = annotations['authorization.k8s.io/decision'] === 'allow';
  if (objectRef === undefined) return [{ verb, group: '', resource: requestURI.split('?')[0] ?? '', code, allowed }];
  const { resource, subresource, apiGroup = '', namespace, name } = objectRef;
  const what = {
    verb,
    group: apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    code,
    allowed,
  };
  // A server-side apply of what is not there is a create to the authorizer, which asks a second time.
  return verb === 'patch' && code === 201 ? [what, { ...what, verb: 'create' }] : [what];
}

/** Whether the request is one of those that are granted. */
export function covers(grant: Grant, used: Used): boolean {
  return (
    grant.verb === used.verb &&
    grant.group === used.group &&
    grant.resource === used.resource &&
    (grant.namespace === undefined || grant.namespace === used.namespace) &&
    (grant.name === undefined || grant.name === used.name)
  );
}

/** Whether a narrower grant would not have done: one that holds everywhere must be used beyond the namespaces that are known beforehand. */
export function needs(grant: Grant, used: Used, known: readonly string[]): boolean {
  if (!covers(grant, used)) return false;
  return grant.namespace !== undefined || used.namespace === undefined || !known.includes(used.namespace);
}
