import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { messageOf, Stopped } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { ConnectionLost, type ApiRequest, type ControlPlane } from '../meta/control-plane.ts';
import { failure } from '../meta/status.ts';
import { authority, listen, type Address } from './listen.ts';
import { readRequest } from './request-reader.ts';
import { writeAnswer, writeStatus, writeStream } from './response-writer.ts';
import { isWatch } from './undici-control-plane.ts';

/** What a server shows to be believed: PEM text, the certificate followed by those that vouch for it. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface ServeOptions extends Address {
  readonly tls: ServingCertificate;
  readonly log: Log;
  /** Bytes of a request's body at most; default 3 MiB, as Kubernetes has it. */
  readonly bodyLimit?: number;
  /** Milliseconds that a client may leave waiting what is sent to it, before it is cut off; default 60,000. */
  readonly patience?: number;
  /** Milliseconds that requests under way get to end when the server closes; default 5,000. Watches end at once. */
  readonly grace?: number;
}

export interface Serving {
  /** Where it listens: the port is the real one when 0 was asked for. */
  readonly address: Address;
  /** `https://host:port`. */
  readonly url: string;
  /** Shows another certificate to whoever connects from now on. */
  renew(tls: ServingCertificate): void;
  /** Takes no more, ends watches, lets requests end, and settles when every connection is closed. */
  close(): Promise<void>;
}

interface Front {
  readonly controlPlane: ControlPlane;
  readonly options: ServeOptions;
  readonly server: Server;
  readonly open: Set<Conversation>;
  closing: boolean;
}

interface Conversation {
  readonly watch: boolean;
  readonly stop: AbortController;
}

/**
 * Puts `controlPlane` on an HTTPS port.
 * @throws {UserError} when the address cannot be had.
 */
export async function serveControlPlane(controlPlane: ControlPlane, options: ServeOptions): Promise<Serving> {
  const server = createServer({ cert: options.tls.cert, key: options.tls.key, ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2' });
  // Longer than load balancers and clients keep an idle connection, lest a request cross our closing of it.
  server.keepAliveTimeout = 90_000;
  const front: Front = { controlPlane, options, server, open: new Set(), closing: false };
  server.on('request', (incoming, outgoing) => void converse(front, incoming, outgoing));
  server.on('tlsClientError', (error) => {
    options.log.debug('tls handshake failed', { error: messageOf(error) });
  });
  const address = await listen(server, options);
  return {
    address,
    url: `https://${authority(address)}`,
    renew: (tls) => {
      server.setSecureContext({ cert: tls.cert, key: tls.key });
    },
    close: () => close(front),
  };
}

async function converse(front: Front, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const stop = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) stop.abort();
    if (front.closing) front.server.closeIdleConnections();
  });
  try {
    const request = await readRequest(incoming, front.options.bodyLimit ?? 3 * 1024 * 1024);
    if (!('refused' in request)) await answer(front, request, outgoing, stop);
    else writeStatus(outgoing, request.refused, { connection: 'close' });
  } catch (error) {
    if (!outgoing.destroyed) fail(front, outgoing, error);
  }
}

async function answer(front: Front, request: ApiRequest, outgoing: ServerResponse, stop: AbortController): Promise<void> {
  const conversation = { watch: isWatch(request), stop };
  front.open.add(conversation);
  try {
    if (front.closing) throw new Stopped();
    const response = await front.controlPlane(request, stop.signal);
    const write = conversation.watch ? writeStream : writeAnswer;
    await write(outgoing, response, front.options.patience ?? 60_000);
  } finally {
    front.open.delete(conversation);
  }
}

function fail(front: Front, outgoing: ServerResponse, error: unknown): void {
  const expected = error instanceof Stopped || error instanceof ConnectionLost;
  if (!expected)
    front.options.log.error('request failed', { error: messageOf(error), stack: error instanceof Error ? error.stack : undefined });
  if (!outgoing.headersSent) {
    const status = expected
      ? failure(503, 'ServiceUnavailable', 'the server is stopping, or cannot reach what it stands for')
      : failure(500, 'InternalError', 'an internal error: the log says more');
    writeStatus(outgoing, status);
  } else if (front.closing && error instanceof Stopped) outgoing.end();
  // The client must not take half an answer for a whole one.
  else outgoing.destroy();
}

async function close(front: Front): Promise<void> {
  front.closing = true;
  const closed = new Promise<void>((resolve) => {
    front.server.close(() => {
      resolve();
    });
  });
  for (const { watch, stop } of front.open) if (watch) stop.abort();
  const timer = setTimeout(() => {
    for (const { stop } of front.open) stop.abort();
    front.server.closeAllConnections();
  }, front.options.grace ?? 5000);
  await closed;
  clearTimeout(timer);
}
