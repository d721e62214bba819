import type { IncomingMessage } from 'node:http';
import type { ApiRequest } from '../meta/control-plane.ts';
import { failure, type Status } from '../meta/status.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

/** A request that is answered without asking the control plane. */
export interface Refusal {
  readonly refused: Status;
}

/** Bytes past the limit that are still taken in, so that a client that sends before it listens gets to hear the answer. */
const patience = 32 * 1024 * 1024;

/** Takes in a whole request whose body has at most `bodyLimit` bytes. Rejects when the client goes away meanwhile. */
export async function readRequest(incoming: IncomingMessage, bodyLimit: number): Promise<ApiRequest | Refusal> {
  const method = methods.find((known) => known === incoming.method);
  if (method === undefined)
    return refuse(405, 'MethodNotAllowed', `the method ${incoming.method ?? ''} is not one of ${methods.join(', ')}`);
  const url = incoming.url ?? '';
  if (!url.startsWith('/')) return refuse(400, 'BadRequest', 'the request target must be a path');
  const body = hasBody(incoming) ? await readBody(incoming, bodyLimit) : undefined;
  if (body === 'too large') return refuse(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${String(bodyLimit)}`);
  const mark = url.indexOf('?');
  return {
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? [] : [...new URLSearchParams(url.slice(mark + 1))],
    headers: plainHeaders(incoming),
    ...(body === undefined ? {} : { body }),
  };
}

function refuse(...[code, reason, message]: Parameters<typeof failure>): Refusal {
  return { refused: failure(code, reason, message) };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function readBody(incoming: IncomingMessage, limit: number): Promise<Uint8Array | 'too large'> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const goneAway = (): void => {
      reject(new Error('the client went away'));
    };
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > limit + patience) resolve('too large');
    });
    incoming.once('end', () => {
      // Every request closes in the end; to make an error for each, its stack included, was a twentieth of a busy server's time.
      incoming.off('close', goneAway);
      resolve(size > limit ? 'too large' : Buffer.concat(chunks, size));
    });
    incoming.once('error', reject);
    incoming.once('close', goneAway);
  });
}

function plainHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in incoming.headers) {
    const value = incoming.headers[name];
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}
