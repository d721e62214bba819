import type { ApiResponse } from '../../meta/control-plane.ts';
import type { Status } from '../../meta/status.ts';
import { WholeBody } from '../../meta/whole-body.ts';

const encoder = new TextEncoder();

/** What a handler answers: text that `respond` encodes, or a stream. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Uint8Array>;
}

export const jsonType = 'application/json';

/** A JSON answer from a value. */
export function json(status: number, value: unknown, headers?: Readonly<Record<string, string>>): Answer {
  return jsonText(status, JSON.stringify(value), headers);
}

/** A JSON answer from text that is JSON already. */
export function jsonText(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': jsonType, ...headers }, body };
}

export function plainText(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }, body };
}

export function ofStatus(status: Status): Answer {
  const retry = status.details?.retryAfterSeconds;
  const headers = {
    ...(retry === undefined ? {} : { 'retry-after': String(retry) }),
    ...(status.code === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  };
  return json(status.code, status, headers);
}

/** What Go's mux says of a path that it doesn't have. */
export function pageNotFound(): Answer {
  return plainText(404, '404 page not found\n');
}

/** The answer as a ControlPlane gives it. `warnings` become Warning headers, in one value: names of headers stand once. */
export function respond(answer: Answer, warnings: readonly string[] = []): ApiResponse {
  const headers: Record<string, string> = { 'cache-control': 'no-cache, private', ...answer.headers };
  if (warnings.length > 0) headers['warning'] = warnings.map(warningHeader).join(', ');
  if (typeof answer.body !== 'string') return { status: answer.status, headers, body: answer.body };
  const bytes = encoder.encode(answer.body);
  headers['content-length'] = String(bytes.byteLength);
  return { status: answer.status, headers, body: new WholeBody(bytes) };
}

/** RFC 7234 section 5.5, as `k8s.io/apimachinery` writes it. */
function warningHeader(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/[\\"]/g, '\\$&');
  return `299 - "${clean}"`;
}
