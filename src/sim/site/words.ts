/** What is said between the process that holds a simulated world and the operators that hear and switch its hosts. */
import { messageOf } from '../../base/errors.ts';
import type { PortErrorCode } from '../../ports/errors.ts';
import type { PowerState } from '../../ports/power.ts';
import type { Senses } from '../world/senses.ts';

/** Where what happens to hosts is streamed, a line each; and where their BMCs are, `?address=` each. */
export const hostsPath = '/hosts';
export const bmcsPath = '/bmcs';

/** What others could notice of a host; who hears whom follows from all of them together. */
export type Noticed = Omit<Senses, 'hearsPeers'>;

/** A line of the stream. One without a host says that the world is still there; the first of these, that all hosts have been told of. */
export interface HostLine {
  readonly host?: string;
  /** Absent: there is no such host any more. */
  readonly senses?: Noticed;
}

/** A BMC's answer: its host's power, or why there is none. */
export interface BmcAnswer {
  readonly state?: PowerState;
  readonly code?: PortErrorCode;
  readonly message?: string;
}

/** How often a line comes at least, milliseconds. */
export const beatMs = 1_000;

export function encoded(words: HostLine | BmcAnswer | { readonly to: PowerState }): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(words)}\n`);
}

/** @throws {Error} when it is not an object. */
export function decoded<T extends object>(text: string): Partial<Record<keyof T, unknown>> {
  let words: unknown;
  try {
    words = JSON.parse(text);
  } catch (error) {
    throw new Error(`not JSON: ${messageOf(error)}`, { cause: error });
  }
  if (typeof words !== 'object' || words === null) throw new Error('not an object');
  return words;
}
