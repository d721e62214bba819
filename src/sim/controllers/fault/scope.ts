import { complete, failed } from '../../../api/common.ts';
import type { Fault } from '../../../api/fault.ts';
import type { HostPool } from '../../../api/host-pool.ts';
import type { Clock } from '../../../base/clock.ts';
import { parseDuration, parseTime } from '../../../base/time.ts';
import type { Cache, Client } from '../../../kube/types.ts';
import { isTrue } from '../../../meta/conditions.ts';
import type { WorldFault } from '../../../ports/world.ts';
import type { SimulatedWorld } from '../../world/world.ts';

export interface FaultDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly world: SimulatedWorld;
  readonly faults: Cache<Fault>;
  /** They say which hosts will be there. */
  readonly pools: Cache<HostPool>;
}

/** A fault that this process has let begin. Its times are here before they are in the cache. */
export interface ActiveFault extends Times {
  readonly uid: string;
  readonly what: WorldFault;
  /** Ended again it does nothing. */
  end(): Promise<void>;
}

/** Wall clock, milliseconds. */
export interface Times {
  readonly startedAt: number;
  /** Undefined when it has no end of its own. */
  readonly endsAt: number | undefined;
}

/** All that a reconcile looks at, read once. */
export interface FaultScope {
  readonly fault: Fault;
  readonly deleting: boolean;
  /** It has come to its end, one way or the other. */
  readonly over: boolean;
  readonly what: WorldFault | undefined;
  /** Undefined when it has not begun yet, in this process or an earlier one. */
  readonly begun: Times | undefined;
  readonly active: ActiveFault | undefined;
  readonly now: number;
}

export function scopeOf({ clock }: FaultDependencies, fault: Fault, active: ActiveFault | undefined): FaultScope {
  const { metadata, status } = fault;
  const startedAt = parseTime(status.startedAt);
  const said = startedAt === undefined ? undefined : { startedAt, endsAt: parseTime(status.endsAt) };
  return {
    fault,
    deleting: metadata.deletionTimestamp !== undefined,
    over: isTrue(status.conditions, complete) || isTrue(status.conditions, failed),
    what: worldFaultOf(fault),
    begun: active ?? said,
    active,
    now: clock.now(),
  };
}

/** When a fault that begins now begins and ends. */
export function timesFrom({ fault, now }: FaultScope): Times {
  const { duration } = fault.spec;
  return { startedAt: now, endsAt: duration === undefined ? undefined : now + parseDuration(duration) };
}

/** The fault in the world's words; undefined when it names nobody. */
function worldFaultOf({ spec }: Fault): WorldFault | undefined {
  if (spec.type === 'GuestHang') return spec.virtualMachine === undefined ? undefined : { type: spec.type, vm: spec.virtualMachine };
  const { mtu, nic, nodeName: host, type, vlan } = spec;
  if (host === undefined) return undefined;
  switch (type) {
    case 'LinkDown':
      return nic === undefined ? undefined : { type, host, nic };
    case 'VLANMissing':
      return vlan === undefined ? undefined : { type, host, vlan };
    case 'SmallMTU':
      return mtu === undefined ? undefined : { type, host, mtu };
    default:
      return { type, host };
  }
}
