/** What a scenario is made of. It is data: the player plays it on any control plane. */

/**
 * A list of steps that stand in a namespace of their own, so that many can be played on one server. In paths, headers and bodies `{id}`
 * is a name that nobody else uses, which is also the name of the namespace; `{word}` is what an earlier step captured as `word`.
 */
export interface Scenario {
  /** Says what is asked; unique within its group. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** The scenario needs no namespace. */
  readonly clusterWide?: boolean;
}

export type Step = RequestStep | WatchStep | EventsStep | CompactStep;

export interface RequestStep {
  /** Method and path, with the query as on the wire: `GET /api/v1/namespaces/{id}/configmaps?limit=2`. */
  readonly request: string;
  readonly headers?: Headers;
  /** Text and bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown;
  /** What later steps use, by JSON pointers into the answer. */
  readonly capture?: Captures;
  /** What of the answer is compared: all (the default), the status only, or the status and what stands at these pointers. */
  readonly show?: Shown;
  /** The request is repeated until its answer is so: for what a server or its controllers do in their own time. */
  readonly until?: Awaited;
}

/** Begins a watch beside the other requests; its status and headers are compared. */
export interface WatchStep {
  readonly watch: string;
  /** Path and query; `watch=true` is added. */
  readonly path: string;
  readonly headers?: Headers;
}

/** Compares what a watch has told since it began, or since the last step of this kind: `count` events, and whatever else comes soon after. */
export interface EventsStep {
  readonly events: string;
  readonly count: number;
  /** The watch is to end by itself, and whether it did is compared. */
  readonly ends?: boolean;
  readonly show?: Shown;
}

/** The server forgets its history up to now, as it does by itself every few minutes. */
export interface CompactStep {
  readonly compact: true;
}

export type Headers = Readonly<Record<string, string>>;
export type Captures = Readonly<Record<string, string>>;
export type Shown = 'all' | 'status' | readonly string[];
export type Awaited = { readonly status: number } | { readonly at: string; readonly is: unknown };

/** Scenarios that have one golden file. */
export interface Group {
  /** Names the file; also the beginning of the names of its objects: short, lower case. */
  readonly name: string;
  readonly scenarios: readonly Scenario[];
  /** It needs the controllers of a cluster: garbage collection and the ends of namespaces. */
  readonly controllers?: boolean;
}

type More = Omit<RequestStep, 'request' | 'body'>;

export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

export function scenario(name: string, ...steps: readonly Step[]): Scenario {
  return { name, steps };
}

export function get(path: string, more: More = {}): RequestStep {
  return { request: `GET ${path}`, ...more };
}

export function create(path: string, body: unknown, more: More = {}): RequestStep {
  return { request: `POST ${path}`, body, ...more };
}

export function update(path: string, body: unknown, more: More = {}): RequestStep {
  return { request: `PUT ${path}`, body, ...more };
}

export function patch(type: keyof typeof patchTypes, path: string, body: unknown, more: More = {}): RequestStep {
  return { request: `PATCH ${path}`, body, ...more, headers: { 'content-type': patchTypes[type], ...more.headers } };
}

/** A server-side apply by `manager`. `path` may have a query. */
export function apply(manager: string, path: string, body: unknown, more: More = {}): RequestStep {
  return patch('apply', `${path}${path.includes('?') ? '&' : '?'}fieldManager=${manager}`, body, more);
}

export function remove(path: string, body?: unknown, more: More = {}): RequestStep {
  return { request: `DELETE ${path}`, ...(body === undefined ? {} : { body }), ...more };
}

/** Of the answer only the status is compared: for what leads up to the point. */
export function quietly(step: RequestStep): RequestStep {
  return { ...step, show: 'status' };
}

/** Of the answer the words are not compared: for what only tells how a server is made inside, such as what its decoder calls a type. */
export function reasonOf(step: RequestStep): RequestStep {
  return { ...step, show: ['/reason'] };
}

export function watch(name: string, path: string, headers?: Headers): WatchStep {
  return { watch: name, path, ...(headers === undefined ? {} : { headers }) };
}

export function events(name: string, count: number, show: Shown = 'all'): EventsStep {
  return { events: name, count, show };
}

/** Compares the last `count` events of a watch, and that it ends. */
export function ending(name: string, count: number, show: Shown = 'all'): EventsStep {
  return { events: name, count, ends: true, show };
}

export const compact: CompactStep = { compact: true };
