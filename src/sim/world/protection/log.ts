/** Lockstep: the log of what a guest cannot know by itself. */
import { entryBytes, logBytesPerSecond, mostPieces } from './figures.ts';
import { send, take } from './moments.ts';
import { adapt } from './pace.ts';
import type { Pair } from './pair.ts';
import { until } from './touch.ts';

/** Called when the guest says something. */
export interface Said {
  wake: () => void;
}

/** Sends what the guest cannot know by itself, at each thing that it says and after each interval. */
export async function log(pair: Pair, said: Said): Promise<void> {
  const { core, run } = pair;
  const { clock } = core.runtime;
  let logged = { elapsed: run.elapsed(), heardBytes: run.nics.heardBytes };
  adapt(pair, 0);
  pair.intervalMs = pair.options.intervalMs;
  for (;;) {
    await until(pair, () => pair.underWay.length < mostPieces && !pair.primary.machine.hung);
    if (pair.since.length === 0) await spokenOr(pair, said, pair.options.intervalMs);
    await until(pair, () => !pair.primary.machine.hung);
    const { heardBytes } = run.nics;
    const elapsed = run.elapsed();
    const bytes = entryBytes + ((elapsed - logged.elapsed) * logBytesPerSecond) / 1000 + heardBytes - logged.heardBytes;
    logged = { elapsed, heardBytes };
    const moment = take(pair, bytes);
    void send(pair, moment).then(() => {
      adapt(pair, clock.monotonic() - moment.at);
    });
  }
}

/** Settles a moment after the guest said something, or after so long. */
function spokenOr(pair: Pair, said: Said, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const { ticks } = pair.core.network;
    const { signal } = pair.over;
    const go = (): void => {
      said.wake = () => undefined;
      disarm();
      signal.removeEventListener('abort', disarm);
      if (!signal.aborted) resolve();
    };
    const disarm = pair.core.runtime.clock.after(ms, go);
    signal.addEventListener('abort', disarm);
    said.wake = () => {
      said.wake = () => undefined;
      ticks.at(ticks.now(), go);
    };
  });
}
