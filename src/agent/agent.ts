/** The agent of one host: makes the host's port agree with what the API says of it. */
import { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { agentManager } from '../api/common.ts';
import type { Runtime } from '../base/runtime.ts';
import { programVersion } from '../base/version.ts';
import { caches } from '../kube/caches.ts';
import { client as clientOf } from '../kube/client.ts';
import { runController } from '../kube/controller.ts';
import type { Client } from '../kube/types.ts';
import type { ControlPlane } from '../meta/control-plane.ts';
import type { HostPort } from '../ports/host-port.ts';
import { catalogue } from './catalogue.ts';
import { untilCleared } from './clearance.ts';
import { agentContext } from './context.ts';
import { guardForever } from './cut-off.ts';
import { heartbeatForever } from './heartbeat.ts';
import { instanceController } from './instance-controller.ts';
import { reportInventoryForever } from './inventory.ts';
import { keepSettingsForever } from './settings/keep.ts';
import { usualPaths } from './settings/means.ts';
import { monitorForever } from './monitor.ts';
import { followProtectionsForever } from './protection/follow.ts';
import { followGuestsForever, sweepForever } from './sweep.ts';
import { judgingTrials } from './switching/early.ts';
import { reportUsageForever } from './usage.ts';

export interface AgentOptions {
  readonly nodeName: string;
  readonly host: HostPort;
  readonly controlPlane: ControlPlane;
  readonly runtime: Runtime;
  /** Files, and folders that end with a slash, whose contents profiles may say; absent: those of `usualPaths`. */
  readonly paths?: readonly string[];
}

const options = { userAgent: `hypersphere-agent/${programVersion}`, fieldManager: agentManager };

/** Runs until `runtime.stopping`. The guests of the host run on when it ends, and are found again by the next one. */
export async function runAgent({ nodeName, host, controlPlane, runtime, paths = usualPaths }: AgentOptions): Promise<void> {
  const client = clientOf(controlPlane, runtime, options);
  const work = async (): Promise<void> => {
    // Before anything is listed: what is known from then on is newer than the fence.
    await judgingTrials({ client, host, nodeName, runtime }, untilCleared({ client, nodeName, runtime }));
    if (!runtime.stopping.aborted) await workForever({ nodeName, host, controlPlane, runtime }, client);
  };
  await Promise.all([
    heartbeatForever(client, runtime, nodeName),
    reportInventoryForever({ client, host, runtime, nodeName }),
    keepSettingsForever({ client, host, runtime, nodeName, paths }, caches(controlPlane, runtime, options)),
    work(),
  ]);
}

async function workForever({ nodeName, host, controlPlane, runtime }: AgentOptions, client: Client): Promise<void> {
  const watched = caches(controlPlane, runtime, options);
  const instances = watched.cache(VirtualMachineInstance, {
    fieldSelector: `spec.nodeName=${nodeName}`,
    indexes: { byUid: (instance) => [instance.metadata.uid] },
  });
  const means = { nodeName, host, client, runtime, instances, catalogue: catalogue(client, host.datastores) };
  const agent = agentContext(means, caches(controlPlane, runtime, options));
  const controller = instanceController(agent, (enqueue) => {
    void afterSync(watched, runtime, () =>
      Promise.all([
        sweepForever(agent, enqueue),
        followGuestsForever(agent, enqueue),
        followProtectionsForever(agent, enqueue),
        guardForever(agent, enqueue),
        agent.lostDatastores.sayForever(),
        monitorForever(agent, enqueue),
      ]),
    );
  });
  await Promise.all([
    runController(controller, runtime, { caches: watched }),
    runController(agent.switches.controller, runtime),
    reportUsageForever(agent),
  ]);
}

/** A cache that has not been filled shows no instances: nobody may conclude from that. */
async function afterSync(watched: ReturnType<typeof caches>, { stopping, log }: Runtime, work: () => Promise<unknown>): Promise<void> {
  try {
    await watched.synced(stopping);
    await work();
  } catch (error) {
    if (!stopping.aborted) log.error('agent lost its sweep', { error });
  }
}
