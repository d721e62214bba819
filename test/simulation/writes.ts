/** Who writes what, and how often: rules 7 and 8, and no write storms. */
import type { ApiRequest } from '../../src/meta/control-plane.ts';
import type { Violation } from './judge.ts';
import type { Party } from './network.ts';
import { isWrite, type ApiStep } from './steps.ts';

/** What belongs to its user: its spec, and whether it is there. */
const usersOwn = new Set(['virtualmachines', 'hostclusters', 'hostpools', 'hostprofiles', 'ftpairs']);

/** Within a minute no object is written more often, whatever goes wrong. */
export const mostAMinute = 90;

export class Writes {
  readonly #broken: (violation: Violation) => void;
  /** By object: how often in the present minute. */
  readonly #counts = new Map<string, { readonly minute: number; count: number }>();
  #quietSince: number | undefined;
  /** When each HostUsage was written last. */
  readonly #usages = new Map<string, number>();
  /** All that reached the server. */
  total = 0;
  /** The most that one object saw in a minute. */
  highest = 0;

  constructor(broken: (violation: Violation) => void) {
    this.#broken = broken;
  }

  /** From now on nothing may be written but leases and usages. */
  mustBeQuiet(now: number): void {
    this.#quietSince = now;
  }

  seen(party: Party, step: ApiStep, request: ApiRequest, now: number): void {
    if (!isWrite(step)) return;
    this.total++;
    if (party.role !== 'user') this.#judgeOwnership(party, step, request);
    if (step.resource === 'leases') return;
    if (this.#quietSince !== undefined) this.#judgeQuiet(party, step, now);
    if (step.resource === 'events') return;
    this.#judgeStorm(step, now);
  }

  #judgeOwnership({ who }: Party, step: ApiStep, request: ApiRequest): void {
    if (!usersOwn.has(step.resource)) return;
    if (step.verb === 'delete' || step.verb === 'create' || step.verb === 'update') {
      this.#broken({ rule: '8', text: `${who} did ${step.step} ${step.name ?? ''}, which is its user's to do` });
      return;
    }
    const body: unknown = JSON.parse(new TextDecoder().decode(request.body));
    if (typeof body === 'object' && body !== null && 'spec' in body)
      this.#broken({ rule: '8', text: `${who} wrote the spec of ${step.resource} ${step.name ?? ''}` });
  }

  #judgeQuiet({ who }: Party, step: ApiStep, now: number): void {
    if (step.resource === 'hostusages/status') {
      const last = this.#usages.get(step.name ?? '') ?? -Infinity;
      this.#usages.set(step.name ?? '', now);
      if (now - last >= 59_000) return;
    }
    const object = `${step.namespace === undefined ? '' : `${step.namespace}/`}${step.name ?? ''}`;
    this.#broken({ rule: '7', text: `${who} did ${step.step} ${object}, though all is at rest` });
  }

  #judgeStorm(step: ApiStep, now: number): void {
    const key = `${step.resource.split('/')[0] ?? ''} ${step.namespace ?? ''}/${step.name ?? 'new'}`;
    const minute = Math.floor(now / 60_000);
    const before = this.#counts.get(key);
    const entry = before?.minute === minute ? before : { minute, count: 0 };
    entry.count++;
    this.#counts.set(key, entry);
    if (step.name !== undefined) this.highest = Math.max(this.highest, entry.count);
    if (step.name !== undefined && entry.count === mostAMinute + 1)
      this.#broken({ rule: 'storm', text: `${key} was written more than ${String(mostAMinute)} times within a minute` });
  }
}
