/** The way of each client to the API server: every request, answer and piece of a watch takes its time, and may go wrong. */
import type { Clock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import { ConnectionLost, type ApiRequest, type ApiResponse, type ControlPlane } from '../../src/meta/control-plane.ts';
import { failure, type Status } from '../../src/meta/status.ts';
import { WholeBody } from '../../src/meta/whole-body.ts';
import type { Armed } from './armed.ts';
import type { Strike } from './plan.ts';
import type { Trace } from './scheduler.ts';
import { apiStepOf, type ApiStep } from './steps.ts';

/** Who is connected. */
export interface Party {
  /** Such as `operator-0` or `agent rack-3`. */
  readonly who: string;
  readonly role: string;
  /** Ends the process at once; it comes back after `ms`. */
  readonly crash: (ms: number) => void;
  /** The process stands still for `ms`. */
  readonly pause: (ms: number) => void;
  readonly link: Link;
}

/** How a client's line is at the moment. */
export interface Link {
  /** Requests wait until it is open again; answers and watches too, or they alone. */
  blocked: 'no' | 'both' | 'answers';
  /** Milliseconds that everything takes longer. */
  slowMs: number;
  /** Milliseconds by which watches, and they alone, lag behind. */
  staleMs: number;
  /** Milliseconds by which each watch lags at most, each piece by another time: what happened to two objects is heard of in any order. */
  shuffledMs: number;
}

export function newLink(): Link {
  return { blocked: 'no', slowMs: 0, staleMs: 0, shuffledMs: 0 };
}

export interface NetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: Trace;
  readonly armed: Armed;
  readonly handle: ControlPlane;
  readonly crashServer: (ms: number) => void;
  /** The user does something about the VM that the request speaks of. */
  readonly meddle: (step: ApiStep, request: ApiRequest) => Promise<void>;
  /** Told of every request that reaches the server, with its HTTP status. */
  readonly seen: (party: Party, step: ApiStep, request: ApiRequest, status: number) => void;
}

export type Network = (party: Party) => ControlPlane;

export function network(options: NetworkOptions): Network {
  // What has reached the server is carried out, whoever still waits for it.
  const endless = new AbortController().signal;
  return (party) => (request, signal) => exchange({ ...options, party, step: apiStepOf(request), endless }, request, signal);
}

