/** A small API server in memory, as far as gc needs one, and a gc at work on it, on a virtual clock. */
import { setImmediate } from 'node:timers/promises';
import { rfc3339 } from '../base/time.ts';
import { client } from '../kube/client.ts';
import { isRecord } from '../kube/answers.ts';
import { answer, bodyOf, queryOf, refusal, testRuntime, type TestRuntime } from '../kube/test-support.ts';
import type { Client } from '../kube/types.ts';
import { ConnectionLost, type ApiRequest, type ApiResponse, type ControlPlane } from '../meta/control-plane.ts';
import { keyOf, type KubeObject, type ObjectRef, type OwnerReference, type UnknownObject } from '../meta/objects.ts';
import { apiVersionOf, type Kind, type ResourceType } from '../meta/resource.ts';
import { failure } from '../meta/status.ts';
import { virtualClock } from '../sim/clock.ts';
import { runGc } from './run-gc.ts';

const core = (kind: string, plural: string, namespaced: boolean): ResourceType => ({ group: '', version: 'v1', kind, plural, namespaced });
const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

export const ConfigMap: Kind<KubeObject> = core('ConfigMap', 'configmaps', true);
export const Thing: Kind<KubeObject> = { group: 'test.example', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true };
export const Rack: Kind<KubeObject> = { group: 'test.example', version: 'v1', kind: 'Rack', plural: 'racks', namespaced: false };
export const Late: Kind<KubeObject> = { group: 'late.example', version: 'v1', kind: 'Late', plural: 'lates', namespaced: true };

