import { messageOf, Stopped, Unreachable } from '../base/errors.ts';
import type { Runtime } from '../base/runtime.ts';
import type { ObjectRef } from '../meta/objects.ts';
import { Candidate } from './candidate.ts';
import { branch, withDeadline } from './signals.ts';
import type { Client } from './types.ts';

export interface LeaderElectionOptions {
  /** The Lease that stands for the lead. It is made if absent. */
  readonly lease: Required<ObjectRef>;
  /** Who we are. A process that comes back under the same identity takes its lead up again at once, so no two may live under one. */
  readonly identity: string;
  /** Milliseconds after which others may take a lead that nobody renews. Default 15,000. */
  readonly leaseDuration?: number;
  /** Milliseconds without a renewal after which the leader gives up. Default 10,000. */
  readonly renewDeadline?: number;
  /** Milliseconds between renewals. Who stands by looks in half to all of it. Default 2,000. */
  readonly retryPeriod?: number;
}

/** What the leader has of its lead. */
export interface Lead {
  /** The process while it leads: it is stopping as soon as the lead is lost or the process is asked to stop. */
  readonly runtime: Runtime;
  /**
   * Aborted when the lead is lost, before anyone else can have it: what acts for the lead must end with it (`client.until(lost)`). Not aborted by
   * an orderly stop: then the lead is kept until the work has ended.
   */
  readonly lost: AbortSignal;
  /** How often the lead has changed hands: grows with each new holder. */
  readonly term: number;
  /** Whether we lead at this very moment. For a last look before what can't be undone, after a pause of the process for example. */
  held(): boolean;
}

/** `lost`: someone else may lead now. `stopped`: the process was asked to stop. `done`: `onLead` ended by itself. */
export type LeadEnd = 'lost' | 'stopped' | 'done';

/**
 * Waits for the lead, runs `onLead` while it lasts, and gives it back. Once only: who wants to lead again calls again.
 * A lead is measured by the monotonic clocks of holder and rivals alone; wall clocks play no part.
 * @throws what `onLead` throws, after giving back the lead. @throws {Unreachable} when the times do not fit each other.
 */
export async function leaderElection(
  client: Client,
  runtime: Runtime,
  options: LeaderElectionOptions,
  onLead: (lead: Lead) => Promise<void>,
): Promise<LeadEnd> {
  const { leaseDuration = 15_000, renewDeadline = 10_000, retryPeriod = 2_000 } = options;
  const times = { leaseDuration, renewDeadline, retryPeriod };
  if (!(leaseDuration > renewDeadline && renewDeadline > retryPeriod * 1.2 && retryPeriod > 0)) {
    throw new Unreachable('a lease must outlast the renew deadline, and that the retry period');
  }
  const log = runtime.log.child({ lease: `${options.lease.namespace}/${options.lease.name}`, identity: options.identity });
  const candidate = new Candidate({ client, clock: runtime.clock, log, lease: options.lease, identity: options.identity, times });
  try {
    await campaign(candidate, runtime, retryPeriod);
  } catch (error) {
    if (error instanceof Stopped) return 'stopped';
    throw error;
  }
  log.info('leading', { term: candidate.term() });
  const end = await lead(candidate, runtime, times, onLead);
  log.info('no longer leading', { end });
  return end;
}

interface Times {
  readonly leaseDuration: number;
  readonly renewDeadline: number;
  readonly retryPeriod: number;
}

async function campaign(candidate: Candidate, runtime: Runtime, retryPeriod: number): Promise<void> {
  while (!(await candidate.attempt(runtime.stopping))) {
    await runtime.clock.sleep(nextTryIn(candidate, runtime, retryPeriod), runtime.stopping);
  }
}

/**
 * More often than the holder renews, so that its last renewal is seen soon, and once more as soon as that runs out. Spread, so that rivals do not march
 * in step.
 */
function nextTryIn(candidate: Candidate, { random }: Runtime, retryPeriod: number): number {
  const usual = retryPeriod * (0.5 + random.next() / 2);
  const free = candidate.freeIn();
  return free > 0 ? Math.min(usual, free + (retryPeriod * random.next()) / 10) : usual;
}

async function lead(candidate: Candidate, runtime: Runtime, times: Times, onLead: (lead: Lead) => Promise<void>): Promise<LeadEnd> {
  const lost = new AbortController();
  const ended = branch(lost.signal);
  const work = branch(runtime.stopping);
  lost.signal.addEventListener('abort', work.abort, { once: true });
  const reign: Reign = {
    lost: () => {
      lost.abort();
    },
    until: ended.signal,
  };
  void keep(candidate, runtime, times.retryPeriod, reign);
  void guard(candidate, runtime, times.renewDeadline, reign);
  try {
    await onLead({
      runtime: { ...runtime, stopping: work.signal },
      lost: lost.signal,
      term: candidate.term(),
      held: () => !lost.signal.aborted && candidate.renewedFor() < times.renewDeadline,
    });
  } catch (error) {
    if (!(error instanceof Stopped && work.signal.aborted)) throw error;
  } finally {
    ended.abort();
    work.release();
    if (!lost.signal.aborted) await release(candidate, runtime, times);
  }
  if (lost.signal.aborted) return 'lost';
  return runtime.stopping.aborted ? 'stopped' : 'done';
}

interface Reign {
  readonly lost: () => void;
  readonly until: AbortSignal;
}

/** Renews again and again: also while an orderly stop is under way, so that nobody else begins before we have ended. */
async function keep(candidate: Candidate, runtime: Runtime, retryPeriod: number, reign: Reign): Promise<void> {
  try {
    for (;;) {
      await runtime.clock.sleep(retryPeriod, reign.until);
      await candidate.attempt(reign.until);
      if (candidate.taken()) reign.lost();
    }
  } catch (error) {
    if (!(error instanceof Stopped)) reign.lost();
  }
}

/** Gives up in time, whatever became of the renewals that are under way. */
async function guard(candidate: Candidate, runtime: Runtime, renewDeadline: number, reign: Reign): Promise<void> {
  try {
    for (;;) {
      const left = renewDeadline - candidate.renewedFor();
      if (left <= 0) break;
      await runtime.clock.sleep(left, reign.until);
    }
    reign.lost();
  } catch {
    // The reign ended before.
  }
}

/** Tells the others that they need not wait. If it fails they wait. */
async function release(candidate: Candidate, runtime: Runtime, times: Times): Promise<void> {
  try {
    await withDeadline(runtime.clock, times.renewDeadline / 2, new AbortController().signal, (signal) => candidate.release(signal));
  } catch (error) {
    runtime.log.info('lease not released', { error: messageOf(error) });
  }
}
