import { Stopped } from '../base/errors.ts';
import type { Runtime } from '../base/runtime.ts';
import { ConnectionLost, type ApiRequest, type ApiResponse, type ControlPlane } from '../meta/control-plane.ts';
import { ApiError } from '../meta/status.ts';
import { WholeBody } from '../meta/whole-body.ts';
import { apiErrorOf, Garbled, retryAfterOf } from './answers.ts';
import { join } from './lines.ts';
import { NoAnswerInTime, pump, withDeadline } from './signals.ts';
import type { Metrics } from './types.ts';

export interface RequesterOptions {
  /** Such as `hypersphere-operator/0.1.0`. */
  readonly userAgent: string;
  /** Sent with every request. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for the whole answer, or for the head of a stream; default 30,000. */
  readonly timeout?: number;
  readonly metrics?: Metrics;
}

/** One request in our own words. */
export interface Call {
  /** As Kubernetes calls it, for metrics: get, list, watch, create, update, patch, apply, delete. */
  readonly verb: string;
  readonly method: ApiRequest['method'];
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly body?: { readonly type: string; readonly content: unknown };
}

export interface Requester {
  /**
   * The whole answer, parsed; undefined when it is empty. Asks again when the server says when to (429, 503), and, for a GET, when the connection broke.
   * @throws {ApiError} @throws {ConnectionLost} @throws {Stopped} when `signal` is aborted.
   */
  json(call: Call, signal: AbortSignal): Promise<unknown>;
  /**
   * The body of an answer that goes on until `signal` is aborted: which its caller must do in the end, also when this rejects. Never asks again.
   * @throws as `json`.
   */
  stream(call: Call, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const mostAttempts = 5;
/** A server that asks for more patience than this gets its say to the caller, who can do something else meanwhile. */
const longestWait = 30_000;

interface Context {
  readonly controlPlane: ControlPlane;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeout: number;
  readonly count: (verb: string, code: string) => void;
}

/** Requests to one control plane: time-outs, errors and repetition. */
export function requester(controlPlane: ControlPlane, runtime: Pick<Runtime, 'clock' | 'random'>, options: RequesterOptions): Requester {
  const counter = options.metrics?.counter('hypersphere_api_requests_total', 'Requests to the API server by verb and HTTP code.', [
    'verb',
    'code',
  ]);
  const context: Context = {
    controlPlane,
    runtime,
    headers: { accept: 'application/json', 'user-agent': options.userAgent, ...options.headers },
    timeout: options.timeout ?? 30_000,
    count: (verb, code) => counter?.add(1, verb, code),
  };
  return {
    json: (call, signal) => patiently(context, call, signal),
    stream: (call, signal) => open(context, call, signal),
  };
}

async function patiently(context: Context, call: Call, signal: AbortSignal): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await counted(context, call, () =>
        withDeadline(context.runtime.clock, context.timeout, signal, (cut) => whole(context, call, cut)),
      );
    } catch (error) {
      const wait = attempt < mostAttempts ? pauseBefore(call, error, attempt) : undefined;
      if (wait === undefined) throw error;
      await context.runtime.clock.sleep(wait * (1 + context.runtime.random.next() / 10), signal);
    }
  }
}

/** Milliseconds to wait before the call may be made again; undefined when it may not. */
function pauseBefore(call: Call, error: unknown, attempt: number): number | undefined {
  if (error instanceof ApiError) {
    // A server that says when to come back has not carried it out.
    const wait = error.code === 429 || error.code === 503 ? retryAfterOf(error) : undefined;
    return wait !== undefined && wait <= longestWait ? wait : undefined;
  }
  // Nobody knows what became of it, so only what changes nothing is asked again; and after a whole time-out the caller decides.
  const harmless = call.method === 'GET' && error instanceof ConnectionLost && !(error instanceof NoAnswerInTime);
  return harmless && attempt < 3 ? 100 * attempt : undefined;
}

async function whole(context: Context, call: Call, signal: AbortSignal): Promise<unknown> {
  const response = await context.controlPlane(wireRequest(context, call), signal);
  const text = await textOf(response, signal);
  if (response.status >= 300) throw apiErrorOf(response.status, text, response.headers);
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Garbled('the answer is not JSON');
  }
}

function open(context: Context, call: Call, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  return counted(context, call, () =>
    // The deadline is for the head only: the stream goes on under its caller's signal.
    withDeadline(context.runtime.clock, context.timeout, signal, async (cut) => {
      const response = await context.controlPlane(wireRequest(context, call), signal);
      if (response.status >= 300) throw apiErrorOf(response.status, await textOf(response, cut), response.headers);
      return response.body;
    }),
  );
}

async function counted<T>(context: Context, call: Call, run: () => Promise<T>): Promise<T> {
  try {
    const value = await run();
    context.count(call.verb, '2xx');
    return value;
  } catch (error) {
    if (error instanceof ApiError) context.count(call.verb, String(error.code));
    else if (!(error instanceof Stopped)) context.count(call.verb, 'lost');
    throw error;
  }
}

function wireRequest(context: Context, call: Call): ApiRequest {
  const { method, path, query = [], body } = call;
  if (body === undefined) return { method, path, query, headers: context.headers };
  const headers = { ...context.headers, 'content-type': body.type };
  return { method, path, query, headers, body: encoder.encode(JSON.stringify(body.content)) };
}

async function textOf({ body }: ApiResponse, signal: AbortSignal): Promise<string> {
  if (body instanceof WholeBody) return decoder.decode(body.bytes);
  const pieces: Uint8Array[] = [];
  let length = 0;
  await pump(body, signal, (chunk) => {
    pieces.push(chunk);
    length += chunk.length;
  });
  const [only] = pieces;
  return decoder.decode(pieces.length === 1 && only !== undefined ? only : join(pieces, length));
}
