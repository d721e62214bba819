import type { Clock } from '../../../src/base/clock.ts';
import { Stopped } from '../../../src/base/errors.ts';
import type { Random } from '../../../src/base/random.ts';
import { ConnectionLost, type ApiResponse, type ControlPlane } from '../../../src/meta/control-plane.ts';
import { failure, type Status } from '../../../src/meta/status.ts';

export interface Faults {
  /** Turned off, everything goes through; streams that were cut or frozen stay so. */
  on: boolean;
  /** How often each thing happened. */
  readonly counts: Map<string, number>;
}

/**
 * `inner` behind a bad network and an overloaded server: answers that are slow, lost, refused or never come, streams that are cut, freeze, end
 * early, expire, or come in odd pieces.
 */
export function faultyControlPlane(inner: ControlPlane, clock: Clock, random: Random): { controlPlane: ControlPlane; faults: Faults } {
  const faults: Faults = { on: true, counts: new Map() };
  const dice = (): number => (faults.on ? random.integer(100) : 100);
  const note = (what: string): void => void faults.counts.set(what, (faults.counts.get(what) ?? 0) + 1);
  const controlPlane: ControlPlane = async (request, signal) => {
    const watching = request.query.some(([name]) => name === 'watch');
    const roll = dice();
    if (faults.on) await clock.sleep(random.integer(50), signal);
    const fault = requestFault(roll);
    if (fault !== undefined) {
      note(fault.name);
      return fault.answer(signal, clock);
    }
    const response = await inner(request, signal);
    if (roll < 25) {
      note('answer lost');
      throw new ConnectionLost('reset');
    }
    if (!watching) return response;
    return { ...response, body: faultyStream(response.body, signal, { dice, note, random }) };
  };
  return { controlPlane, faults };
}

interface Fault {
  readonly name: string;
  answer(signal: AbortSignal, clock: Clock): ApiResponse | Promise<ApiResponse>;
}

function requestFault(roll: number): Fault | undefined {
  if (roll < 5) return { name: 'request lost', answer: () => Promise.reject(new ConnectionLost('refused')) };
  if (roll < 8) return { name: '429', answer: () => statusAnswer(failure(429, 'TooManyRequests', 'busy'), '1') };
  if (roll < 10) return { name: '429 without a word', answer: () => statusAnswer(failure(429, 'TooManyRequests', 'busy')) };
  if (roll < 14) return { name: '500', answer: () => statusAnswer(failure(500, 'InternalError', 'etcd leader changed')) };
  if (roll < 16) return { name: '410', answer: () => statusAnswer(failure(410, 'Expired', 'too old resource version')) };
  if (roll < 18) return { name: 'garbage', answer: () => ({ status: 200, headers: {}, body: bytes('<html>') }) };
  if (roll < 20) return { name: 'never answered', answer: untilAborted };
  return undefined;
}

function statusAnswer(status: Status, retryAfter?: string): ApiResponse {
  return {
    status: status.code,
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    body: bytes(JSON.stringify(status)),
  };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(text));
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Stopped());
    });
  });
}

interface Chance {
  readonly dice: () => number;
  readonly note: (what: string) => void;
  readonly random: Random;
}

async function* faultyStream(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  { dice, note, random }: Chance,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    const roll = dice();
    if (roll < 4) {
      note('stream cut');
      yield chunk.subarray(0, random.integer(chunk.length));
      throw new ConnectionLost('reset');
    }
    if (roll < 7) {
      note('stream frozen');
      await untilAborted(signal);
    }
    if (roll < 9) {
      note('stream ended');
      return;
    }
    if (roll < 11) {
      note('stream expired');
      yield new TextEncoder().encode(`${JSON.stringify({ type: 'ERROR', object: failure(410, 'Expired', 'too old') })}\n`);
      return;
    }
    if (roll < 12) {
      note('stream garbled');
      yield new TextEncoder().encode('{"type":"MODIFIED","object":{"meta\n');
    }
    const middle = random.integer(chunk.length);
    yield chunk.subarray(0, middle);
    yield chunk.subarray(middle);
  }
}