interface Exchange extends NetworkOptions {
  readonly party: Party;
  readonly step: ApiStep;
  readonly endless: AbortSignal;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

async function exchange(of: Exchange, request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
  const strike = of.armed.take(of.party.who, of.party.role, of.step.step);
  const refused = await before(of, strike, request);
  if (refused !== undefined) return refused;
  await way(of, 'both');
  const answered = await served(of, request, of.step.verb === 'watch' ? signal : of.endless);
  if (of.step.verb === 'watch') {
    await way(of, 'answers');
    return { ...answered, body: watched(of, answered.body, strike, signal) };
  }
  const response = await whole(answered);
  const instead = await after(of, strike, request);
  await way(of, 'answers');
  return instead ?? response;
}

/** One way of the line. */
async function way({ clock, random, party: { link } }: Exchange, direction: 'both' | 'answers'): Promise<void> {
  await clock.sleep(0.2 + random.next() + random.next() * link.slowMs);
  while (link.blocked === 'both' || link.blocked === direction) await clock.sleep(100);
}

async function served(of: Exchange, request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
  const { party, step, trace, handle, seen } = of;
  const place = `${step.namespace === undefined ? '' : `${step.namespace}/`}${step.name ?? ''}`;
  try {
    const response = await handle(request, signal);
    trace.note(`${party.who} ${step.step} ${place} ${String(response.status)}`);
    seen(party, step, request, response.status);
    return response;
  } catch (error) {
    trace.note(`${party.who} ${step.step} ${place} lost`);
    throw error;
  }
}

/** The server's whole answer, in one piece. */
async function whole(response: ApiResponse): Promise<ApiResponse> {
  if (response.body instanceof WholeBody) return response;
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  return { ...response, body: new WholeBody(Buffer.concat(pieces)) };
}

/** What goes wrong before the server hears of the request. @returns an answer that comes in place of its own. */
async function before(of: Exchange, strike: Strike | undefined, request: ApiRequest): Promise<ApiResponse | undefined> {
  const { party, clock, random } = of;
  switch (strike?.kind) {
    case 'conflict':
      return refusal(failure(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version'));
    case 'throttled':
      return refusal(failure(429, 'TooManyRequests', 'too many requests', { retryAfterSeconds: 1 }), { 'retry-after': '1' });
    case 'busy':
      return refusal(failure(429, 'TooManyRequests', 'too many requests'));
    case 'error':
      return refusal(failure(500, 'InternalError', 'etcdserver: leader changed'));
    case 'gone':
      return refusal(failure(410, 'Expired', 'too old resource version'));
    case 'lost':
      await way(of, 'both');
      throw new ConnectionLost('the connection was reset');
    case 'silent':
      return never();
    case 'late': {
      const arrives = clock.sleep(Math.min(strike.ms, 4000) * random.next()).then(() => served(of, request, of.endless));
      arrives.then(whole).catch(() => undefined);
      throw new ConnectionLost('the connection was reset');
    }
    case 'crash-before':
      party.crash(strike.ms);
      return never();
    case 'pause-before':
      party.pause(20_000);
      await clock.sleep(20_000);
      return undefined;
    case 'server-crash':
      of.crashServer(strike.ms);
      return undefined;
    case 'meddle-before':
      await of.meddle(of.step, request);
      return undefined;
    default:
      return undefined;
  }
}

/** What goes wrong once the server has done it. @returns an answer that comes in place of its own. */
async function after(of: Exchange, strike: Strike | undefined, request: ApiRequest): Promise<ApiResponse | undefined> {
  const { party } = of;
  switch (strike?.kind) {
    case 'error-done':
      return refusal(failure(500, 'InternalError', 'etcdserver: request timed out'));
    case 'lost-done':
      throw new ConnectionLost('the connection was reset');
    case 'silent-done':
      return never();
    case 'crash-after':
      party.crash(strike.ms);
      return never();
    case 'pause-after':
      party.pause(20_000);
      return undefined;
    case 'meddle-after':
      await of.meddle(of.step, request);
      return undefined;
    default:
      return undefined;
  }
}

async function* watched(
  of: Exchange,
  body: AsyncIterable<Uint8Array>,
  strike: Strike | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const { clock, random, party } = of;
  const until = strike === undefined ? Infinity : clock.monotonic() + strike.ms;
  for await (const chunk of body) {
    if (party.link.staleMs > 0) await clock.sleep(party.link.staleMs, signal);
    if (party.link.shuffledMs > 0) await clock.sleep(party.link.shuffledMs * random.next(), signal);
    await way(of, 'answers');
    const struck = strike !== undefined && clock.monotonic() >= until ? strike.kind : strike?.kind === 'delayed' ? 'delayed' : undefined;
    switch (struck) {
      case 'cut':
        yield chunk.subarray(0, random.integer(chunk.length));
        throw new ConnectionLost('the connection was reset');
      case 'ended':
        return;
      case 'frozen':
        await never();
        return;
      case 'delayed':
        if (clock.monotonic() < until + 30_000) await clock.sleep((strike?.ms ?? 0) * random.next(), signal);
        break;
      case 'expired':
        yield expired();
        return;
      default:
        break;
    }
    yield chunk;
  }
}

function expired(): Uint8Array {
  return bytes(`${JSON.stringify({ type: 'ERROR', object: failure(410, 'Expired', 'too old resource version') })}\n`);
}

function refusal(status: Status, headers: Record<string, string> = {}): ApiResponse {
  return { status: status.code, headers, body: new WholeBody(bytes(JSON.stringify(status))) };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
