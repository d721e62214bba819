/** Everything that runs over the control plane of the trial: operator, collector, and the simulated world with its agents. */
import { runAgent } from '../../agent/agent.ts';
import { runOperator } from '../../controllers/operator.ts';
import type { Runtime } from '../../base/runtime.ts';
import { programVersion } from '../../base/version.ts';
import { runGc } from '../../gc/run-gc.ts';
import type { ControlPlane } from '../../meta/control-plane.ts';
import type { Disk } from '../../base/disk.ts';
import { Observer } from '../../sim/observer.ts';
import { runSimulation } from '../../sim/simulation.ts';
import type { SimulatedWorld } from '../../sim/world/world.ts';

export interface FleetOptions {
  readonly controlPlane: ControlPlane;
  readonly runtime: Runtime;
  /** Where the world keeps its journal. */
  readonly world: Disk;
  /** Called once the world is there: for operators, who hear and switch its hosts. */
  readonly onWorld?: (world: SimulatedWorld) => void;
}

/** Runs until `runtime.stopping`. */
export async function runFleet({ controlPlane, runtime, world }: FleetOptions): Promise<void> {
  // The data directory is ours alone, so the identity may be the same after a restart: the lead is taken up again at once.
  const site = new Observer({ clock: runtime.clock });
  const operator = runOperator({ controlPlane, runtime, identity: 'trial', version: programVersion, site });
  await Promise.all([
    operator.done,
    runGc(controlPlane, runtime),
    runWorld({ controlPlane, runtime, world, onWorld: (made) => site.connect(made) }),
  ]);
}

/** The simulated world alone, with an agent on each host. */
export function runWorld({ controlPlane, runtime, world, onWorld }: FleetOptions): Promise<void> {
  return runSimulation({
    controlPlane,
    runtime,
    disk: world,
    connect: () => controlPlane,
    ...(onWorld === undefined ? {} : { onWorld }),
    startAgent: ({ name, port, controlPlane: reached, runtime: own }) =>
      runAgent({ nodeName: name, host: port, controlPlane: reached, runtime: own }),
  });
}
