/** The simulated world with all that drives it: what one process holds where hosts are simulated. */
import { simulationManager } from '../api/common.ts';
import { Conversation } from '../api/conversation.ts';
import { Fault } from '../api/fault.ts';
import { HostPool } from '../api/host-pool.ts';
import { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { programVersion } from '../base/version.ts';
import { caches as newCaches } from '../kube/caches.ts';
import { client as newClient } from '../kube/client.ts';
import { runController } from '../kube/controller.ts';
import type { ControllerSpec, Metrics } from '../kube/types.ts';
import type { ControlPlane } from '../meta/control-plane.ts';
import { Node, Pod } from '../meta/core.ts';
import { conversationController } from './controllers/conversation/controller.ts';
import { faultController } from './controllers/fault/controller.ts';
import { hostPoolController } from './controllers/host-pool/controller.ts';
import { instanceIndexes } from './controllers/host-pool/scope.ts';
import { kubelet as newKubelet } from './kubelet/kubelet.ts';
import { podIndexes } from './kubelet/pod-controller.ts';
import { simulatedWorld, type SimulatedWorld, type WorldOptions } from './world/world.ts';

export interface SimulationOptions extends WorldOptions {
  /** The API server, for kubelets and for the controllers of HostPool, Fault and Conversation. Agents have their own, by `connect`. */
  readonly controlPlane: ControlPlane;
  readonly metrics?: Metrics;
  /** Called once the world is there, before anything happens in it. */
  readonly onWorld?: (world: SimulatedWorld) => void;
}

/**
 * Runs until `runtime.stopping`; then agents have a moment to end, and the journal is closed. It is the only one over its disk and its pools.
 * @throws {UserError} when the journal of the world is damaged.
 */
export async function runSimulation(options: SimulationOptions): Promise<void> {
  const { runtime } = options;
  const world = await simulatedWorld(options);
  options.onWorld?.(world);
  try {
    await drive(world, options);
  } finally {
    await world.close();
  }
  if (!runtime.stopping.aborted) throw new Error('the simulation ended though nobody stopped it');
}

async function drive(world: SimulatedWorld, { controlPlane, runtime, metrics }: SimulationOptions): Promise<void> {
  const access = {
    userAgent: `hypersphere-simulation/${programVersion}`,
    fieldManager: simulationManager,
    ...(metrics === undefined ? {} : { metrics }),
  };
  const client = newClient(controlPlane, runtime, access);
  const caches = newCaches(controlPlane, runtime, access);
  const nodes = caches.cache(Node);
  const pools = caches.cache(HostPool);
  const kubelet = newKubelet({ client, runtime, world, nodes, pods: caches.cache(Pod, { indexes: podIndexes }) });
  const common = { client, clock: runtime.clock, world, pools };
  const instances = caches.cache(VirtualMachineInstance, { indexes: instanceIndexes });
  const controllers: ControllerSpec[] = [
    ...kubelet.controllers,
    hostPoolController({ ...common, kubelet, nodes, instances }, runtime.stopping),
    faultController({ ...common, faults: caches.cache(Fault) }),
    conversationController({ client, runtime, world, conversations: caches.cache(Conversation) }),
  ];
  const options = { caches, ...(metrics === undefined ? {} : { metrics }) };
  await Promise.all([...controllers.map((controller) => runController(controller, runtime, options)), kubelet.renewLeases()]);
}
