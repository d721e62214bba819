/**
 * The contract of the kube room: what controllers, agents, the simulated world and gc see of a control plane.
 * Implementations stand beside this file.
 */
import type { Log } from '../base/log.ts';
import type { KubeObject, ObjectRef } from '../meta/objects.ts';
import type { Kind, ResourceType } from '../meta/resource.ts';

export type { Kind } from '../meta/resource.ts';

/** What a writer of an object gives: a server-made field may be missing. */
export type Draft<T extends KubeObject> = Omit<T, 'metadata' | 'status'> & {
  metadata: Partial<T['metadata']> & { name: string };
  status?: unknown;
};

export interface WriteOptions {
  /** Who owns the fields. Required by `apply`; default: the client's. */
  readonly fieldManager?: string;
  readonly subresource?: 'status' | 'scale' | 'resize';
  readonly dryRun?: boolean;
}

/** Typed access to one control plane. Every call rejects with `ApiError` for an answered no, `ConnectionLost` when nobody knows, `Stopped`. */
export interface Client {
  /** The object, read from the server (not from a cache), or undefined when it is not there. */
  get<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef): Promise<T | undefined>;
  /** All objects that match, read from the server, page by page. */
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): Promise<{ items: T[]; resourceVersion: string }>;
  create<T extends KubeObject>(kind: Kind<T>, object: Draft<T>, options?: WriteOptions): Promise<T>;
  /** PUT: fails with Conflict unless `metadata.resourceVersion` is the newest. */
  update<T extends KubeObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T>;
  /** JSON merge patch. Put `metadata.resourceVersion` in it to make it conditional. */
  patch<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef, patch: object, options?: WriteOptions): Promise<T>;
  /** RFC 6902 operations. */
  jsonPatch<T extends KubeObject>(
    kind: Kind<T>,
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    options?: WriteOptions,
  ): Promise<T>;
  /** Server-side apply, forced: what `object` says is ours, and fields that we applied before and that are absent now go. */
  apply<T extends KubeObject>(
    kind: Kind<T>,
    ref: ObjectRef,
    object: object,
    options: WriteOptions & { readonly fieldManager: string },
  ): Promise<T>;
  /** True when it was there. `preconditions` make the delete fail with Conflict for another incarnation. */
  delete(kind: ResourceType, ref: ObjectRef, options?: DeleteOptions): Promise<boolean>;
  /** The same client, whose calls end (`Stopped`) with `signal` instead of with its process: for a lead that may be lost, or a last word after the stop. */
  until(signal: AbortSignal): Client;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
}

export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'test' | 'move' | 'copy';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** A local copy of a collection that follows the server. Objects in it are shared: never change them. */
export interface Cache<T extends KubeObject> {
  readonly kind: Kind<T>;
  get(ref: ObjectRef): T | undefined;
  list(): T[];
  /** The objects for which the index function `name`, given when the cache was made, returned `key`. */
  byIndex(name: string, key: string): T[];
  /** True once a whole list has been taken in. */
  synced(): boolean;
  /** Milliseconds (monotonic) since the server last said anything on the watch: bookmarks count. */
  silentFor(): number;
  /** Calls `handler` with the object before and after, each time that one changes, from now on. Undefined: was not there, is not there. Returns how to stop. */
  onChange(handler: ChangeHandler<T>): () => void;
}

export type ChangeHandler<T extends KubeObject> = (before: T | undefined, after: T | undefined) => void;

export interface CacheOptions<T extends KubeObject> extends ListOptions {
  /** Each function gives the keys under which an object is found by `byIndex`. */
  readonly indexes?: Readonly<Record<string, (object: T) => readonly string[]>>;
  /** Keep `metadata.managedFields`; by default they are dropped on the way in, since they may be half of an object. */
  readonly keepManagedFields?: boolean;
}

/** What a reconcile says: done, or look again after `requeueAfter` milliseconds. An exception means: again, with growing delay. */
export type Result = { readonly requeueAfter?: number } | undefined;

/** One kind's control loop: keys come in from caches, one at a time each, and `reconcile` makes the world agree. */
export interface ControllerSpec {
  readonly name: string;
  /** Keys at work at once. */
  readonly concurrency: number;
  /** @param log names the controller, the object and this very reconcile (`reconcileID`). */
  reconcile(ref: ObjectRef, log: Log): Promise<Result>;
  /** Called once, before the first reconcile: subscribe to caches and call `enqueue`. Use `follow` for what may be in a cache already. */
  watch(enqueue: (ref: ObjectRef) => void): void;
}

/** Writes events.k8s.io/v1 Events: only when what it says of an object is new. */
export interface EventRecorder {
  /** @param reason at most 128 characters, CamelCase. @param note at most 1,024 characters; no time stamps. */
  event(regarding: KubeObject, type: 'Normal' | 'Warning', reason: string, note: string): void;
}

/** Counters, gauges and histograms with bounded labels (never names of objects), printed in Prometheus' text format. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): { add(value: number, ...labelValues: string[]): void };
  gauge(name: string, help: string, labels?: readonly string[]): { set(value: number, ...labelValues: string[]): void };
  histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly string[],
  ): { observe(value: number, ...labelValues: string[]): void };
  print(): string;
}