const builtIn: ResourceType[] = [
  core('Namespace', 'namespaces', false),
  core('Node', 'nodes', false),
  core('Pod', 'pods', true),
  core('ServiceAccount', 'serviceaccounts', true),
  core('Event', 'events', true),
  ConfigMap,
  { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', namespaced: true },
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
  Thing,
  Rack,
];

type Stored = UnknownObject;

interface Watcher {
  readonly type: ResourceType;
  readonly request: ApiRequest;
  readonly send: (event: object) => void;
}

function miniServer(now: () => number): ControlPlane {
  const types = [...builtIn];
  const objects = new Map<string, Stored>();
  const watchers = new Set<Watcher>();
  let revision = 0;

  const newest = new Map<ResourceType, number>();
  const tell = (type: ResourceType, event: string, object: Stored): void => {
    newest.set(type, revision);
    for (const watcher of watchers) if (watcher.type === type && matches(watcher.request, object)) watcher.send({ type: event, object });
  };
  const put = (type: ResourceType, key: string, object: Stored): Stored => {
    // What has no finalizer left and was told to go, goes.
    const before = objects.get(key);
    const stored = structuredClone(object);
    stored.metadata.resourceVersion = before?.metadata.resourceVersion ?? '';
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(stored)) return before;
    stored.metadata.resourceVersion = String(++revision);
    const { deletionTimestamp, finalizers = [] } = stored.metadata;
    const content = isRecord(stored.spec) && Array.isArray(stored.spec.finalizers) ? stored.spec.finalizers : [];
    if (deletionTimestamp !== undefined && finalizers.length === 0 && content.length === 0 && stored.kind !== 'Pod') {
      objects.delete(key);
      tell(type, 'DELETED', stored);
    } else {
      objects.set(key, stored);
      tell(type, before === undefined ? 'ADDED' : 'MODIFIED', stored);
    }
    return stored;
  };
  const drop = (type: ResourceType, key: string, object: Stored): Stored => {
    objects.delete(key);
    if (type.kind === 'CustomResourceDefinition') types.splice(types.indexOf(Late), 1);
    const last = structuredClone(object);
    last.metadata.resourceVersion = String(++revision);
    tell(type, 'DELETED', last);
    return last;
  };

  const create = (type: ResourceType, namespace: string | undefined, body: Stored): ApiResponse => {
    const key = keyFor(type, { name: body.metadata.name, ...(namespace === undefined ? {} : { namespace }) });
    if (objects.has(key)) return refusal(failure(409, 'AlreadyExists', key));
    const extra = type.kind === 'Namespace' ? { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } } : {};
    const metadata = {
      ...body.metadata,
      uid: `uid-${String(revision + 1)}`,
      creationTimestamp: rfc3339(now()),
      ...(namespace === undefined ? {} : { namespace }),
    };
    const created = put(type, key, { ...extra, ...body, metadata });
    const { spec } = body;
    if (type.kind === 'CustomResourceDefinition' && isRecord(spec)) types.push(Late);
    return answer(201, created);
  };
  const remove = (type: ResourceType, key: string, object: Stored, request: ApiRequest): ApiResponse => {
    const options = bodyOf(request);
    const { preconditions, propagationPolicy, gracePeriodSeconds } = isRecord(options) ? options : {};
    if (
      isRecord(preconditions) &&
      ((preconditions.uid ?? object.metadata.uid) !== object.metadata.uid ||
        (preconditions.resourceVersion ?? object.metadata.resourceVersion) !== object.metadata.resourceVersion)
    ) {
      return refusal(failure(409, 'Conflict', 'precondition failed'));
    }
    const extra = propagationPolicy === 'Foreground' ? ['foregroundDeletion'] : propagationPolicy === 'Orphan' ? ['orphan'] : [];
    const finalizers = [...new Set([...(object.metadata.finalizers ?? []), ...extra])];
    const waits = type.kind === 'Pod' && gracePeriodSeconds !== 0 && isRecord(object.spec) && object.spec.nodeName !== undefined;
    if (finalizers.length === 0 && type.kind !== 'Namespace' && !waits) return answer(200, drop(type, key, object));
    const metadata = {
      ...object.metadata,
      deletionTimestamp: object.metadata.deletionTimestamp ?? rfc3339(now()),
      ...(finalizers.length > 0 ? { finalizers } : {}),
    };
    if (type.kind === 'Pod') metadata.deletionGracePeriodSeconds = waits ? 30 : 0;
    return answer(200, put(type, key, { ...object, metadata, ...(type.kind === 'Namespace' ? { status: { phase: 'Terminating' } } : {}) }));
  };
  const patch = (type: ResourceType, key: string, object: Stored, request: ApiRequest): ApiResponse => {
    const body = bodyOf(request);
    const wanted = isRecord(body) && isRecord(body.metadata) ? body.metadata.resourceVersion : undefined;
    if (wanted !== undefined && wanted !== object.metadata.resourceVersion)
      return refusal(failure(409, 'Conflict', 'the object has been modified'));
    const merged = merge(object, body);
    return isStored(merged) ? answer(200, put(type, key, merged)) : refusal(failure(400, 'BadRequest', 'not an object'));
  };
  const list = (type: ResourceType, namespace: string | undefined, request: ApiRequest): ApiResponse => {
    const prefix = keyFor(type, { name: '', ...(namespace === undefined ? {} : { namespace }) });
    const items = [...objects].filter(([key, object]) => key.startsWith(prefix) && matches(request, object)).map(([, object]) => object);
    return answer(200, { kind: `${type.kind}List`, metadata: { resourceVersion: String(revision) }, items });
  };

  const route = (request: ApiRequest, signal: AbortSignal): ApiResponse => {
    const plain = !(request.headers.accept ?? '').includes('apidiscovery');
    if (plain && /^\/apis?$/.test(request.path)) return refusal(failure(406, 'NotAcceptable', 'only aggregated discovery here'));
    if (request.path === '/api') return answer(200, discovery(types.filter(({ group }) => group === '')));
    if (request.path === '/apis') return answer(200, discovery(types.filter(({ group }) => group !== '')));
    const target = targetOf(request.path, types);
    if (target === undefined) return answer(404, '404 page not found\n');
    const { type, namespace, name } = target;
    const key = keyFor(type, { name: name ?? '', ...(namespace === undefined ? {} : { namespace }) });
    if (queryOf(request, 'watch') === 'true') {
      // It keeps no history.
      if (Number(queryOf(request, 'resourceVersion')) < (newest.get(type) ?? 0)) return refusal(failure(410, 'Expired', 'too old'));
      return watch(watchers, type, request, signal);
    }
    if (request.method === 'GET' && name === undefined) return list(type, namespace, request);
    const body = bodyOf(request);
    if (request.method === 'POST' && isStored(body)) return create(type, namespace, body);
    const object = objects.get(key);
    if (object === undefined) return refusal(failure(404, 'NotFound', `${key} not found`));
    if (request.method === 'GET') return answer(200, object);
    if (request.method === 'DELETE') return remove(type, key, object, request);
    if (request.method === 'PATCH') return patch(type, key, object, request);
    return isStored(body) ? answer(200, put(type, key, body)) : refusal(failure(400, 'BadRequest', 'no body'));
  };
  return async (request, signal) => route(request, signal);
}

