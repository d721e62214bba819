import { agentManager } from '../api/common.ts';
import { Host } from '../api/host.ts';
import { messageOf, Stopped } from '../base/errors.ts';
import { formatBytes } from '../base/quantity.ts';
import { rfc3339 } from '../base/time.ts';
import { programVersion } from '../base/version.ts';
import type { AgentContext } from './context.ts';

const retryMs = 5_000;
const checkEveryMs = 60_000;

/** Says what the host has, once, and again when somebody has deleted the Host. */
export async function reportInventoryForever(agent: Pick<AgentContext, 'client' | 'host' | 'runtime' | 'nodeName'>): Promise<void> {
  const { client, runtime, nodeName } = agent;
  let said: string | undefined;
  while (!runtime.stopping.aborted) {
    try {
      const host = await client.get(Host, { name: nodeName });
      if (host === undefined || host.metadata.uid !== said || host.status.inventory === undefined) said = await report(agent);
      await runtime.clock.sleep(checkEveryMs, runtime.stopping);
    } catch (error) {
      if (error instanceof Stopped) return;
      runtime.log.warn('inventory not written', { error: messageOf(error) });
      await runtime.clock.sleep(retryMs, runtime.stopping).catch(() => undefined);
    }
  }
}

/** By server-side apply, so that the agent owns what it says and nothing that people or the operator write. */
async function report({ client, host, nodeName }: Pick<AgentContext, 'client' | 'host' | 'nodeName'>): Promise<string> {
  const { cores, memoryBytes, baseline, bootedAt, bootId } = await host.inventory();
  const capacity = { cores, memory: formatBytes(memoryBytes) };
  const inventory = { capacity, cpu: { baseline }, agentVersion: programVersion, bootedAt: rfc3339(bootedAt), bootID: bootId };
  const made = await client.apply(Host, { name: nodeName }, {}, { fieldManager: agentManager });
  await client.apply(Host, { name: nodeName }, { status: { inventory } }, { fieldManager: agentManager, subresource: 'status' });
  return made.metadata.uid;
}
