/** What processes get to see of the API server, and what they die of while they talk to it: the three patterns of Sieve (OSDI 2022). */
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiRequest } from '../../src/meta/control-plane.ts';
import { failure } from '../../src/meta/status.ts';
import type { Gate, Instead } from '../churn/relay.ts';
import { apiStepOf } from '../simulation/steps.ts';

/** A call of the API at which something happens, once. */
export interface Trap {
  /** Verb and resource, such as `patch virtualmachines/status`. */
  readonly step: string;
  /** Before the server hears of it, or when it is done and the caller does not know. */
  readonly when: 'before' | 'after';
  /** At which such call from now on: 1 is the next. */
  readonly nth: number;
  readonly spring: () => unknown;
}

export interface Upstream {
  readonly url: string;
  /** PEM text. */
  readonly ca: string;
}

type Known = Extract<Instead, object>;

/** Every moment is of `performance.now()`, every span in milliseconds. */
export class Eyes implements Gate {
  readonly #upstream: Upstream;
  #trap: { readonly trap: Trap; left: number } | undefined;
  #behindUntil = 0;
  #blindUntil = 0;
  #pastUntil = 0;
  #past = new Map<string, Known>();
  /** What is listed, with the headers with which it was asked for; and when that was, by collection. */
  readonly #lists = new Map<string, ApiRequest>();
  readonly #listedAt = new Map<string, number>();

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  /** Intermediate state: whoever makes this call dies of it. @returns how to take the trap away; false when it has sprung. */
  set(trap: Trap): () => boolean {
    const set = { trap, left: trap.nth };
    this.#trap = set;
    return () => {
      if (this.#trap !== set) return false;
      this.#trap = undefined;
      return true;
    };
  }

  /** Stale state: watches tell nothing new for so long, and then everything. */
  fallBehind(ms: number): void {
    this.#behindUntil = performance.now() + ms;
  }

  /** Unobserved state: for so long nothing can be listed or watched; then watches can not go on from where they were. */
  turnBlind(ms: number): void {
    this.#blindUntil = performance.now() + ms;
  }

  /** Keeps what lists say now, for `livePast`. */
  async remember(): Promise<void> {
    const kept = [...this.#lists].map(async ([key, asked]) => [key, await listed(this.#upstream, asked)] as const);
    this.#past = new Map(await Promise.all(kept));
  }

  /** Stale state: for so long the server answers as when it was remembered, as one would whose own watch is late. */
  livePast(ms: number): void {
    this.#pastUntil = performance.now() + ms;
    this.fallBehind(ms);
  }

  /** Everything is seen as it is from now on. What was never told stays untold. */
  open(): void {
    this.#trap = undefined;
    this.#behindUntil = this.#pastUntil = 0;
    this.#blindUntil = Math.min(this.#blindUntil, performance.now());
  }

  async before(asked: ApiRequest): Promise<Instead | undefined> {
    const { step, verb } = apiStepOf(asked);
    if (this.#springs(step, 'before')) return 'nothing';
    if (verb !== 'list' && verb !== 'watch') return undefined;
    await Promise.resolve();
    const now = performance.now();
    if (now < this.#blindUntil) return refusal(failure(503, 'ServiceUnavailable', 'the weather hides everything'));
    return verb === 'list' ? this.#list(asked, now) : this.#watch(asked);
  }

  after(asked: ApiRequest, status: number): boolean {
    const { step, verb } = apiStepOf(asked);
    if (verb === 'list' && status === 200) this.#listedAt.set(collectionOf(asked), performance.now());
    return status >= 400 || !this.#springs(step, 'after');
  }

  async piece(): Promise<void> {
    while (performance.now() < this.#behindUntil) await sleep(50);
  }

  #springs(step: string, when: Trap['when']): boolean {
    const set = this.#trap;
    if (set?.trap.step !== step || set.trap.when !== when || --set.left > 0) return false;
    this.#trap = undefined;
    set.trap.spring();
    return true;
  }

  #list(asked: ApiRequest, now: number): Instead | undefined {
    const key = keyOf(asked);
    const past = now < this.#pastUntil ? this.#past.get(key) : undefined;
    if (past !== undefined) this.#listedAt.set(collectionOf(asked), now);
    if (past !== undefined) return past;
    if (!asked.query.some(([name]) => name === 'continue')) this.#lists.set(key, asked);
    return undefined;
  }

  #watch(asked: ApiRequest): Instead | undefined {
    const listedAt = this.#listedAt.get(collectionOf(asked));
    if (listedAt === undefined || listedAt >= this.#blindUntil) return undefined;
    return refusal(failure(410, 'Expired', 'too old resource version'));
  }
}

function keyOf({ path, query }: ApiRequest): string {
  return `${path}?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()}`;
}

/** The same for a list and the watch that goes on from it. */
function collectionOf({ path, query }: ApiRequest): string {
  return [path, ...query.filter(([name]) => name.endsWith('Selector')).map((pair) => pair.join('='))].join(' ');
}

function refusal(status: { readonly code?: number }): Known {
  const headers = { 'content-type': 'application/json', ...(status.code === 503 ? { 'retry-after': '1' } : {}) };
  return { status: status.code ?? 500, headers, body: JSON.stringify(status) };
}

function listed({ url, ca }: Upstream, asked: ApiRequest): Promise<Known> {
  const { authorization = '', accept = 'application/json' } = asked.headers;
  return new Promise((resolve, reject) => {
    const call = request(new URL(keyOf(asked), url), { ca, agent: false, headers: { authorization, accept } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('error', reject);
      response.on('end', () => {
        const type = response.headers['content-type'] ?? 'application/json';
        resolve({ status: response.statusCode ?? 500, headers: { 'content-type': type }, body });
      });
    });
    call.on('error', reject).end();
  });
}
