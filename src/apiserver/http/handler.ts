import type { ApiRequest, ApiResponse, ControlPlane } from '../../meta/control-plane.ts';
import { messageOf, Stopped } from '../../base/errors.ts';
import { ApiError } from '../../meta/status.ts';
import { authenticate } from './auth.ts';
import type { Tokens } from './auth.ts';
import { checkSize } from './body.ts';
import { discovery } from './discovery/discovery.ts';
import { internalError, methodNotAllowed } from './errors.ts';
import { openApi } from './openapi/openapi.ts';
import { openApiV2 } from './openapi/v2.ts';
import { resourcePath, segmentsOf } from './path.ts';
import { Query } from './query.ts';
import { json, ofStatus, pageNotFound, plainText, respond } from './respond.ts';
import type { Answer } from './respond.ts';
import { route } from './router.ts';
import type { Server } from './server.ts';
import { version } from './version.ts';

/** Answers without a token: whether the server is there, and what it is. */
const open: ReadonlySet<string> = new Set(['healthz', 'livez', 'readyz', 'version']);

/** The API server's request handling, as a ControlPlane. */
export function handler(server: Server, tokens: Tokens): ControlPlane {
  const discover = discovery(server.registry);
  const api = openApi(server.registry, server.runtime.clock);

  const answer = async (request: ApiRequest, signal: AbortSignal, warnings: string[]): Promise<Answer> => {
    const segments = segmentsOf(request.path);
    const [first = ''] = segments;
    if (open.has(first)) return reading(request, () => health(segments));
    const user = authenticate(tokens, request.headers);
    checkSize(request.body);
    const path = resourcePath(segments);
    const warn = (text: string): void => {
      if (!warnings.includes(text)) warnings.push(text);
    };
    if (path !== undefined) return route({ server, request, path, user, signal, warn });
    return reading(request, () => elsewhere(segments, request));
  };
  const elsewhere = (segments: readonly string[], request: ApiRequest): Answer => {
    const [first, second] = segments;
    if (first === 'api' || first === 'apis') return discover.answer(segments, request.headers['accept']);
    if (first === 'openapi' && second === 'v2' && segments.length === 2) return openApiV2(request.headers['accept']);
    if (first === 'openapi' && second === 'v3') {
      if (segments.length === 2) return api.index();
      return api.document(segments.slice(2).join('/'), new Query(request.query), request.headers['if-none-match']) ?? pageNotFound();
    }
    return first === undefined
      ? json(200, { paths: ['/api', '/apis', '/healthz', '/livez', '/openapi/v3', '/readyz', '/version'] })
      : pageNotFound();
  };
  return async (request, signal) => {
    if (signal.aborted) throw new Stopped('the request was given up');
    const warnings: string[] = [];
    try {
      return withoutBody(request, respond(await answer(request, signal, warnings), warnings));
    } catch (error) {
      return withoutBody(request, respond(ofStatus(statusOf(server, request, error)), warnings));
    }
  };
}

function reading(request: ApiRequest, read: () => Answer): Answer {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  return read();
}

function health([first = '', ...checks]: readonly string[]): Answer {
  if (first === 'version') return checks.length === 0 ? json(200, version) : pageNotFound();
  if (checks.length === 0) return plainText(200, 'ok');
  // One check by itself is answered by another handler of a real server.
  return checks[0] === 'ping' ? { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'ok' } : pageNotFound();
}

/** An answer to HEAD has the headers only. */
function withoutBody(request: ApiRequest, response: ApiResponse): ApiResponse {
  return request.method === 'HEAD' ? { ...response, body: none() } : response;
}

async function* none(): AsyncGenerator<Uint8Array> {
  // Nothing to send.
}

function statusOf(server: Server, request: ApiRequest, error: unknown): ApiError['status'] {
  if (error instanceof ApiError) return error.status;
  server.runtime.log.error('a request failed', { method: request.method, path: request.path, error });
  return internalError(messageOf(error)).status;
}