function keyFor(type: ResourceType, ref: ObjectRef): string {
  return `${type.group}/${type.plural}/${keyOf(ref)}`;
}

function matches(request: ApiRequest, { metadata }: Stored): boolean {
  const selector = queryOf(request, 'fieldSelector');
  const [, namespace] = /\/namespaces\/([^/]+)\/[^/]+$/.exec(request.path) ?? [];
  return (
    (selector === undefined || selector === `metadata.name=${metadata.name}`) &&
    (namespace === undefined || namespace === metadata.namespace)
  );
}

function isStored(value: unknown): value is Stored {
  return isRecord(value) && isRecord(value.metadata);
}

function merge(target: unknown, change: unknown): unknown {
  if (!isRecord(change)) return change;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete merged[name];
    else merged[name] = merge(merged[name], value);
  }
  return merged;
}

function targetOf(path: string, types: readonly ResourceType[]) {
  const segments = path.split('/').slice(1);
  const group = segments[0] === 'api' ? '' : (segments[1] ?? '');
  const rest = segments.slice(group === '' ? 2 : 3);
  const scoped = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'finalize' && rest[2] !== 'status';
  const [plural, name] = scoped ? rest.slice(2) : rest;
  const type = types.find((one) => one.group === group && one.plural === plural && (one.namespaced || !scoped));
  return type === undefined ? undefined : { type, namespace: scoped ? rest[1] : undefined, name };
}

