import type { ServerResponse } from 'node:http';
import type { ApiResponse } from '../meta/control-plane.ts';
import type { Status } from '../meta/status.ts';

type Chunks = AsyncIterator<Uint8Array>;

/** Milliseconds after which a client that takes nothing of what waits for it is cut off. */
export type Patience = number;

export function writeStatus(response: ServerResponse, status: Status, headers: Readonly<Record<string, string>> = {}): void {
  const text = Buffer.from(JSON.stringify(status));
  response.writeHead(status.code, { 'content-type': 'application/json', 'content-length': text.length, ...headers });
  response.end(text);
}

/** A short answer goes out whole, with its length, so that its reader knows at once what is to come. */
export async function writeAnswer(response: ServerResponse, { status, headers, body }: ApiResponse, patience: Patience): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  if (response.req.method === 'HEAD' || status === 204 || status === 304) {
    await chunks.return?.();
    response.writeHead(status, headers).end();
    return;
  }
  const first = await chunks.next();
  const second = first.done === true ? first : await chunks.next();
  if (second.done === true) {
    const whole = first.done === true ? new Uint8Array() : first.value;
    response.writeHead(status, { 'content-length': whole.length, ...headers }).end(whole);
    return;
  }
  response.writeHead(status, headers);
  if (first.done !== true) await write(response, first.value, patience);
  await write(response, second.value, patience);
  await pump(response, chunks, patience);
}

/** The head goes out at once: a client waits for it before it believes that the watch has begun. */
export async function writeStream(response: ServerResponse, { status, headers, body }: ApiResponse, patience: Patience): Promise<void> {
  response.writeHead(status, headers);
  response.flushHeaders();
  await pump(response, body[Symbol.asyncIterator](), patience);
}

/** Asks for a chunk only when the socket has room, so that a slow reader's backlog stays with the control plane, which bounds it. */
async function pump(response: ServerResponse, chunks: Chunks, patience: Patience): Promise<void> {
  while (!response.destroyed) {
    const next = await chunks.next();
    if (next.done === true) {
      response.end();
      return;
    }
    await write(response, next.value, patience);
  }
  await chunks.return?.();
}

/** Settles when the socket wants more, or is gone. */
function write(response: ServerResponse, chunk: Uint8Array, patience: Patience): Promise<void> | undefined {
  if (response.write(chunk) || response.destroyed) return undefined;
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), patience);
    const go = (): void => {
      clearTimeout(timer);
      response.off('drain', go);
      response.off('close', go);
      resolve();
    };
    response.once('drain', go);
    response.once('close', go);
  });
}
