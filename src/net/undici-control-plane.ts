import type { Dispatcher } from 'undici';
import { Stopped, UserError } from '../base/errors.ts';
import type { ApiRequest, ApiResponse, ControlPlane } from '../meta/control-plane.ts';
import type { Endpoint } from './dispatchers.ts';
import { Exchange, lost, type Stops } from './exchange.ts';
import { pools as openPools, type Identity } from './pools.ts';

export interface TransportOptions extends Endpoint {
  /** The bearer token, or a function that gives the one of this moment; it is asked for each request, so it should keep what it knows. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>);
  /**
   * The client certificate of this moment, in place of `cert` and `key`; it is asked for each request, so it should keep what it knows. What
   * is under way when it changes goes on as it was.
   */
  readonly identity?: () => Promise<Identity>;
  /** Called when the server does not believe who we are (401): what `token` and `identity` keep is no longer good. */
  readonly refused?: () => void;
  /** Sent with every request unless the request has its own: `user-agent`, basic authorization, impersonation. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Connections for all that is not a watch; default 64. Each watch has one of its own beyond these. */
  readonly connections?: number;
  /** Milliseconds for TCP and TLS to be set up; default 10,000. */
  readonly connectTimeout?: number;
  /** Milliseconds of silence after which a request that is no watch counts as lost; default 90,000 (API servers answer within 60 s). */
  readonly answerTimeout?: number;
}

export interface Transport {
  readonly controlPlane: ControlPlane;
  /** Cuts all connections; what is under way, and what is asked from now on, ends as `Stopped`. */
  close(): Promise<void>;
}

/**
 * A control plane at the other end of sockets.
 * @throws {UserError} when `server` or `proxy` is not a URL.
 */
export function undiciControlPlane(options: TransportOptions): Transport {
  const base = serverUrl(options.server);
  if (options.proxy !== undefined) checkUrl(options.proxy, 'proxy');
  const pools = openPools({
    ...options,
    connections: options.connections ?? 64,
    connectTimeout: options.connectTimeout ?? 10_000,
    answerTimeout: options.answerTimeout ?? 90_000,
  });
  const closing = new AbortController();
  const headersOf = headerMaker(options);
  const prefix = base.pathname.replace(/\/+$/, '');

  const way = async (request: ApiRequest): Promise<Pick<Route, 'headers' | 'dispatcher'>> => {
    try {
      const headers = await headersOf(request);
      const { requests, watches } = await pools.now();
      return { headers, dispatcher: isWatch(request) ? watches : requests };
    } catch (error) {
      throw lost({ method: request.method, path: `${request.path}: no credentials` }, error);
    }
  };
  const controlPlane: ControlPlane = async (request, signal) => {
    stopIf(signal, closing.signal);
    const { headers, dispatcher } = await way(request);
    stopIf(signal, closing.signal);
    const path = prefix + target(request);
    const answer = await send({ dispatcher, origin: base.origin, path, headers }, request, { signal, closing: closing.signal });
    if (answer.status === 401) options.refused?.();
    return answer;
  };
  const close = async (): Promise<void> => {
    closing.abort();
    await pools.destroy();
  };
  return { controlPlane, close };
}

interface Route {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  readonly headers: Record<string, string>;
}

function send(route: Route, request: ApiRequest, stops: Stops): Promise<ApiResponse> {
  const { dispatcher, origin, path, headers } = route;
  const exchange = new Exchange({ method: request.method, path }, stops);
  dispatcher.dispatch({ origin, path, method: request.method, headers, body: request.body ?? null }, exchange);
  return exchange.answer;
}

function headerMaker(options: TransportOptions): (request: ApiRequest) => Record<string, string> | Promise<Record<string, string>> {
  const { token, headers: fixed } = options;
  const merge = (request: ApiRequest, bearer: string | undefined): Record<string, string> => ({
    ...fixed,
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...request.headers,
  });
  if (typeof token !== 'function') return (request) => merge(request, token);
  return async (request) => merge(request, await token());
}

function stopIf(...signals: AbortSignal[]): void {
  if (signals.some((signal) => signal.aborted)) throw new Stopped();
}

/** True for a request whose answer goes on for as long as both sides like. */
export function isWatch(request: Pick<ApiRequest, 'query'>): boolean {
  return request.query.some(([name, value]) => name === 'watch' && value !== 'false' && value !== '0');
}

function target(request: ApiRequest): string {
  if (request.query.length === 0) return request.path;
  const query = request.query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `${request.path}?${query.join('&')}`;
}

function serverUrl(server: string): URL {
  const url = checkUrl(server, 'server');
  if (url.protocol === 'https:' || url.protocol === 'http:') return url;
  throw new UserError(`"${server}" is not the address of a server: it must begin with https:// or http://`);
}

function checkUrl(text: string, what: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new UserError(`"${text}" is not the URL of a ${what}: write one such as https://127.0.0.1:6443`);
}
