/** Empties hosts, and keeps them so, for as long as somebody asks for it. */
import type { Host } from '../../api/host.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { isClaimedEmpty, powerOffAt } from '../../domain/maintenance.ts';
import { hasGuest } from '../../domain/maintenance-occupant.ts';
import { unreachable, verdictOf, waitingFor } from '../../domain/maintenance-verdict.ts';
import type { Client, ControllerSpec, EventRecorder, Result } from '../../kube/types.ts';
import type { ConditionInput } from '../../meta/conditions.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import { settleClaim, type Claimed } from './claim.ts';
import { Evacuation } from './evacuate.ts';
import { fatesOf, isAsked, TaintTimes, type OccupantFate } from './fates.ts';
import { Guards } from './guard.ts';
import { Voice } from './say.ts';
import { scopeOf, type HostScope, type MaintenanceSources } from './scope.ts';
import { watchSources } from './watches.ts';

export interface MaintenanceDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventRecorder;
  readonly sources: MaintenanceSources;
}

/**
 * Each reconcile: fetch → claim → evacuate → guard → say. The claim comes first, so that nothing is placed on the host while others leave; the
 * guard after it, since it may go only when the claim remembers what it was the sign of.
 */
export function maintenanceController(dependencies: MaintenanceDependencies): ControllerSpec {
  const { client, clock, sources } = dependencies;
  const taintTimes = new TaintTimes();
  const evacuation = new Evacuation(dependencies);
  const guards = new Guards(dependencies);
  const voice = new Voice(dependencies);

  const leave = async (name: string): Promise<undefined> => {
    taintTimes.forget(name);
    evacuation.forget(name);
    voice.forget(name);
    await guards.leave(name, sources.guards.byIndex('byNode', name));
  };

  const evacuate = async (scope: HostScope, claimed: Claimed): Promise<{ input?: ConditionInput; fates: readonly OccupantFate[] }> => {
    const fates = fatesOf(sources, scope, taintTimes.look(scope));
    await evacuation.takeBack(scope, fates);
    // Claimed for what wants it empty too: who waits for that claim waits for the same.
    if (!claimed.written && claimed.step.do === 'wait' && !isClaimedEmpty(scope.host))
      return { input: waitingFor(claimed.step.heldBy), fates: [] };
    if (!isAsked(scope)) return { fates: [] };
    const guests = scope.occupants.filter(({ instance }) => hasGuest(instance)).length;
    if (!scope.answers && guests > 0) return { input: unreachable(guests), fates };
    const after = await evacuation.carryOut(scope, fates);
    return { input: verdictOf(after), fates: after };
  };

  const settle = async (host: Host): Promise<Result> => {
    const scope = scopeOf(sources, host, clock);
    const claimed = await settleClaim(client, scope);
    if (claimed.written) return undefined;
    const { input, fates } = await evacuate(scope, claimed);
    const waits = [await guards.settle(scope), await voice.say(scope, input), ...timesOf(scope, fates)];
    return soonest(waits);
  };

  return {
    name: 'maintenance',
    concurrency: 8,
    reconcile: async ({ name }: ObjectRef): Promise<Result> => {
      const host = sources.hosts.get({ name });
      return host === undefined ? leave(name) : settle(host);
    },
    watch: (enqueue) => {
      watchSources(sources, enqueue);
    },
  };
}

/** Milliseconds until what is known to change by time alone: tolerations end, pauses after failures, the host's time-out. */
function timesOf({ host, now }: HostScope, fates: readonly OccupantFate[]): number[] {
  const late = powerOffAt(host);
  const times = fates.flatMap(({ step }) => ('at' in step ? [step.at] : []));
  return [...times, ...(late === undefined || fates.length === 0 ? [] : [late])].map((at) => at - now).filter((ms) => ms > 0);
}

function soonest(waits: readonly (number | undefined)[]): Result {
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 ? undefined : { requeueAfter: Math.min(...known) };
}
