/** A bad network and an overloaded server between clients and a control plane, on loopback. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Random } from '../../src/base/random.ts';
import { certificates } from '../../src/net/certificates.ts';
import { memoryDisk } from '../../src/net/test-support.ts';
import { line, type Failure, type Line } from './line.ts';
import type { Plane } from './plane.ts';
import { relay, type Gate, type Refusal } from './relay.ts';

export interface FaultProxy {
  readonly url: string;
  /** PEM text: whom to believe. */
  readonly ca: string;
  /** Makes one connection fail, sooner or later, or all at once. @returns how many. */
  fail(how: Failure, which: 'one' | 'all'): number;
  /** While it is on, connections that come are taken, and then nothing happens. */
  blackHole(on: boolean): void;
  refuse(refusal: Refusal | undefined): void;
  /** Requests refused so far. */
  refused(): number;
  /** Ends the watches that are open. @returns how many. */
  endWatches(): number;
  close(): void;
}

/** So many bytes may pass before a connection fails: within a TLS record, within an event, or much later. */
const mostBytes = 4096;

export async function faultProxy(plane: Pick<Plane, 'url' | 'ca'>, random: Random, gate?: Gate): Promise<FaultProxy> {
  const tls = await certificates({ disk: memoryDisk(), names: ['127.0.0.1'], now: Date.now() });
  const inner = await relay(plane, tls, () => random.next(), gate);
  const lines = new Set<Line>();
  const swallowed = new Set<Socket>();
  let hole = false;
  const front = createServer({ allowHalfOpen: true }, (socket) => {
    if (hole) swallow(socket, swallowed);
    else {
      const made: Line = line(socket, inner.port, () => lines.delete(made));
      lines.add(made);
    }
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    url: `https://127.0.0.1:${String((front.address() as AddressInfo).port)}`,
    ca: tls.ca,
    fail: (how, which) => {
      const healthy = [...lines].filter((one) => one.isHealthy());
      const chosen = which === 'all' ? healthy : healthy.splice(random.integer(healthy.length), 1);
      for (const one of chosen) one.fail(how, which === 'all' || random.integer(2) === 0 ? 0 : random.integer(mostBytes));
      return chosen.length;
    },
    blackHole: (on) => (hole = on),
    refuse: inner.refuse,
    refused: inner.refused,
    endWatches: inner.endWatches,
    close: () => {
      front.close();
      for (const one of lines) one.destroy();
      for (const socket of swallowed) socket.destroy();
      inner.close();
    },
  };
}

function swallow(socket: Socket, swallowed: Set<Socket>): void {
  swallowed.add(socket);
  socket.on('error', () => undefined);
  socket.on('end', () => socket.destroy());
  socket.on('close', () => swallowed.delete(socket));
  socket.resume();
}
