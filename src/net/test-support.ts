/** What the tests of this room share. */
import { Stopped } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import type { ApiRequest, ApiResponse, ControlPlane } from '../meta/control-plane.ts';
import { certificates, type CertificateDisk, type Certificates } from './certificates.ts';
import { serveControlPlane, type ServeOptions, type Serving } from './serve-control-plane.ts';
import { undiciControlPlane, type Transport, type TransportOptions } from './undici-control-plane.ts';

export function request(part: Partial<ApiRequest> = {}): ApiRequest {
  return { method: 'GET', path: '/', query: [], headers: {}, ...part };
}

export const never = new AbortController().signal;

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text;
}

export async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(bytes(text));
}

/** A body that is fed by hand. */
export interface Feed {
  readonly body: AsyncIterable<Uint8Array>;
  send(text: string): void;
  end(): void;
  break(error: Error): void;
  /** Chunks that were taken by the reader. */
  taken(): number;
  /** Settles when the reader leaves early, or its signal is aborted. */
  readonly left: Promise<void>;
}

export function feed(signal: AbortSignal): Feed {
  const queue: (string | Error | undefined)[] = [];
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  let wake: () => void = () => undefined;
  let taken = 0;
  const put = (item: string | Error | undefined): void => {
    queue.push(item);
    wake();
  };
  signal.addEventListener('abort', () => {
    leave();
    put(new Stopped());
  });
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const item = queue.shift();
        if (item === undefined) return;
        if (item instanceof Error) throw item;
        taken++;
        yield bytes(item);
      }
    } finally {
      leave();
    }
  }
  return {
    body: read(),
    send: put,
    end: () => {
      put(undefined);
    },
    break: put,
    taken: () => taken,
    left,
  };
}

export function answer(text: string, headers: Record<string, string> = {}, status = 200): ApiResponse {
  return { status, headers: { 'content-type': 'text/plain', ...headers }, body: chunks(text) };
}

export function memoryDisk(files = new Map<string, Uint8Array>()): CertificateDisk & { readonly files: Map<string, Uint8Array> } {
  return {
    files,
    read: (name) => Promise.resolve(files.get(name)),
    replace: async (name, content) => {
      const pieces: Uint8Array[] = [];
      if (content instanceof Uint8Array) pieces.push(content);
      else for await (const piece of content) pieces.push(piece);
      files.set(name, Buffer.concat(pieces));
    },
  };
}

export interface Loop {
  readonly certificates: Certificates;
  readonly serving: Serving;
  readonly transport: Transport;
  close(): Promise<void>;
}

let shared: Promise<Certificates> | undefined;

/** One certificate for all tests of a process: making one takes a while. */
export function testCertificates(): Promise<Certificates> {
  shared ??= certificates({ disk: memoryDisk(), names: ['127.0.0.1', 'localhost'], now: Date.now() });
  return shared;
}

/** `controlPlane` behind a real socket, and a transport to it. */
export async function loop(
  controlPlane: ControlPlane,
  serve: Partial<ServeOptions> = {},
  client: Partial<TransportOptions> = {},
): Promise<Loop> {
  const made = await testCertificates();
  const serving = await serveControlPlane(controlPlane, { host: '127.0.0.1', port: 0, tls: made, log: silentLog, ...serve });
  const transport = undiciControlPlane({ server: serving.url, ca: made.ca, ...client });
  const close = async (): Promise<void> => {
    await transport.close();
    await serving.close();
  };
  return { certificates: made, serving, transport, close };
}
