import { must, UserError } from '../../base/errors.ts';
import { ApiError } from '../../meta/status.ts';
import { isObject } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { Query } from './query.ts';
import { namespaces, systemNamespaces } from './kinds/namespace.ts';
import { storageKey } from './registry/resource.ts';
import type { Description } from './registry/resource.ts';
import type { Call, Server } from './server.ts';
import { textAt } from './values.ts';
import { create } from './verbs/create.ts';
import { patch } from './verbs/patch.ts';

const encoder = new TextEncoder();

/** A request of the server's own, in its own name. */
function ownCall(server: Server, { group, version, plural }: Description, sent: Pick<Call, 'method' | 'name'>, body: object): Call {
  const apply = sent.method === 'PATCH';
  return {
    ...sent,
    server,
    resource: must(server.registry.find(group, version, plural), plural),
    user: { username: 'system:apiserver', groups: ['system:masters'] },
    query: new Query([['fieldManager', 'apiserver'], ...(apply ? [['force', 'true'] as const] : [])]),
    headers: { 'content-type': apply ? 'application/apply-patch+yaml' : 'application/json' },
    body: encoder.encode(JSON.stringify(body)),
    signal: server.stopping,
    warn: (text) => {
      server.runtime.log.warn('a warning about what the server itself wrote', { warning: text });
    },
  };
}

/** Makes the namespaces that always exist. */
export async function makeSystemNamespaces(server: Server): Promise<void> {
  for (const name of systemNamespaces) {
    if (server.store.get(storageKey(namespaces.storage, undefined, name)) !== undefined) continue;
    await create(ownCall(server, namespaces, { method: 'POST' }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  }
}

/** Applies `crds`, so that their kinds are served. @throws {UserError} for one that is not valid. */
export async function installDefinitions(server: Server, definitions: Description, crds: readonly object[]): Promise<void> {
  for (const crd of crds) {
    const wanted = definitionOf(crd);
    const name = textAt(wanted, 'metadata', 'name');
    try {
      await patch(ownCall(server, definitions, { method: 'PATCH', name }, wanted), 'main');
    } catch (error) {
      if (error instanceof ApiError) throw new UserError(error.message);
      throw error;
    }
  }
}

function definitionOf(crd: object): JsonObject {
  if (isObject(crd) && crd['kind'] === 'CustomResourceDefinition' && textAt(crd, 'metadata', 'name') !== '') return crd;
  throw new UserError(`not a CustomResourceDefinition: ${JSON.stringify(crd).slice(0, 80)}`);
}
