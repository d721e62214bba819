/** Conversations as of TCP, without what does not matter here: bytes are counted; of what they say, what was given with them is carried; one window fits all. RFC 9293, RFC 6298, RFC 5681. */
import type { Endpoint } from './endpoint.ts';
import { ipFrame, type Frame, type IpPayload, type Mac, type TcpFlags } from './frame.ts';

export interface Party {
  readonly mac: Mac;
  readonly address: string;
}

/** One side of a conversation. */
export interface Conversation {
  state(): 'Opening' | 'Open' | 'Broken';
  /** Sends so many bytes more, which say `data`, if anything. */
  send(bytes: number, data?: unknown): void;
  /** Calls `handler` with what came, in order, once all bytes that say it have. */
  hear(handler: (data: unknown) => void): void;
  /** Bytes that came, without a hole. */
  received(): number;
  /** Bytes sent that the other side has. */
  acknowledged(): number;
  /** Segments that were sent again. */
  retransmissions(): number;
  /** The longest time in which nothing came that was new, milliseconds, up to the last that did. */
  longestGapMs(): number;
}

const segmentBytes = 1400;
const windowBytes = 65_536;
/** The first wait for an acknowledgement, and the longest, milliseconds; Linux's. */
const firstWaitMs = 200;
const longestWaitMs = 60_000;
/** As often nothing came back: the other side is given up. */
const mostTries = 15;
const duplicatesForLoss = 3;

/** Opens a conversation with whoever listens there. */
export function connect(endpoint: Endpoint, to: Party, toPort: number, fromPort = 40_000): Conversation {
  const side = newSide(endpoint, { to, toPort, fromPort, answers: false });
  endpoint.hear((frame) => {
    const packet = packetOf(endpoint, frame);
    if (packet?.dstPort === fromPort && packet.srcPort === toPort && packet.src === to.address) take(side, packet);
  });
  greet(side);
  wait(side);
  return conversationOf(side);
}

/** Takes part in every conversation that is opened at this port. */
export function listen(endpoint: Endpoint, port: number, opened: (conversation: Conversation) => void = () => undefined): void {
  const sides = new Map<string, Side>();
  endpoint.keep?.(() => {
    const saved = [...sides];
    return () => {
      sides.clear();
      for (const [key, side] of saved) sides.set(key, side);
    };
  });
  endpoint.hear((frame) => {
    const packet = packetOf(endpoint, frame);
    if (packet?.dstPort !== port) return;
    const key = `${packet.src} ${packet.srcPort}`;
    const there = sides.get(key);
    if (there !== undefined) take(there, packet);
    else if (packet.flags.syn === true) {
      const to = { mac: frame.src, address: packet.src };
      const side = newSide(endpoint, { to, toPort: packet.srcPort, fromPort: port, answers: true });
      sides.set(key, side);
      opened(conversationOf(side));
      take(side, packet);
    }
  });
}

function packetOf(endpoint: Endpoint, { dst, payload }: Frame): IpPayload | undefined {
  return payload.type === 'IP' && payload.protocol === 'TCP' && dst === endpoint.mac() ? payload : undefined;
}

interface Ends {
  readonly to: Party;
  readonly toPort: number;
  readonly fromPort: number;
  /** It was called, and greets back. */
  readonly answers: boolean;
}

/** What bytes say. */
export interface Said {
  /** Where the last of them is. */
  readonly end: number;
  readonly data: unknown;
}

/** What one side knows of the other. Sequences begin at 0; SYN is not counted. What it holds is replaced, never changed, so that a copy of it is one. */
interface Side extends Ends {
  readonly endpoint: Endpoint;
  /** To be sent, or not yet acknowledged. */
  saying: readonly Said[];
  handlers: readonly ((data: unknown) => void)[];
  state: 'Opening' | 'Open' | 'Broken';
  acknowledged: number;
  next: number;
  wanted: number;
  received: number;
  retransmissions: number;
  duplicates: number;
  tries: number;
  lastAt: number | undefined;
  longestGapMs: number;
  stopWaiting: (() => void) | undefined;
}

function newSide(endpoint: Endpoint, ends: Ends): Side {
  const sent = { acknowledged: 0, next: 0, wanted: 0, retransmissions: 0, duplicates: 0, tries: 0 };
  const came = { received: 0, lastAt: undefined, longestGapMs: 0 };
  const side: Side = { ...ends, ...sent, ...came, endpoint, saying: [], handlers: [], state: 'Opening', stopWaiting: undefined };
  endpoint.keep?.(() => {
    const saved = { ...side };
    return () => Object.assign(side, saved);
  });
  return side;
}

