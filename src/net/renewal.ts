import type { Clock } from '../base/clock.ts';
import { messageOf, Stopped } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { certificates, type Certificates, type CertificateOptions } from './certificates.ts';

export interface RenewalOptions extends Omit<CertificateOptions, 'now'> {
  readonly clock: Clock;
  readonly log: Log;
  /** Those that are shown now. */
  readonly current: Certificates;
  /** Takes new ones into use: the serving certificate, and perhaps another authority. When it throws, they are offered again. */
  readonly use: (fresh: Certificates) => void | Promise<void>;
}

/** The wall clock is looked at so often, milliseconds: a machine that slept has not counted its sleep. */
const lookEvery = 6 * 3_600_000;
/** After a renewal that failed, milliseconds. */
const retryAfter = 600_000;

/** Renews certificates a month before they expire, until `signal`: a server that runs for years is believed all the time. */
export async function keepRenewed(options: RenewalOptions, signal: AbortSignal): Promise<void> {
  let { renewAt } = options.current;
  try {
    for (;;) {
      const due = renewAt - options.clock.now();
      if (due > 0) await options.clock.sleep(Math.min(due, lookEvery), signal);
      else renewAt = (await renewed(options)) ?? (await later(options.clock, renewAt, signal));
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
}

async function renewed({ disk, names, clock, log, use }: RenewalOptions): Promise<number | undefined> {
  try {
    const fresh = await certificates({ disk, names, now: clock.now() });
    await use(fresh);
    return fresh.renewAt;
  } catch (error) {
    log.error('certificates could not be renewed; it is tried again', { error: messageOf(error) });
    return undefined;
  }
}

async function later(clock: Clock, renewAt: number, signal: AbortSignal): Promise<number> {
  await clock.sleep(retryAfter, signal);
  return renewAt;
}
