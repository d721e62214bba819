/** Connection tracking: which packets belong to a conversation that was let begin. */
import type { IpPayload } from './frame.ts';

export type Direction = 'Ingress' | 'Egress';

/** As it was begun. */
export interface Connection {
  readonly direction: Direction;
  readonly first: Pick<IpPayload, 'src' | 'dst' | 'protocol' | 'srcPort' | 'dstPort'>;
  /** It was answered. */
  answered: boolean;
  /** TCP: one side has said that it is over. */
  closing: boolean;
  /** When it was last heard of, milliseconds. */
  seenAt: number;
}

/** By `keyOf`, in the order in which they began. */
export type Connections = Map<string, Connection>;

/** The most of a port; beyond it the oldest go. */
const mostConnections = 65_536;

/** Milliseconds without a packet after which a connection is forgotten, as Linux has them. */
const idle = { opening: 60_000, tcp: 5 * 86_400_000, closing: 10_000, udp: 30_000, udpAnswered: 120_000, icmp: 30_000 } as const;

/** The same for both ways; an echo that is asked for from there is no part of one that is asked for from here. */
export function keyOf({ dst, dstPort, flags, protocol, src, srcPort }: IpPayload, direction: Direction): string {
  const isOut = direction === 'Egress';
  const what = protocol !== 'ICMP' ? protocol : isOut === (flags.reply === true) ? 'ICMP in' : 'ICMP out';
  return isOut ? `${what} ${src} ${srcPort} ${dst} ${dstPort}` : `${what} ${dst} ${dstPort} ${src} ${srcPort}`;
}

/** Notes a packet of a connection that is tracked. @returns whether there is one. */
export function noteKnown(connections: Connections, payload: IpPayload, direction: Direction, now: number): boolean {
  const key = keyOf(payload, direction);
  const known = connections.get(key);
  if (known === undefined) return false;
  if (isOver(known, now)) {
    connections.delete(key);
    return false;
  }
  known.seenAt = now;
  if (direction !== known.direction) known.answered = true;
  if (payload.flags.fin === true || payload.flags.rst === true) known.closing = true;
  return true;
}

/** Tracks what was let begin. */
export function noteNew(connections: Connections, payload: IpPayload, direction: Direction, now: number): void {
  if (connections.size >= mostConnections) makeRoom(connections, now);
  const { dst, dstPort, protocol, src, srcPort } = payload;
  const first = { src, dst, protocol, srcPort, dstPort };
  connections.set(keyOf(payload, direction), { direction, first, answered: false, closing: false, seenAt: now });
}

function isOver(connection: Connection, now: number): boolean {
  return now - connection.seenAt > idleMs(connection);
}

function idleMs({ answered, closing, first }: Connection): number {
  if (first.protocol === 'ICMP') return idle.icmp;
  if (first.protocol === 'UDP') return answered ? idle.udpAnswered : idle.udp;
  if (closing) return idle.closing;
  return answered ? idle.tcp : idle.opening;
}

function makeRoom(connections: Connections, now: number): void {
  for (const [key, connection] of connections) if (isOver(connection, now)) connections.delete(key);
  const [oldest] = connections.keys();
  if (connections.size >= mostConnections && oldest !== undefined) connections.delete(oldest);
}