function conversationOf(side: Side): Conversation {
  return {
    state: () => side.state,
    send: (bytes, data) => {
      side.wanted += bytes;
      if (data !== undefined) side.saying = [...side.saying, { end: side.wanted, data }];
      push(side);
    },
    hear: (handler) => {
      side.handlers = [...side.handlers, handler];
    },
    received: () => side.received,
    acknowledged: () => side.acknowledged,
    retransmissions: () => side.retransmissions,
    longestGapMs: () => side.longestGapMs,
  };
}

function say({ endpoint, fromPort, received, saying, to, toPort }: Side, flags: TcpFlags, sequence: number, bytes: number): void {
  const [src = ''] = endpoint.addresses();
  const ports = { srcPort: fromPort, dstPort: toPort, protocol: 'TCP' } as const;
  const said = bytes === 0 ? [] : saying.filter(({ end }) => end > sequence && end <= sequence + bytes);
  const words = { src, dst: to.address, ...ports, flags, sequence, acknowledged: received, bytes };
  endpoint.send(ipFrame(endpoint.mac(), to.mac, { ...words, ...(said.length === 0 ? {} : { data: said }) }));
}

function greet(side: Side): void {
  say(side, side.answers ? { syn: true, ack: true } : { syn: true }, 0, 0);
}

function isWaiting({ acknowledged, next, state }: Side): boolean {
  return state === 'Opening' || (state === 'Open' && acknowledged < next);
}

function wait(side: Side): void {
  side.stopWaiting?.();
  side.stopWaiting = undefined;
  if (!isWaiting(side)) return;
  const ms = Math.min(longestWaitMs, firstWaitMs * 2 ** side.tries);
  side.stopWaiting = side.endpoint.after(ms, () => {
    again(side);
  });
}

/** @returns how far it goes. */
function segment(side: Side, from: number): number {
  const bytes = Math.min(segmentBytes, side.wanted - from);
  say(side, { ack: true }, from, bytes);
  return from + bytes;
}

function push(side: Side): void {
  while (side.state === 'Open' && side.next < side.wanted && side.next - side.acknowledged < windowBytes)
    side.next = segment(side, side.next);
  if (side.stopWaiting === undefined) wait(side);
}

/** All that was sent after what is missing may be lost too. */
function resend(side: Side): void {
  side.retransmissions++;
  if (side.state === 'Opening') greet(side);
  else side.next = segment(side, side.acknowledged);
}

/** Nothing came back in time. */
function again(side: Side): void {
  side.stopWaiting = undefined;
  if (!isWaiting(side)) return;
  if (++side.tries > mostTries) side.state = 'Broken';
  else {
    resend(side);
    wait(side);
  }
}

function take(side: Side, packet: IpPayload): void {
  if (side.state === 'Broken') return;
  const { ack = false, syn = false } = packet.flags;
  if (syn && side.answers) greet(side);
  else if (syn) say(side, { ack: true }, 0, 0);
  if (ack && side.state === 'Opening') {
    side.state = 'Open';
    side.tries = 0;
    wait(side);
  }
  if (ack && !syn) {
    takeData(side, packet);
    takeAcknowledgement(side, packet);
  }
  push(side);
}

function takeAcknowledgement(side: Side, { acknowledged, bytes }: IpPayload): void {
  if (acknowledged > side.acknowledged) {
    side.acknowledged = acknowledged;
    if (side.saying.length > 0) side.saying = side.saying.filter(({ end }) => end > acknowledged);
    side.next = Math.max(side.next, acknowledged);
    side.tries = 0;
    side.duplicates = 0;
    wait(side);
  } else if (bytes === 0 && side.next > acknowledged && ++side.duplicates === duplicatesForLoss) resend(side);
}

/** What a segment's bytes say. */
export function saidIn(data: unknown): readonly Said[] {
  return Array.isArray(data) ? data.filter(isSaid) : [];
}

function isSaid(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && 'end' in value && 'data' in value;
}

function hand({ handlers }: Side, data: unknown): void {
  for (const handler of handlers) handler(data);
}

function takeData(side: Side, { bytes, data, sequence }: IpPayload): void {
  if (bytes === 0) return;
  if (sequence <= side.received && sequence + bytes > side.received) {
    const now = side.endpoint.now();
    side.longestGapMs = Math.max(side.longestGapMs, now - (side.lastAt ?? now));
    side.lastAt = now;
    const before = side.received;
    side.received = sequence + bytes;
    const news = saidIn(data).filter(({ end }) => end > before);
    for (const one of news) hand(side, one.data);
  }
  say(side, { ack: true }, side.next, 0);
}

/** Goes on saying so many bytes so often. @returns how to stop. */
export function chatter(endpoint: Endpoint, conversation: Conversation, everyMs: number, bytes: number): () => void {
  let stop = (): void => undefined;
  const beat = (): void => {
    conversation.send(bytes);
    stop = endpoint.after(everyMs, beat);
  };
  beat();
  return () => {
    stop();
  };
}
