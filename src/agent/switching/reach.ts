import { Host } from '../../api/host.ts';
import { Stopped } from '../../base/errors.ts';
import { withDeadline } from '../../kube/signals.ts';
import { isApiError } from '../../meta/status.ts';
import type { AgentMeans } from '../means.ts';

/** How long the API may take to answer, milliseconds. */
const patienceMs = 4_000;

/** Whether the API answers this host now, whatever it says. */
export async function reaches({
  client,
  nodeName,
  runtime: { clock, stopping },
}: Pick<AgentMeans, 'client' | 'nodeName' | 'runtime'>): Promise<boolean> {
  try {
    await withDeadline(clock, patienceMs, stopping, (cut) => client.until(cut).get(Host, { name: nodeName }));
    return true;
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return isApiError(error);
  }
}
