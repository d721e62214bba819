/** Everything that runs over the control plane of the trial: operator, collector, and the simulated world with its agents. */
import { runAgent } from '../../agent/agent.ts';
import { runOperator } from '../../controllers/operator.ts';
import type { Runtime } from '../../base/runtime.ts';
import { programVersion } from '../../base/version.ts';
import { runGc } from '../../gc/run-gc.ts';
import type { ControlPlane } from '../../meta/control-plane.ts';
import type { Disk } from '../../base/disk.ts';
import { runSimulation } from '../../sim/simulation.ts';

export interface FleetOptions {
  readonly controlPlane: ControlPlane;
  readonly runtime: Runtime;
  /** Where the world keeps its journal. */
  readonly world: Disk;
}

/** Runs until `runtime.stopping`. */
export async function runFleet({ controlPlane, runtime, world }: FleetOptions): Promise<void> {
  // The data directory is ours alone, so the identity may be the same after a restart: the lead is taken up again at once.
  const operator = runOperator({ controlPlane, runtime, identity: 'trial', version: programVersion });
  await Promise.all([operator.done, runGc(controlPlane, runtime), runWorld({ controlPlane, runtime, world })]);
}

/** The simulated world alone, with an agent on each host. */
export function runWorld({ controlPlane, runtime, world }: FleetOptions): Promise<void> {
  return runSimulation({
    controlPlane,
    runtime,
    disk: world,
    connect: () => controlPlane,
    startAgent: ({ name, port, controlPlane: reached, runtime: own }) =>
      runAgent({ nodeName: name, host: port, controlPlane: reached, runtime: own }),
  });
}
