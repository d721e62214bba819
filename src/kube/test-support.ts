import type { Log, LogFields } from '../base/log.ts';
import { Stopped } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { Runtime } from '../base/runtime.ts';
import { ConnectionLost, type ApiRequest, type ApiResponse, type ControlPlane } from '../meta/control-plane.ts';
import type { KubeObject } from '../meta/objects.ts';
import type { Kind } from '../meta/resource.ts';
import { failure, type Status } from '../meta/status.ts';
import type { VirtualClock } from '../sim/clock.ts';
import { testClock } from '../sim/test-support.ts';
import { caches, type Caches } from './caches.ts';
import type { Cache, CacheOptions } from './types.ts';

/** A kind for tests. */
export interface Thing extends KubeObject {
  spec: { color: string; size?: number };
}
export const Thing: Kind<Thing> = { group: 'test.example', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true };
export const thingsPath = '/apis/test.example/v1/things';

export interface TestRuntime extends Runtime {
  readonly clock: VirtualClock;
  readonly lines: { level: string; message: string; fields: LogFields }[];
  stop(): void;
}

/** A process on a virtual clock, whose log can be read. */
export function testRuntime(clock: VirtualClock = testClock(), id = 'test-0'): TestRuntime {
  const stopping = new AbortController();
  const lines: TestRuntime['lines'] = [];
  const logWith = (bound: LogFields): Log => {
    const write =
      (level: string) =>
      (message: string, fields: LogFields = {}): void => {
        lines.push({ level, message, fields: { ...bound, ...fields } });
      };
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => logWith({ ...bound, ...fields }),
    };
  };
  return {
    id,
    clock,
    random: seededRandom(1),
    log: logWith({}),
    stopping: stopping.signal,
    lines,
    stop: () => {
      stopping.abort();
    },
  };
}

/** An answer with `body` as JSON, or as it is when it is text. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): ApiResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, body: chunksOf([new TextEncoder().encode(text)]) };
}

/** A refusal in Kubernetes' words. */
export function refusal(status: Status, headers: Record<string, string> = {}): ApiResponse {
  return answer(status.code, status, headers);
}

export async function* chunksOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

/** What a script does with a request: answer, fail, never answer, or leave it to the server (undefined). */
export type Scripted = (request: ApiRequest, signal: AbortSignal) => ApiResponse | Promise<ApiResponse> | Error | 'never' | undefined;

/** A control plane that does as it is told; what nobody scripted is a 404. */
export function scripted(...scripts: Scripted[]): { controlPlane: ControlPlane; requests: ApiRequest[] } {
  const requests: ApiRequest[] = [];
  const controlPlane: ControlPlane = async (request, signal) => {
    requests.push(request);
    const said = scripts.shift()?.(request, signal);
    if (said instanceof Error) throw said;
    if (said === 'never') return untilAborted(signal);
    return said ?? answer(404, '404 page not found\n');
  };
  return { controlPlane, requests };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Stopped());
    });
  });
}

export function queryOf(request: ApiRequest, name: string): string | undefined {
  return request.query.find(([key]) => key === name)?.[1];
}

export function bodyOf(request: ApiRequest | undefined): unknown {
  return request?.body === undefined ? undefined : JSON.parse(new TextDecoder().decode(request.body));
}

/** A Thing as a server would hold it. */
export function thing(name: string, revision: number, color = 'red'): Thing {
  const metadata = {
    name,
    namespace: 'shop',
    uid: `uid-${name}`,
    resourceVersion: String(revision),
    creationTimestamp: '2026-03-01T12:00:00Z',
  };
  return { apiVersion: 'test.example/v1', kind: 'Thing', metadata, spec: { color } };
}

/** One open watch, as the server has it. */
export interface OpenWatch {
  readonly request: ApiRequest;
  readonly signal: AbortSignal;
  send(...events: object[]): void;
  sendBytes(bytes: Uint8Array): void;
  /** As the server does when the time of the watch is up. */
  end(): void;
  /** As a cut connection does. */
  cut(): void;
}

/** A collection of Things on a server of which each move is the test's. Lists in pages, keeps its history until told to forget. */
export interface ThingServer {
  readonly controlPlane: ControlPlane;
  readonly requests: ApiRequest[];
  readonly watches: OpenWatch[];
  /** The newest watch. */
  watch(): OpenWatch;
  lists(): ApiRequest[];
  /** Stores it and tells the watches, unless told not to. */
  put(name: string, color?: string, tell?: boolean): Thing;
  remove(name: string, tell?: boolean): void;
  bookmark(): void;
  /** Forgets its history: watches from before are told 410. */
  compact(): void;
  /** What the next request gets instead of an answer. */
  next(...scripts: Scripted[]): void;
  revision(): number;
}

