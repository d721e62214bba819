import { Host } from '../api/host.ts';
import { messageOf } from '../base/errors.ts';
import type { AgentMeans } from './means.ts';

const againMs = 1_000;

/**
 * Settles when the server itself says that this host is not fenced. Whoever is fenced had its power cut after that was written: so an agent that has
 * begun and is not fenced may go on for as long as it lives, and one that boots on a fenced host starts nothing before its VMs are settled elsewhere.
 * What it knows of its instances it must list afterwards.
 */
export async function untilCleared({ client, nodeName, runtime }: Pick<AgentMeans, 'client' | 'nodeName' | 'runtime'>): Promise<void> {
  const { clock, log, stopping } = runtime;
  let told = false;
  while (!stopping.aborted) {
    try {
      const host = await client.get(Host, { name: nodeName });
      if (host?.status.fence === undefined) return;
      if (!told) log.warn('this host is fenced: nothing is started here before that is lifted', { state: host.status.fence.state });
      told = true;
    } catch (error) {
      log.warn('not known whether this host is fenced', { error: messageOf(error) });
    }
    await clock.sleep(againMs, stopping).catch(() => undefined);
  }
}
