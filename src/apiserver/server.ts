import type { Disk } from '../base/disk.ts';
import { UserError } from '../base/errors.ts';
import type { Runtime } from '../base/runtime.ts';
import type { ControlPlane } from '../meta/control-plane.ts';
import type { UnknownObject } from '../meta/objects.ts';
import type { Tokens } from './http/auth.ts';
import { cleanUp } from './http/crd/cleanup.ts';
import { customs, definitionsIn, definitionsPrefix } from './http/crd/customs.ts';
import { customResourceDefinitions, withDecision } from './http/crd/kind.ts';
import { reconsidering } from './http/crd/reconsider.ts';
import { expireEvents } from './http/event-ttl.ts';
import { handler } from './http/handler.ts';
import { builtInKinds } from './http/kinds/all.ts';
import { kindSchema, type KindSchemas } from './http/registry/kind-schema.ts';
import { registry } from './http/registry/registry.ts';
import type { Server } from './http/server.ts';
import { installDefinitions, makeSystemNamespaces } from './http/start.ts';
import { hubs } from './http/watch/hubs.ts';
import { openStore } from './store/store.ts';
import type { Store } from './store/types.ts';

export type { Tokens, UserInfo } from './http/auth.ts';
export { keptSchemas, type KindSchemas } from './http/registry/kind-schema.ts';

export interface ApiServerOptions {
  readonly runtime: Runtime;
  /** Who may ask, by bearer token. Every one of them may do everything. */
  readonly tokens: Tokens;
  /** Where objects are kept; or a store that is open already, which stays the caller's to close. */
  readonly disk?: Disk;
  readonly store?: Store;
  /** CustomResourceDefinitions to serve from the start: made, or brought up to date, in the store. */
  readonly crds?: readonly object[];
  /** Where compiled schemas come from; by default each server compiles its own, when they are first needed. */
  readonly schemas?: KindSchemas;
}

export interface ApiServer {
  /** Answers as a Kubernetes API server does. */
  readonly handler: ControlPlane;
  readonly store: Store;
  /** Ends all watches, finishes the writes under way, and gives the disk back. */
  close(): Promise<void>;
}

/**
 * Starts the embedded Kubernetes API server.
 * @throws {UserError} when the disk can't be used, or a CRD is not valid.
 */
export async function apiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { runtime, tokens, crds = [], schemas = kindSchema } = options;
  const store = await storeOf(options);
  const definitions = customResourceDefinitions(() => definitionsIn(store), runtime.clock);
  const served = registry([...builtInKinds, definitions], schemas);
  const closing = new AbortController();
  runtime.stopping.addEventListener('abort', () => closing.abort(), { once: true, signal: closing.signal });
  const watches = hubs(store, runtime, closing.signal);
  const decide = (object: UnknownObject): UnknownObject => withDecision(object, definitionsIn(store), runtime.clock.now());
  const custom = customs(served, schemas, {
    retire: watches.retire,
    deleting: (definition) => void cleanUp(server, definitions, definition),
    renamed: reconsidering(() => server, definitions, decide),
  });
  const server: Server = {
    runtime,
    store,
    registry: served,
    hubs: watches,
    stopping: closing.signal,
    committed: (resource, name, object) => {
      if (resource.storage.prefix === definitionsPrefix) custom.follow(name, object);
    },
  };
  for (const definition of definitionsIn(store)) custom.follow(definition.metadata.name, definition);
  const answer = handler(server, tokens);
  await makeSystemNamespaces(server);
  await installDefinitions(server, definitions, crds);
  void expireEvents(server);
  const close = async (): Promise<void> => {
    closing.abort();
    watches.end();
    if (options.store === undefined) await store.close();
  };
  return { handler: answer, store, close };
}

function storeOf({ disk, store, runtime }: ApiServerOptions): Store | Promise<Store> {
  if (store !== undefined) return store;
  if (disk === undefined) throw new UserError('the API server needs a disk or a store');
  return openStore(disk, { clock: runtime.clock, log: runtime.log });
}
