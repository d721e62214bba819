import assert from 'node:assert/strict';
import { silentLog } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import type { ApiRequest, ApiResponse } from '../../meta/control-plane.ts';
import type { Status } from '../../meta/status.ts';
import { virtualClock } from '../../sim/clock.ts';
import type { VirtualClock } from '../../sim/clock.ts';
import { memoryDisk } from '../../sim/disk.ts';
import type { MemoryDisk } from '../../sim/disk.ts';
import { apiServer } from '../server.ts';
import type { ApiServer } from '../server.ts';
import type { Seen, SeenEvent, Several } from './test-shapes.ts';

/** 2026-03-01T12:00:00Z. */
export const start = Date.UTC(2026, 2, 1, 12);

export interface Sent {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly json: Seen;
}

export interface Harness {
  readonly api: ApiServer;
  readonly clock: VirtualClock;
  readonly disk: MemoryDisk;
  /** Sends a request as it is; `path` may have a query. */
  raw(method: ApiRequest['method'], path: string, sent?: Sent): Promise<ApiResponse>;
  send(method: ApiRequest['method'], path: string, sent?: Sent): Promise<Got>;
  /** Sends, and gives the object of an answer that must be good. */
  get(path: string): Promise<Seen>;
  post(path: string, body: unknown): Promise<Seen>;
  put(path: string, body: unknown): Promise<Seen>;
  merge(path: string, body: unknown): Promise<Seen>;
  apply(path: string, body: unknown, manager?: string): Promise<Seen>;
  delete(path: string, body?: unknown): Promise<Seen>;
  /** Sends, and gives the Status of an answer that must be `code`. */
  no(code: number, method: ApiRequest['method'], path: string, sent?: Sent): Promise<Status>;
  watch(path: string, sent?: Sent): Promise<WatchReader>;
}

