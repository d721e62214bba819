import { simulationManager } from '../../../api/common.ts';
import { Fault, faultFinalizer } from '../../../api/fault.ts';
import { equal } from '../../../base/equal.ts';
import { follow } from '../../../kube/cache.ts';
import type { ControllerSpec, Result } from '../../../kube/types.ts';
import { unlessGone } from '../../../kube/unless-gone.ts';
import type { ObjectRef } from '../../../meta/objects.ts';
import { endFault, runFault, type ActiveFaults } from './run.ts';
import { scopeOf, type FaultDependencies, type FaultScope } from './scope.ts';
import { statusOf, type FaultOutcome } from './status.ts';

/** Lets each Fault happen in the world, and end. */
export function faultController(dependencies: FaultDependencies): ControllerSpec {
  const { faults, world } = dependencies;
  const active: ActiveFaults = new Map();
  /** Faults whose host is not there yet. */
  const waiting = new Map<string, string>();

  const reconcile = async ({ name }: ObjectRef): Promise<Result> => {
    const fault = faults.get({ name });
    waiting.delete(name);
    if (active.get(name)?.uid !== fault?.metadata.uid) await endFault(active, name);
    if (fault === undefined) return undefined;
    const scope = scopeOf(dependencies, fault, active.get(name));
    if (scope.deleting || scope.over) {
      await endFault(active, name);
      await setFinalizer(dependencies, fault, false);
      return undefined;
    }
    // Before it begins: a Fault that vanished would never end.
    await setFinalizer(dependencies, fault, true);
    const outcome = await runFault(dependencies, active, scope);
    if (outcome.is === 'Waiting') waiting.set(name, outcome.host);
    await writeStatus(dependencies, scope, outcome);
    return again(scope, outcome);
  };

  return {
    name: 'fault',
    concurrency: 4,
    reconcile,
    watch: (enqueue) => {
      follow(faults, (before, after) => {
        const name = (after ?? before)?.metadata.name;
        if (name !== undefined) enqueue({ name });
      });
      world.onChange((host) => {
        for (const [name, of] of waiting) if (of === host) enqueue({ name });
        if (world.hostState(host) !== undefined) return;
        for (const [name, { what }] of active) if ('host' in what && what.host === host) enqueue({ name });
      });
    },
  };
}

/** A host that comes tells by itself; looking again is for one that came just now. */
const waitMs = 5000;

function again({ now }: FaultScope, outcome: FaultOutcome): Result {
  if (outcome.is === 'Waiting') return { requeueAfter: waitMs };
  const endsAt = outcome.is === 'Active' ? outcome.times.endsAt : undefined;
  return endsAt === undefined ? undefined : { requeueAfter: Math.max(1, endsAt - now) };
}

async function setFinalizer({ client }: FaultDependencies, { metadata }: Fault, wanted: boolean): Promise<void> {
  const before = metadata.finalizers ?? [];
  if (before.includes(faultFinalizer) === wanted) return;
  const others = before.filter((finalizer) => finalizer !== faultFinalizer);
  const finalizers = wanted ? [...others, faultFinalizer] : others;
  const { name, uid, resourceVersion } = metadata;
  await client.patch(Fault, { name }, { metadata: { uid, resourceVersion, finalizers } }, { fieldManager: simulationManager });
}

async function writeStatus({ client }: FaultDependencies, scope: FaultScope, outcome: FaultOutcome): Promise<void> {
  const { fault } = scope;
  const status = statusOf(scope, outcome);
  if (equal(fault.status, status)) return;
  const { name, uid } = fault.metadata;
  // Deleted, or made anew, since it was read.
  await unlessGone(
    client.patch(Fault, { name }, { metadata: { uid }, status }, { subresource: 'status', fieldManager: simulationManager }),
  );
}
