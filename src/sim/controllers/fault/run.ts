import { isPortError } from '../../../ports/errors.ts';
import type { WorldFault } from '../../../ports/world.ts';
import { ordinalOf } from '../../host-names.ts';
import { timesFrom, type ActiveFault, type FaultDependencies, type FaultScope } from './scope.ts';
import type { FaultOutcome } from './status.ts';

/** What this process has let begin, by the name of the Fault. */
export type ActiveFaults = Map<string, ActiveFault>;

/** Ends what the Fault of this name did, if this process let it begin. */
export async function endFault(active: ActiveFaults, name: string): Promise<void> {
  const fault = active.get(name);
  active.delete(name);
  await fault?.end();
}

/** Lets the fault be on for as long as it should be. After a restart of the process it begins again, for what is left of it. */
export async function runFault(dependencies: FaultDependencies, active: ActiveFaults, scope: FaultScope): Promise<FaultOutcome> {
  const { begun, now, fault, what } = scope;
  const { name, uid } = fault.metadata;
  if (begun?.endsAt !== undefined && now >= begun.endsAt) {
    // It stays in `active` until that is said: forgotten before, it would begin again.
    await scope.active?.end();
    return { is: 'Complete', reason: 'Ended', message: 'it is over' };
  }
  if (what === undefined) return { is: 'Failed', reason: 'NoTarget', message: 'it names neither a host nor a VM' };
  if (scope.active !== undefined) return whileActive(dependencies, active, name, scope.active);
  const times = begun ?? timesFrom(scope);
  try {
    const end = await dependencies.world.inject(what);
    active.set(name, { uid, what, end, ...times });
  } catch (error) {
    if (!isPortError(error, 'NotFound')) throw error;
    return withoutTarget(dependencies, what, begun !== undefined);
  }
  return { is: 'Active', times };
}

async function whileActive({ world }: FaultDependencies, active: ActiveFaults, name: string, fault: ActiveFault): Promise<FaultOutcome> {
  if (fault.what.type === 'GuestHang' || world.hostState(fault.what.host) !== undefined) return { is: 'Active', times: fault };
  await endFault(active, name);
  return hostGone(fault.what.host);
}

function withoutTarget(dependencies: FaultDependencies, what: WorldFault, begun: boolean): FaultOutcome {
  if (what.type === 'GuestHang') {
    const { namespace, name } = what.vm;
    // The guest that hung died with the process that held it: whatever runs later is another.
    if (begun) return { is: 'Complete', reason: 'TargetGone', message: 'the guest that hung is gone' };
    return { is: 'Failed', reason: 'VirtualMachineNotRunning', message: `no guest of VM ${namespace}/${name} runs` };
  }
  const { host } = what;
  if (isPromised(dependencies, host)) return { is: 'Waiting', host };
  if (begun) return hostGone(host);
  return { is: 'Failed', reason: 'HostNotFound', message: `there is no simulated host ${host}` };
}

function hostGone(host: string): FaultOutcome {
  return { is: 'Complete', reason: 'TargetGone', message: `host ${host} is gone` };
}

/** It was made before, or a pool says that it should be there: pools make their hosts, and make them again when the process has restarted. */
function isPromised({ pools, world }: FaultDependencies, host: string): boolean {
  const parts = ordinalOf(host);
  const pool = parts === undefined ? undefined : pools.get({ name: parts.pool });
  if (parts === undefined || pool === undefined) return false;
  const wanted = pool.metadata.deletionTimestamp === undefined && parts.ordinal <= pool.spec.replicas;
  return wanted || world.remembered().has(host);
}