function discovery(types: readonly ResourceType[]): object {
  const groups = Object.entries(Object.groupBy(types, ({ group }) => group));
  const items = groups.map(([name, all = []]) => ({
    metadata: { name },
    versions: [
      {
        version: 'v1',
        resources: all.map(({ plural, kind, namespaced }) => ({
          resource: plural,
          responseKind: { group: name, version: 'v1', kind },
          scope: namespaced ? 'Namespaced' : 'Cluster',
          verbs,
        })),
      },
    ],
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items };
}

function watch(watchers: Set<Watcher>, type: ResourceType, request: ApiRequest, signal: AbortSignal): ApiResponse {
  const lines: string[] = [];
  let wake = (): void => undefined;
  const watcher: Watcher = {
    type,
    request,
    send(event) {
      lines.push(`${JSON.stringify(event)}\n`);
      wake();
    },
  };
  watchers.add(watcher);
  signal.addEventListener('abort', () => watchers.delete(watcher));
  async function* body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const line = lines.shift();
      if (line !== undefined) yield new TextEncoder().encode(line);
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return { status: 200, headers: {}, body: body() };
}

/** The way from gc to its server, which a test can listen to, slow down and cut. */
export interface Link {
  readonly controlPlane: ControlPlane;
  /** Every request that is no read, such as `DELETE things/shop/a`. */
  readonly writes: string[];
  readonly requests: ApiRequest[];
  /** While false, no request gets an answer. */
  up(isUp: boolean): void;
  /** Keeps a kind from whoever lists or watches it, until `release`. */
  hold(type: ResourceType): void;
  release(type: ResourceType): void;
  /** Cuts every open watch. */
  cut(): void;
  /** Does `action` before the next request like `PATCH configmaps/…` is let through. */
  before(request: RegExp, action: () => Promise<unknown>): void;
  /** Answers 500 to requests of this method whose path has `part` in it; to none when called without. */
  refuse(method?: ApiRequest['method'], part?: string): void;
}

function link(to: ControlPlane): Link {
  const writes: string[] = [];
  const requests: ApiRequest[] = [];
  const held = new Map<string, PromiseWithResolvers<void>>();
  let isUp = true;
  let refused: { method?: ApiRequest['method'] | undefined; part: string } = { part: '' };
  let cutting = Promise.withResolvers<never>();
  cutting.promise.catch(() => undefined);
  const meanwhile: { request: RegExp; action: () => Promise<unknown> }[] = [];
  async function* slowed(plural: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const chunks = body[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([chunks.next(), cutting.promise]);
      if (next.done === true) return;
      await held.get(plural)?.promise;
      yield next.value;
    }
  }
  return {
    writes,
    requests,
    async controlPlane(request, signal) {
      if (!isUp) throw new ConnectionLost('the cable is out');
      requests.push(request);
      if (request.method === refused.method && request.path.includes(refused.part)) return refusal(failure(500, 'InternalError', 'no'));
      const plural = request.path.split('/').at(-1) ?? '';
      const short = `${request.method} ${request.path.replace(/^\/apis?(\/[^/]+\.[^/]+)?\/v1\//, '')}`;
      if (request.method !== 'GET') writes.push(short);
      const index = meanwhile.findIndex((one) => one.request.test(short));
      if (index >= 0) await meanwhile.splice(index, 1)[0]?.action();
      await held.get(plural)?.promise;
      const response = await to(request, signal);
      return queryOf(request, 'watch') === 'true' ? { ...response, body: slowed(plural, response.body) } : response;
    },
    up: (value) => {
      isUp = value;
    },
    hold: ({ plural }) => void held.set(plural, Promise.withResolvers()),
    cut() {
      cutting.reject(new ConnectionLost('cut'));
      cutting = Promise.withResolvers();
      cutting.promise.catch(() => undefined);
    },
    before: (request, action) => void meanwhile.push({ request, action }),
    refuse: (method, part = '') => {
      refused = { method, part };
    },
    release({ plural }) {
      held.get(plural)?.resolve();
      held.delete(plural);
    },
  };
}

export interface GcWorld {
  readonly runtime: TestRuntime;
  readonly link: Link;
  /** A user's client, on a way of its own. */
  readonly client: Client;
  /** Starts gc, and waits until it is at work. */
  start(): Promise<void>;
  /** Stops gc, and waits until it has ended. */
  stop(): Promise<void>;
  create(kind: Kind<KubeObject>, ref: ObjectRef, more?: Sketch): Promise<KubeObject>;
  has(kind: Kind<KubeObject>, ref: ObjectRef): Promise<boolean>;
  advance(seconds: number): Promise<void>;
}

export interface Sketch {
  readonly owners?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly spec?: object;
  readonly status?: object;
}

/** A server and a user; gc does not run yet. */
export function gcWorld(): GcWorld {
  const runtime = testRuntime(virtualClock(Date.UTC(2026, 2, 1), setImmediate));
  const server = miniServer(() => runtime.clock.now());
  const wire = link(server);
  const user = client(server, testRuntime(runtime.clock, 'user'), { userAgent: 'user', fieldManager: 'user' });
  let ended = Promise.resolve();
  const advance = (seconds: number): Promise<void> => runtime.clock.advance(seconds * 1000);
  return {
    runtime,
    link: wire,
    client: user,
    async start() {
      ended = runGc(wire.controlPlane, runtime);
      await advance(2);
    },
    async stop() {
      runtime.stop();
      await runtime.clock.settle();
      await ended;
    },
    create: (kind, ref, { owners, finalizers, ...rest } = {}) => {
      const metadata = {
        ...ref,
        ...(owners === undefined ? {} : { ownerReferences: [...owners] }),
        ...(finalizers === undefined ? {} : { finalizers: [...finalizers] }),
      };
      return user.create(kind, { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata, ...rest });
    },
    has: async (kind, ref) => (await user.get(kind, ref)) !== undefined,
    advance,
  };
}

/** A reference to `owner`. */
export function ownedBy({ apiVersion, kind, metadata: { name, uid } }: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion, kind, name, uid, ...more };
}
