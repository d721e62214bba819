import type { Runtime } from '../../base/runtime.ts';
import type { ApiRequest } from '../../meta/control-plane.ts';
import type { UnknownObject } from '../../meta/objects.ts';
import type { Store } from '../store/types.ts';
import type { UserInfo } from './auth.ts';
import type { Query } from './query.ts';
import type { Registry } from './registry/registry.ts';
import type { Description, Resource } from './registry/resource.ts';
import type { Hubs } from './watch/hubs.ts';

/** All that a running API server is made of. */
export interface Server {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly registry: Registry;
  readonly hubs: Hubs;
  /** Aborted when the server is closed, or its process is asked to stop. */
  readonly stopping: AbortSignal;
  /** Called with each written object of `resource`, before the writer is answered: undefined when it was removed. */
  committed(resource: Description, name: string, object: UnknownObject | undefined): void;
}

/** One request for a resource, with everything that its path and headers say. */
export interface Call {
  readonly server: Server;
  readonly resource: Resource;
  /** Undefined for a cluster-scoped kind, and for a list over all namespaces. */
  readonly namespace?: string;
  readonly name?: string;
  readonly user: UserInfo;
  readonly method: ApiRequest['method'];
  readonly query: Query;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** Becomes a Warning header of the answer. */
  readonly warn: (text: string) => void;
}
