import { messageOf, Stopped } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { rfc3339Micro } from '../base/time.ts';
import { Lease } from '../meta/core.ts';
import type { ObjectRef } from '../meta/objects.ts';
import { isApiError, type ApiError } from '../meta/status.ts';
import { withDeadline } from './signals.ts';
import type { Client } from './types.ts';

type LeaseSpec = NonNullable<Lease['spec']>;

export interface CandidateContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly lease: Required<ObjectRef>;
  readonly identity: string;
  readonly times: { readonly leaseDuration: number; readonly renewDeadline: number };
}

/** One who wants a Lease, or has it. What it knows of time is when, by its own monotonic clock, it saw the Lease change. */
export class Candidate {
  readonly #context: CandidateContext;
  /** As last seen, if what we know of it is certain: the next write builds on it. */
  #lease: Lease | undefined;
  #seen = '';
  #seenAt = 0;
  /** How long what was seen last holds; 0: it holds nobody. */
  #heldMs = 0;
  #renewedAt = -Infinity;
  #taken = false;
  #term = 0;
  #complaint = '';

  constructor(context: CandidateContext) {
    this.#context = context;
  }

  /** Milliseconds since we asked for the renewal that was last granted: others saw it later, never earlier. */
  renewedFor(): number {
    return this.#context.clock.monotonic() - this.#renewedAt;
  }

  /** Whether the Lease was ours once and was then seen to be no longer. */
  taken(): boolean {
    return this.#taken;
  }

  term(): number {
    return this.#term;
  }

  /** Milliseconds until the renewal that was seen last has run out; zero or less when it has, or nobody's was seen. */
  freeIn(): number {
    return this.#heldMs - (this.#context.clock.monotonic() - this.#seenAt);
  }

  /** Takes or renews the Lease if that is ours to do. @returns whether we hold it now. @throws {Stopped} */
  async attempt(signal: AbortSignal): Promise<boolean> {
    const { clock, times, log, client } = this.#context;
    try {
      // An answer that takes longer than this leaves no room for another try before the deadline.
      return await withDeadline(clock, times.renewDeadline / 2, signal, (cut) => this.#takeOrRenew(client.until(cut)));
    } catch (error) {
      // Someone else was faster, or nobody knows what became of it: look before the next try.
      this.#lease = undefined;
      if (error instanceof Stopped && signal.aborted) throw error;
      log.debug('lease not renewed', { error: messageOf(error) });
      if (isApiError(error, 'NotFound', 'Forbidden', 'Unauthorized')) this.#complain(error);
      return false;
    }
  }

  /** Nobody leads until somebody sees to it: a namespace that is not there, a right that is missing. Said once. */
  #complain(error: ApiError): void {
    const complaint = messageOf(error);
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    this.#context.log.error('nobody can lead: the Lease cannot be had; trying again', { error: complaint });
  }

  /** Gives the Lease back, if it is still ours. */
  async release(signal: AbortSignal): Promise<void> {
    const client = this.#context.client.until(signal);
    try {
      await this.#release(client, this.#lease);
    } catch (error) {
      // A renewal that was under way may have come first.
      if (!isApiError(error, 'Conflict')) throw error;
      await this.#release(client, undefined);
    }
  }

  async #release(client: Client, known: Lease | undefined): Promise<void> {
    const { identity, clock } = this.#context;
    const lease = known ?? (await client.get(Lease, this.#context.lease));
    if (lease?.spec?.holderIdentity !== identity) return;
    const now = rfc3339Micro(clock.now());
    const spec: LeaseSpec = {
      leaseDurationSeconds: 1,
      renewTime: now,
      acquireTime: now,
      leaseTransitions: lease.spec.leaseTransitions ?? 0,
    };
    await client.update(Lease, { ...lease, spec });
  }

  async #takeOrRenew(client: Client): Promise<boolean> {
    const lease = this.#lease ?? (await client.get(Lease, this.#context.lease));
    if (lease !== undefined) this.#see(lease);
    const { clock, identity } = this.#context;
    // Not taken back, even if it is free: someone may have led in between.
    this.#taken = this.#renewedAt > -Infinity && lease?.spec?.holderIdentity !== identity;
    if (this.#taken || (lease !== undefined && this.freeIn() > 0)) return false;
    const asked = clock.monotonic();
    const spec = this.#ownSpec(lease?.spec);
    const written = lease === undefined ? await this.#create(client, spec) : await client.update(Lease, { ...lease, spec });
    this.#see(written);
    this.#lease = written;
    this.#renewedAt = asked;
    this.#term = spec.leaseTransitions ?? 0;
    return true;
  }

  #create(client: Client, spec: LeaseSpec): Promise<Lease> {
    const { lease } = this.#context;
    return client.create(Lease, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { ...lease }, spec });
  }

  #see(lease: Lease): void {
    const { clock, identity, times } = this.#context;
    const seen = JSON.stringify(lease.spec ?? {});
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#seenAt = clock.monotonic();
    const { holderIdentity: holder, leaseDurationSeconds: seconds } = lease.spec ?? {};
    const isNobodys = holder === undefined || holder === null || holder === '' || holder === identity;
    this.#heldMs = isNobodys ? 0 : seconds === undefined ? times.leaseDuration : seconds * 1000;
  }

  #ownSpec(before: LeaseSpec | undefined): LeaseSpec {
    const { clock, identity, times } = this.#context;
    const now = rfc3339Micro(clock.now());
    const ours = before?.holderIdentity === identity;
    const transitions = before?.leaseTransitions ?? 0;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(times.leaseDuration / 1000),
      acquireTime: ours ? (before.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: ours || before === undefined ? transitions : transitions + 1,
    };
  }
}
