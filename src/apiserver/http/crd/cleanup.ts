import { messageOf, Stopped } from '../../../base/errors.ts';
import type { ObjectMeta, UnknownObject } from '../../../meta/objects.ts';
import { Conflict } from '../../store/types.ts';
import { storagePrefix } from '../registry/resource.ts';
import type { Description, Resource } from '../registry/resource.ts';
import type { Server } from '../server.ts';
import { beginDelete } from '../write/begin-delete.ts';
import { cleanupFinalizer } from './definition.ts';
import { withTerminating } from './kind.ts';
import type { Definition } from './definition.ts';
import { definitionsPrefix } from './customs.ts';
import { resourcesOf } from './resources.ts';

/** Deletes the objects of a definition that is being deleted, waits until their finalizers have let them go, and lets the definition go. */
export async function cleanUp(server: Server, crds: Description, definition: Definition): Promise<void> {
  const prefix = storagePrefix(definition.spec.group, definition.spec.names.plural);
  try {
    const changes = server.store.watch(prefix, server.store.revision());
    for (const resource of resourcesOf(definition).slice(0, 1)) await deleteAll(server, resource, prefix);
    if (!isEmpty(server, prefix))
      await rewrite(server, crds, definition.metadata.name, (object) => withTerminating(object, inProgress, now(server)));
    const iterator = changes[Symbol.asyncIterator]();
    for (let done = false; !done && !isEmpty(server, prefix); done = (await iterator.next()).done === true);
    changes.cancel();
    await letGo(server, crds, definition.metadata.name);
  } catch (error) {
    if (error instanceof Stopped) return;
    server.runtime.log.error('the objects of a CustomResourceDefinition were not deleted', {
      definition: definition.metadata.name,
      error: messageOf(error),
    });
  }
}

function isEmpty(server: Server, prefix: string): boolean {
  return server.store.list(prefix, { limit: 1 }).items.length === 0;
}

async function deleteAll(server: Server, resource: Resource, prefix: string): Promise<void> {
  const { items } = server.store.list(prefix);
  await Promise.all(items.map(({ key }) => settle(server, resource, key)));
}

/** Deletes what stands at `key`, or begins to; again while somebody else is faster. */
async function settle(server: Server, resource: Resource, key: string): Promise<void> {
  for (let stored = server.store.get(key); stored !== undefined; stored = server.store.get(key)) {
    const step = beginDelete(resource, stored.object, { dryRun: false }, server.runtime.clock.now());
    if (step === stored.object) return;
    try {
      if ('metadata' in step) await server.store.put(key, stored.revision, step);
      else await server.store.remove(key, stored.revision, step.last);
      return;
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}

const inProgress = { status: 'True', reason: 'InstanceDeletionInProgress', message: 'CustomResource deletion is in progress' } as const;
const completed = { status: 'False', reason: 'InstanceDeletionCompleted', message: 'removed all instances' } as const;

function now(server: Server): number {
  return server.runtime.clock.now();
}

/** Takes our finalizer off the definition; when it was the last one, the definition is gone. */
function letGo(server: Server, crds: Description, name: string): Promise<void> {
  return rewrite(server, crds, name, (object) => withoutFinalizer(withTerminating(object, completed, now(server))));
}

/** Writes the definition anew, or takes it away when nothing holds it; again while somebody else is faster. */
async function rewrite(server: Server, crds: Description, name: string, next: (object: UnknownObject) => UnknownObject): Promise<void> {
  const key = `${definitionsPrefix}${name}`;
  for (let stored = server.store.get(key); stored !== undefined; stored = server.store.get(key)) {
    const after = next(stored.object);
    try {
      if (after.metadata.finalizers === undefined) await server.store.remove(key, stored.revision, after);
      else await server.store.put(key, stored.revision, after);
      server.committed(crds, name, after.metadata.finalizers === undefined ? undefined : after);
      return;
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}

function withoutFinalizer(object: UnknownObject): UnknownObject {
  const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer);
  if (finalizers.length > 0) return { ...object, metadata: { ...object.metadata, finalizers } };
  const rest: ObjectMeta = { ...object.metadata };
  delete rest.finalizers;
  return { ...object, metadata: rest };
}
