/** gc at work on the embedded API server, in one process and on a virtual clock. */
import { setImmediate } from 'node:timers';
import { apiServer } from '../apiserver/server.ts';
import { seededRandom } from '../base/random.ts';
import { client } from '../kube/client.ts';
import { queryOf, refusal, testRuntime, type TestRuntime } from '../kube/test-support.ts';
import type { Client } from '../kube/types.ts';
import { ConnectionLost, type ApiRequest, type ControlPlane } from '../meta/control-plane.ts';
import type { KubeObject, ObjectRef, OwnerReference } from '../meta/objects.ts';
import { apiVersionOf, type Kind, type ResourceType } from '../meta/resource.ts';
import { failure } from '../meta/status.ts';
import { virtualClock } from '../sim/clock.ts';
import { memoryDisk } from '../sim/disk.ts';
import { runGc } from './run-gc.ts';

export const ConfigMap: Kind<KubeObject> = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
export const Thing: Kind<KubeObject> = { group: 'test.example', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true };
export const Rack: Kind<KubeObject> = { group: 'test.example', version: 'v1', kind: 'Rack', plural: 'racks', namespaced: false };
/** Not served until it is defined. */
export const Late: Kind<KubeObject> = { group: 'late.example', version: 'v1', kind: 'Late', plural: 'lates', namespaced: true };

const Namespace: Kind<KubeObject> = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
const Definition: Kind<KubeObject> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

function definitionOf({ group, version, kind, plural, namespaced }: ResourceType) {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
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
  /** Cuts every open watch; the server has forgotten what they would go on from. */
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
  const watched = new Set<string>();
  const forgotten = new Set<string>();
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
      const isWatch = queryOf(request, 'watch') === 'true';
      const plural = request.path.split('/').at(-1) ?? '';
      const short = `${request.method} ${request.path.replace(/^\/apis?(\/[^/]+\.[^/]+)?\/v1\//, '')}`;
      if (request.method !== 'GET') writes.push(short);
      const index = meanwhile.findIndex((one) => one.request.test(short));
      if (index >= 0) await meanwhile.splice(index, 1)[0]?.action();
      await held.get(plural)?.promise;
      if (isWatch && forgotten.has(plural)) {
        forgotten.delete(plural);
        return refusal(failure(410, 'Expired', 'too old resource version'));
      }
      if (isWatch) watched.add(plural);
      const response = await to(request, signal);
      return isWatch ? { ...response, body: slowed(plural, response.body) } : response;
    },
    up: (value) => {
      isUp = value;
    },
    hold: ({ plural }) => void held.set(plural, Promise.withResolvers()),
    cut() {
      for (const plural of watched) forgotten.add(plural);
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
  /** Serves `kind` from now on. */
  define(kind: ResourceType): Promise<void>;
  has(kind: Kind<KubeObject>, ref: ObjectRef): Promise<boolean>;
  advance(seconds: number): Promise<void>;
}

export interface Sketch {
  readonly owners?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly spec?: object;
  readonly status?: object;
}

const headers = { authorization: 'Bearer secret' };

/** A server with Things, Racks and the namespaces `shop`, `elsewhere` and `kube-node-lease`, and a user; gc does not run yet. */
export async function gcWorld(): Promise<GcWorld> {
  const clock = virtualClock(Date.UTC(2026, 2, 1), setImmediate);
  const runtime = testRuntime(clock);
  const server = await apiServer({
    runtime: testRuntime(clock, 'server'),
    tokens: new Map([['secret', { username: 'test', groups: ['system:masters'] }]]),
    disk: memoryDisk({ random: seededRandom(1) }).mount(),
    crds: [definitionOf(Thing), definitionOf(Rack)],
  });
  const wire = link((request, signal) => server.handler({ ...request, headers: { ...request.headers, ...headers } }, signal));
  const user = client(server.handler, testRuntime(clock, 'user'), { userAgent: 'user', fieldManager: 'user', headers });
  const advance = (seconds: number): Promise<void> => clock.advance(seconds * 1000);
  const create: GcWorld['create'] = async (kind, ref, { owners, finalizers, status, ...rest } = {}) => {
    const metadata = {
      ...ref,
      ...(owners === undefined ? {} : { ownerReferences: [...owners] }),
      ...(finalizers === undefined ? {} : { finalizers: [...finalizers] }),
    };
    const made = await user.create(kind, { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata, ...rest });
    return status === undefined ? made : user.patch(kind, ref, { status }, { subresource: 'status' });
  };
  for (const name of ['shop', 'elsewhere']) await create(Namespace, { name });
  let ended = Promise.resolve();
  return {
    runtime,
    link: wire,
    client: user,
    async start() {
      ended = runGc(wire.controlPlane, runtime);
      await advance(2);
      wire.writes.length = 0;
    },
    async stop() {
      runtime.stop();
      await clock.settle();
      await ended;
      await server.close();
    },
    create,
    define: async (kind) => {
      await user.create(Definition, definitionOf(kind));
    },
    has: async (kind, ref) => (await user.get(kind, ref)) !== undefined,
    advance,
  };
}

/** A reference to `owner`. */
export function ownedBy({ apiVersion, kind, metadata: { name, uid } }: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion, kind, name, uid, ...more };
}
