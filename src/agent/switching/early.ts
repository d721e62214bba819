import type { AgentMeans } from '../means.ts';
import { Plane } from './plane.ts';
import { reaches } from './reach.ts';

/**
 * Takes care of what is on trial while `work` has not settled, which may need the API: an agent that starts on a host that is cut off by a change
 * of its switches must undo that first.
 */
export async function judgingTrials<T>(means: Pick<AgentMeans, 'client' | 'host' | 'nodeName' | 'runtime'>, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const end = (): void => {
    over.abort();
  };
  work.then(end, end);
  const plane = new Plane({ means, watching: { sight: () => undefined }, reached: () => reaches(means) });
  const { clock, stopping } = means.runtime;
  while (!over.signal.aborted && !stopping.aborted) {
    const soon = await plane.settle();
    await clock.sleep(soon ?? idleMs, over.signal).catch(() => undefined);
  }
  return work;
}

/** Nothing is on trial, and nothing will be before there is something to be seen. */
const idleMs = 60_000;
