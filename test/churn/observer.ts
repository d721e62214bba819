import type { KubeObject } from '../../src/meta/objects.ts';
import type { Ledger } from './ledger.ts';
import type { Watched } from './subjects.ts';

/** Where a client finds the proxy. */
export interface Place {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}

/** How long clients wait before they help themselves, milliseconds; absent: as they come. */
export interface Patience {
  /** A watch without a byte. */
  readonly silence: number;
  /** A request without an answer. */
  readonly answer: number;
  /** A stock informer that has stopped, before it is started again. */
  readonly restart: number;
}

/** One who follows a collection through the proxy. */
export interface Observer {
  readonly name: string;
  readonly watched: Watched;
  readonly ledger: Ledger;
  /** What its cache holds. */
  objects(): KubeObject[];
}

export interface Observers {
  readonly all: readonly Observer[];
  /** What it had to get over, in words. */
  story(): string;
  stop(): Promise<void>;
}

export function nameOf({ kind, selection }: Watched): string {
  return [kind.plural, ...Object.values(selection)].join(' ');
}
