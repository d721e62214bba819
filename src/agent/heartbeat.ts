import { systemNamespace } from '../api/common.ts';
import { agentLeaseName } from '../api/host.ts';
import { messageOf, Stopped } from '../base/errors.ts';
import type { Runtime } from '../base/runtime.ts';
import { rfc3339Micro } from '../base/time.ts';
import { withDeadline } from '../kube/signals.ts';
import type { Client } from '../kube/types.ts';
import { Lease } from '../meta/core.ts';
import { apiVersionOf } from '../meta/resource.ts';
import { isApiError } from '../meta/status.ts';

/** An agent is heard from every ten seconds; after forty without a word its host counts as unreachable. */
const renewEveryMs = 10_000;
const leaseSeconds = 40;
/** An answer that takes longer is not waited for, milliseconds: one frozen connection must not cost the lease. */
const patienceMs = 8_000;

/** Renews the agent's Lease until the process stops. Failures are retried at once-a-second: a word too late costs more than a request. */
export async function heartbeatForever(client: Client, runtime: Runtime, nodeName: string): Promise<void> {
  const { clock, log, stopping } = runtime;
  while (!stopping.aborted) {
    try {
      await withDeadline(clock, patienceMs, stopping, (cut) => renew(client.until(cut), runtime, nodeName));
      await clock.sleep(renewEveryMs, stopping);
    } catch (error) {
      if (error instanceof Stopped) return;
      log.warn('heartbeat not written', { error: messageOf(error) });
      await clock.sleep(1_000, stopping).catch(() => undefined);
    }
  }
}

async function renew(client: Client, { clock, id }: Runtime, nodeName: string): Promise<void> {
  const ref = { namespace: systemNamespace, name: agentLeaseName(nodeName) };
  const spec = { holderIdentity: id, leaseDurationSeconds: leaseSeconds, renewTime: rfc3339Micro(clock.now()) };
  try {
    await client.patch(Lease, ref, { spec });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    await client.create(Lease, { apiVersion: apiVersionOf(Lease), kind: Lease.kind, metadata: ref, spec });
  }
}
