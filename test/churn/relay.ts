/** An HTTPS server that passes each request on to a control plane, or refuses it as an overloaded or broken one would. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { failure, type StatusReason } from '../../src/meta/status.ts';
import type { ServingCertificate } from '../../src/net/serve-control-plane.ts';
import type { Plane } from './plane.ts';

export interface Refusal {
  readonly code: number;
  readonly reason: StatusReason;
  /** Seconds, as a header. */
  readonly retryAfter?: number;
  /** A page of a proxy's own instead of a Status. */
  readonly page?: boolean;
  /** Of all requests while it lasts, from 0 to 1. */
  readonly share: number;
}

export interface Relay {
  readonly port: number;
  /** What happens to requests from now on; undefined: they are passed on. */
  refuse(refusal: Refusal | undefined): void;
  /** Requests refused so far. */
  refused(): number;
  close(): void;
}

/** @param roll a number from 0 to 1 for each request. */
export async function relay(plane: Pick<Plane, 'url' | 'ca'>, tls: ServingCertificate, roll: () => number): Promise<Relay> {
  const agent = new Agent({ keepAlive: true, ca: plane.ca });
  let refusal: Refusal | undefined;
  let refused = 0;
  const server: Server = createServer({ cert: tls.cert, key: tls.key }, (incoming, outgoing) => {
    if (refusal === undefined || roll() >= refusal.share) {
      pass(new URL(incoming.url ?? '/', plane.url), agent, incoming, outgoing);
      return;
    }
    refused++;
    incoming.resume();
    answer(outgoing, refusal);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    refuse: (next) => (refusal = next),
    refused: () => refused,
    close: () => {
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

function pass(url: URL, agent: Agent, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const upstream = request(url, { method: incoming.method ?? 'GET', headers: incoming.headers, agent });
  upstream.on('response', (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    outgoing.flushHeaders();
    response.on('error', () => outgoing.destroy());
    response.pipe(outgoing);
  });
  // As if the server itself were not there: nobody says a word.
  upstream.on('error', () => outgoing.destroy());
  outgoing.on('close', () => upstream.destroy());
  outgoing.on('error', () => undefined);
  incoming.on('error', () => undefined);
  incoming.pipe(upstream);
}

function answer(outgoing: ServerResponse, { code, reason, retryAfter, page }: Refusal): void {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  const [type, text] =
    page === true
      ? ['text/html', '<html><body>Bad Gateway</body></html>']
      : ['application/json', JSON.stringify(failure(code, reason, 'refused by the weather'))];
  outgoing.writeHead(code, { ...headers, 'content-type': type }).end(text);
}
