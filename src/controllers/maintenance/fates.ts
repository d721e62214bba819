/** What becomes of each VM of a host. */
import { isClaimedEmpty, powerOffAt } from '../../domain/maintenance.ts';
import { stepOf, type Ask, type Occupant, type Step } from '../../domain/maintenance-occupant.ts';
import { evictingTaints, leavesAt, taintKey } from '../../domain/maintenance-taints.ts';
import type { Fate } from '../../domain/maintenance-verdict.ts';
import { newcomerOf } from '../../domain/newcomer.ts';
import { parseTime } from '../../base/time.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { NodeTaint } from '../../meta/core.ts';
import { keyOf } from '../../meta/objects.ts';
import { vmRefOf, type HostScope, type MaintenanceSources } from './scope.ts';

export interface OccupantFate extends Fate {
  readonly occupant: Occupant;
  readonly step: Step;
  /** Whether it is to leave now, or would have to if it could. */
  readonly asked: boolean;
}

/** When taints were first seen, where they do not say it themselves: people's taints do not. */
export class TaintTimes {
  readonly #seen = new Map<string, ReadonlyMap<string, number>>();

  /** Remembers the taints that are there now, and forgets the others. @returns since when a taint is there, milliseconds since 1970. */
  look({ name, node, now }: HostScope): (taint: NodeTaint) => number {
    const before = this.#seen.get(name);
    const taints = evictingTaints(node?.spec?.taints ?? []);
    const times = new Map(taints.map((taint) => [taintKey(taint), parseTime(taint.timeAdded) ?? before?.get(taintKey(taint)) ?? now]));
    if (times.size === 0) this.#seen.delete(name);
    else this.#seen.set(name, times);
    return (taint) => times.get(taintKey(taint)) ?? now;
  }

  forget(name: string): void {
    this.#seen.delete(name);
  }
}

/** Whether anything asks for VMs to leave the host. */
export function isAsked({ host, node }: HostScope): boolean {
  return isClaimedEmpty(host) || evictingTaints(node?.spec?.taints ?? []).length > 0;
}

export function fatesOf(sources: MaintenanceSources, scope: HostScope, since: (taint: NodeTaint) => number): OccupantFate[] {
  const { host, node, now, occupants } = scope;
  const claimed = isClaimedEmpty(host);
  const late = powerOffAt(host);
  const taints = node?.spec?.taints ?? [];
  return occupants.map((occupant) => {
    const tolerations = occupant.vm?.spec.placement?.tolerations ?? [];
    const at = claimed ? now : leavesAt(taints, tolerations, since);
    const force = claimed && late !== undefined && late <= now;
    const ask: Ask = {
      at,
      force,
      now,
      refusal: (vm) => refusalOf(sources, scope, vm),
      shadowRefusal: (shadow) => sources.fleet.shadowRefusal(shadow),
      answers: (nodeName) => sources.fleet.answers(nodeName),
    };
    return { name: keyOf(vmRefOf(occupant.instance)), occupant, step: stepOf(occupant, ask), asked: at !== undefined && at <= now };
  });
}

/** Why `vm` could start on no other host; undefined when it could. */
function refusalOf({ fleet }: MaintenanceSources, { name, now }: HostScope, vm: VirtualMachine): string | undefined {
  const { choice, place } = fleet.view(vm, now);
  if (!('cluster' in choice)) return choice.message;
  const placement = place({ ...newcomerOf(vm), leaves: name }, choice.cluster);
  return 'host' in placement ? undefined : placement.message;
}