export interface WatchReader {
  /** What has come since the last call. */
  events(): Promise<Several<SeenEvent>>;
  /** `TYPE name` of what has come since the last call. */
  lines(): Promise<string[]>;
  ended(): boolean;
  stop(): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const patchTypes = { merge: 'application/merge-patch+json', apply: 'application/apply-patch+yaml' } as const;

export interface HarnessOptions {
  readonly crds?: readonly object[];
  readonly disk?: MemoryDisk;
}

/** A server on a disk in memory, with a virtual clock, and one user whose token is `secret`. */
export async function harness({ crds = [], disk = memoryDisk({ random: seededRandom(1) }) }: HarnessOptions = {}): Promise<Harness> {
  const clock = virtualClock(start);
  const runtime = { id: 'test', clock, random: seededRandom(7), log: silentLog, stopping: new AbortController().signal };
  const tokens = new Map([['secret', { username: 'ada', groups: ['people'] }]]);
  const api = await apiServer({ runtime, disk: disk.mount(), tokens, crds });

  const raw: Harness['raw'] = (method, path, { query = '', headers = {}, body, signal = new AbortController().signal } = {}) => {
    const [plain = '', own = ''] = path.split('?');
    const bytes =
      body === undefined
        ? {}
        : { body: body instanceof Uint8Array ? body : encoder.encode(typeof body === 'string' ? body : JSON.stringify(body)) };
    const all = [...new URLSearchParams([own, query].filter((part) => part !== '').join('&'))];
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return api.handler(
      {
        method,
        path: plain,
        query: all,
        headers: { authorization: 'Bearer secret', 'user-agent': 'tester/1.0', ...type, ...headers },
        ...bytes,
      },
      signal,
    );
  };
  const send: Harness['send'] = async (method, path, sent) => {
    const response = await raw(method, path, sent);
    const text = await textOf(response);
    return { status: response.status, headers: response.headers, text, json: parsed(text) as Seen };
  };
  const good = async (method: ApiRequest['method'], path: string, sent?: Sent): Promise<Seen> => {
    const got = await send(method, path, sent);
    assert.ok(got.status < 300, `${method} ${path}: ${String(got.status)} ${got.text}`);
    return got.json;
  };
  return {
    api,
    clock,
    disk,
    raw,
    send,
    get: (path) => good('GET', path),
    post: (path, body) => good('POST', path, { body }),
    put: (path, body) => good('PUT', path, { body }),
    merge: (path, body) => good('PATCH', path, { body, headers: { 'content-type': patchTypes.merge } }),
    apply: (path, body, manager = 'applier') =>
      good('PATCH', path, { body, query: `fieldManager=${manager}`, headers: { 'content-type': patchTypes.apply } }),
    delete: (path, body) => good('DELETE', path, { body }),
    no: async (code, method, path, sent) => {
      const got = await send(method, path, sent);
      assert.equal(got.status, code, `${method} ${path}: ${got.text}`);
      return parsed(got.text) as Status;
    },
    watch: async (path, sent) =>
      reader(await raw('GET', path, { ...sent, query: ['watch=true', sent?.query ?? ''].filter((part) => part !== '').join('&') })),
  };
}

async function textOf({ body }: ApiResponse): Promise<string> {
  let text = '';
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text;
}

/** An answer that is not JSON has nothing for a test to look at. */
function parsed(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}

function reader(response: ApiResponse): WatchReader {
  assert.equal(response.status, 200);
  const iterator = response.body[Symbol.asyncIterator]();
  let text = '';
  let ended = false;
  const reading = (async () => {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
      text += decoder.decode(next.value, { stream: true });
    ended = true;
  })();
  const events = async (): Promise<Several<SeenEvent>> => {
    await settled();
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    return lines.map((line) => JSON.parse(line) as SeenEvent) as unknown as Several<SeenEvent>;
  };
  return {
    events,
    lines: async () => (await events()).map(({ type, object }) => `${type} ${object.metadata.name}`),
    ended: () => ended,
    stop: async () => {
      await iterator.return?.();
      await reading;
    },
  };
}

/** Whatever is ready runs. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An object as a test sends it. */
export interface Given {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
  readonly [field: string]: unknown;
}

interface Definition extends Given {
  readonly spec: { readonly versions: readonly [object]; readonly [field: string]: unknown };
}

/** A definition of a namespaced kind Widget, of group example.com and version v1, with every subresource. */
export function widgetDefinition(changes: object = {}, version: object = {}): Definition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', shortNames: ['wd'], categories: ['toys'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: widgetSchema },
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
          },
          additionalPrinterColumns: [
            { name: 'Colour', type: 'string', jsonPath: '.spec.colour' },
            { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
            { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          selectableFields: [{ jsonPath: '.spec.colour' }],
          ...version,
        },
      ],
      ...changes,
    },
  };
}

const widgetSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        colour: { type: 'string', enum: ['red', 'green', 'blue'] },
        replicas: { type: 'integer', minimum: 0, default: 1 },
        parts: {
          type: 'array',
          items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, size: { type: 'integer' } } },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
        fixed: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'stays as it is' }] },
      },
    },
    status: {
      type: 'object',
      default: { phase: 'New' },
      properties: {
        phase: { type: 'string' },
        replicas: { type: 'integer' },
        selector: { type: 'string' },
        conditions: {
          type: 'array',
          items: { type: 'object', properties: { type: { type: 'string' }, status: { type: 'string' } } },
        },
      },
    },
  },
};

export const widgetsPath = '/apis/example.com/v1/namespaces/default/widgets';

export function widget(name: string, spec: object = {}, metadata: object = {}): Given {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, ...metadata }, spec };
}

export const configMapsPath = '/api/v1/namespaces/default/configmaps';

export function configMap(name: string, data: Readonly<Record<string, string>> = {}, metadata: object = {}): Given {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

export const podsPath = '/api/v1/namespaces/default/pods';

export function pod(name: string, spec: object = {}, metadata: object = {}): Given {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { containers: [{ name: 'main', image: 'app:1' }], ...spec },
  };
}
