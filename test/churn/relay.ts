/** An HTTPS server that passes each request on to a control plane, or refuses it as an overloaded or broken one would. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import type { ApiRequest } from '../../src/meta/control-plane.ts';
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

/** An answer that comes in place of the server's own; `nothing`: the connection ends. */
export type Instead = 'nothing' | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** Stands between a client and the server, and sees what each says. */
export interface Gate {
  /** Before the server hears of a request. @returns what comes in place of the server's answer. */
  before(asked: ApiRequest): Promise<Instead | undefined>;
  /** The server has answered, and the client does not know yet. False: it never will. */
  after(asked: ApiRequest, status: number): boolean;
  /** Settles when the next piece of a watch may go on to the client. */
  piece(asked: ApiRequest): Promise<void>;
}

export interface Relay {
  readonly port: number;
  /** What happens to requests from now on; undefined: they are passed on. */
  refuse(refusal: Refusal | undefined): void;
  /** Requests refused so far. */
  refused(): number;
  /** Ends the watches that are open. @returns how many. */
  endWatches(): number;
  close(): void;
}

/** @param roll a number from 0 to 1 for each request. */
export async function relay(plane: Pick<Plane, 'url' | 'ca'>, tls: ServingCertificate, roll: () => number, gate?: Gate): Promise<Relay> {
  const agent = new Agent({ keepAlive: true, ca: plane.ca });
  const watches = new Set<ServerResponse>();
  let refusal: Refusal | undefined;
  let refused = 0;
  const server: Server = createServer({ cert: tls.cert, key: tls.key }, (incoming, outgoing) => {
    if (refusal === undefined || roll() >= refusal.share) {
      const url = new URL(incoming.url ?? '/', plane.url);
      if (url.searchParams.has('watch')) {
        watches.add(outgoing);
        outgoing.on('close', () => watches.delete(outgoing));
      }
      const way: Way = { url, agent, incoming, outgoing, ...(gate === undefined ? {} : { gate: { gate, asked: askedBy(incoming, url) } }) };
      // Only a gate may fail, which is a defect of the test: then the client hears nothing.
      passAtGate(way).catch(() => outgoing.destroy());
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
    endWatches: () => {
      const open = [...watches];
      for (const one of open) one.destroy();
      return open.length;
    },
    close: () => {
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Way {
  readonly url: URL;
  readonly agent: Agent;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly gate?: { readonly gate: Gate; readonly asked: ApiRequest };
}

async function passAtGate(way: Way): Promise<void> {
  const { gate, incoming, outgoing } = way;
  const instead = await gate?.gate.before(gate.asked);
  if (instead === undefined) {
    pass(way);
    return;
  }
  incoming.resume();
  if (instead === 'nothing') outgoing.destroy();
  else outgoing.writeHead(instead.status, instead.headers).end(instead.body);
}

function pass(way: Way): void {
  const { url, agent, incoming, outgoing } = way;
  const upstream = request(url, { method: incoming.method ?? 'GET', headers: incoming.headers, agent });
  upstream.on('response', (response) => {
    passBack(way, response);
  });
  // As if the server itself were not there: nobody says a word.
  upstream.on('error', () => outgoing.destroy());
  outgoing.on('close', () => upstream.destroy());
  outgoing.on('error', () => undefined);
  incoming.on('error', () => undefined);
  incoming.pipe(upstream);
}

function passBack({ url, outgoing, gate }: Way, response: IncomingMessage): void {
  const status = response.statusCode ?? 502;
  if (gate !== undefined && !gate.gate.after(gate.asked, status)) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(status, response.headers);
  outgoing.flushHeaders();
  response.on('error', () => outgoing.destroy());
  if (gate === undefined || !url.searchParams.has('watch')) response.pipe(outgoing);
  else response.pipe(heldBack(gate.gate, gate.asked)).pipe(outgoing);
}

function heldBack(gate: Gate, asked: ApiRequest): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      gate.piece(asked).then(() => {
        done(null, chunk);
      }, done);
    },
  });
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;

function askedBy({ method: word, headers }: IncomingMessage, { pathname, searchParams }: URL): ApiRequest {
  const method = methods.find((one) => one === word) ?? 'OPTIONS';
  const said = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
  return { method, path: pathname, query: [...searchParams], headers: Object.fromEntries(said) };
}

function answer(outgoing: ServerResponse, { code, reason, retryAfter, page }: Refusal): void {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  const [type, text] =
    page === true
      ? ['text/html', '<html><body>Bad Gateway</body></html>']
      : ['application/json', JSON.stringify(failure(code, reason, 'refused by the weather'))];
  outgoing.writeHead(code, { ...headers, 'content-type': type }).end(text);
}