export function thingServer(): ThingServer {
  const things = new Map<string, Thing>();
  const history: { revision: number; type: string; object: Thing }[] = [];
  const scripts: Scripted[] = [];
  const requests: ApiRequest[] = [];
  const watches: OpenWatch[] = [];
  let revision = 100;
  let oldest = 0;

  const happen = (type: string, object: Thing, tell: boolean): void => {
    history.push({ revision, type, object });
    if (tell) for (const watch of watches) watch.send({ type, object });
  };
  const list = (request: ApiRequest): ApiResponse => {
    const all = [...things.values()];
    const [from = 0, at = revision] = (queryOf(request, 'continue') ?? '').split('@').filter(Boolean).map(Number);
    const limit = Number(queryOf(request, 'limit') ?? all.length);
    const rest = from + limit < all.length ? { continue: `${String(from + limit)}@${String(at)}` } : {};
    return answer(200, { kind: 'ThingList', metadata: { resourceVersion: String(at), ...rest }, items: all.slice(from, from + limit) });
  };
  const watch = (request: ApiRequest, signal: AbortSignal): ApiResponse => {
    const from = Number(queryOf(request, 'resourceVersion'));
    const { body, opened } = openWatch(request, signal);
    if (from < oldest) {
      opened.send({ type: 'ERROR', object: failure(410, 'Expired', 'too old resource version') });
      opened.end();
    } else {
      watches.push(opened);
      for (const past of history) if (past.revision > from) opened.send({ type: past.type, object: past.object });
    }
    return { status: 200, headers: {}, body };
  };
  const controlPlane: ControlPlane = async (request, signal) => {
    requests.push(request);
    const said = scripts.shift()?.(request, signal);
    if (said instanceof Error) throw said;
    if (said === 'never') return untilAborted(signal);
    if (said !== undefined) return said;
    return queryOf(request, 'watch') === 'true' ? watch(request, signal) : list(request);
  };
  return {
    controlPlane,
    requests,
    watches,
    watch() {
      const newest = watches.at(-1);
      if (newest === undefined) throw new Error('no watch was opened');
      return newest;
    },
    lists: () => requests.filter((request) => queryOf(request, 'watch') !== 'true'),
    put(name, color = 'red', tell = true) {
      const object = thing(name, ++revision, color);
      const type = things.has(name) ? 'MODIFIED' : 'ADDED';
      things.set(name, object);
      happen(type, object, tell);
      return object;
    },
    remove(name, tell = true) {
      const object = things.get(name);
      if (object === undefined) throw new Error(`no thing ${name}`);
      things.delete(name);
      revision++;
      happen('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }, tell);
    },
    bookmark() {
      for (const watch of watches)
        watch.send({ type: 'BOOKMARK', object: { kind: 'Thing', metadata: { resourceVersion: String(revision) } } });
    },
    compact() {
      oldest = revision;
      history.length = 0;
    },
    next(...more) {
      scripts.push(...more);
    },
    revision: () => revision,
  };
}

function openWatch(request: ApiRequest, signal: AbortSignal): { body: AsyncIterable<Uint8Array>; opened: OpenWatch } {
  const waiting: (Uint8Array | 'end' | 'cut')[] = [];
  let wake = (): void => undefined;
  const push = (what: Uint8Array | 'end' | 'cut'): void => {
    waiting.push(what);
    wake();
  };
  async function* body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = waiting.shift();
      if (next === 'end') return;
      if (next === 'cut') throw new ConnectionLost('connection reset');
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const opened: OpenWatch = {
    request,
    signal,
    send: (...events) => {
      push(new TextEncoder().encode(events.map((event) => `${JSON.stringify(event)}\n`).join('')));
    },
    sendBytes: push,
    end: () => {
      push('end');
    },
    cut: () => {
      push('cut');
    },
  };
  return { body: body(), opened };
}

/** A cache of Things beside its server. */
export interface Setting {
  runtime: TestRuntime;
  server: ThingServer;
  all: Caches;
  things: Cache<Thing>;
  changes: string[];
}

export async function started(
  prepare: (server: ThingServer) => void = () => undefined,
  options: CacheOptions<Thing> = {},
): Promise<Setting> {
  const runtime = testRuntime();
  const server = thingServer();
  prepare(server);
  const all = caches(server.controlPlane, runtime, { userAgent: 'test' });
  const things = all.cache(Thing, options);
  const changes: string[] = [];
  things.onChange((before, after) => {
    changes.push(`${before?.spec.color ?? '-'}>${after?.spec.color ?? '-'} ${(after ?? before)?.metadata.name ?? ''}`);
  });
  await runtime.clock.settle();
  return { runtime, server, all, things, changes };
}

export const colors = (things: Cache<Thing>): Record<string, string> =>
  Object.fromEntries(things.list().map((one) => [one.metadata.name, one.spec.color]));
