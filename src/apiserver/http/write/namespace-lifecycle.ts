import type { ApiError } from '../../../meta/status.ts';
import { forbiddenObject, notFound } from '../errors.ts';
import { namespaces } from '../kinds/namespace.ts';
import { storageKey } from '../registry/resource.ts';
import type { Call } from '../server.ts';

/** Nothing is made in a namespace that is not there, or that is going. @throws {ApiError} 404 or 403. */
export function checkNamespace(call: Call, name: string): void {
  const { namespace, server } = call;
  if (namespace === undefined) return;
  const found = server.store.get(storageKey(namespaces.storage, undefined, namespace));
  if (found === undefined) throw notFound(namespaces, namespace);
  if (found.object.metadata.deletionTimestamp !== undefined) throw terminating(call, name, namespace);
}

function terminating({ resource }: Call, name: string, namespace: string): ApiError {
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' };
  return forbiddenObject(resource, name, `unable to create new content in namespace ${namespace} because it is being terminated`, [cause]);
}
