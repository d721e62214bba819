/** What a host does with its VMs by itself when it is cut off: what is asked for, when it is so, and what follows. Pure. */
import type { IsolationResponse, StorageLoss } from '../api/common.ts';
import type { HostCluster } from '../api/host-cluster.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import { storageLost, type Responses, type VirtualMachineInstanceSpec } from '../api/virtual-machine-instance.ts';

/** How long a host hears nobody, and nothing answers, before it takes itself for isolated, milliseconds. */
export const isolatedAfterMs = 10_000;
/** How long a datastore is not reached before it counts as lost, milliseconds: paths to storage fail over within less. */
export const lostAfterMs = 30_000;

/** What is asked for, as an instance says it; what goes without saying is left out. */
export function responsesOf(vm: VirtualMachine, { spec }: HostCluster): Responses {
  const addresses = spec.networks?.heartbeat?.isolationAddresses ?? [];
  const isolation: IsolationResponse = vm.spec.availability?.isolationResponse ?? spec.availability?.isolationResponse ?? 'PowerOff';
  const storageLoss: StorageLoss = vm.spec.availability?.storageLoss ?? spec.availability?.storageLoss ?? 'PowerOff';
  return {
    ...(addresses.length === 0 || isolation === 'LeaveOn' ? {} : { isolation, isolationAddresses: [...addresses] }),
    ...(storageLoss === 'PowerOff' ? {} : { storageLoss }),
  };
}

/** Since when a host is in which trouble, monotonic milliseconds. */
export interface Troubles {
  readonly aloneSince?: number;
  /** By datastore. */
  readonly lostSince: ReadonlyMap<string, number>;
}

export const noTroubles: Troubles = { lostSince: new Map() };

export interface Sight {
  readonly hearsPeers: boolean;
  readonly isAnswered: boolean;
  readonly lostDatastores: readonly string[];
}

/** What trouble it is in, as it looks now. Whom anything answers is not alone. */
export function troublesAfter(before: Troubles, sight: Sight, now: number): Troubles {
  const lostSince = new Map(sight.lostDatastores.map((name) => [name, before.lostSince.get(name) ?? now]));
  const isAlone = !sight.hearsPeers && !sight.isAnswered;
  return { ...(isAlone ? { aloneSince: before.aloneSince ?? now } : {}), lostSince };
}

export function isInTrouble({ aloneSince, lostSince }: Troubles): boolean {
  return aloneSince !== undefined || lostSince.size > 0;
}

export interface Response {
  readonly how: 'ShutDown' | 'PowerOff';
  readonly reason: 'Isolated' | typeof storageLost;
  readonly message: string;
}

/** What follows for the guest of an instance; undefined: it is left on. */
export function responseTo(spec: VirtualMachineInstanceSpec, troubles: Troubles, now: number): Response | undefined {
  return isolation(spec, troubles, now) ?? storageLoss(spec, troubles, now);
}

function isolation({ responses, nodeName }: VirtualMachineInstanceSpec, { aloneSince }: Troubles, now: number): Response | undefined {
  const how = responses?.isolation ?? 'LeaveOn';
  if (how === 'LeaveOn' || aloneSince === undefined || now - aloneSince < isolatedAfterMs) return undefined;
  return { how, reason: 'Isolated', message: `${nodeName} is isolated, and isolationResponse is ${how}: it starts when that is over` };
}

function storageLoss(spec: VirtualMachineInstanceSpec, { lostSince }: Troubles, now: number): Response | undefined {
  if (spec.responses?.storageLoss === 'LeaveOn') return undefined;
  const lost = storesOf(spec).find((name) => now - (lostSince.get(name) ?? now) >= lostAfterMs);
  if (lost === undefined) return undefined;
  return {
    how: 'PowerOff',
    reason: storageLost,
    message: `${spec.nodeName} does not reach datastore ${lost}, and storageLoss is PowerOff`,
  };
}

/** The datastores that an instance's disks, and its lease, are on. */
export function storesOf({ arbiter, disks = [] }: VirtualMachineInstanceSpec): string[] {
  return [...disks.map(({ datastore }) => datastore), ...(arbiter.datastore === undefined ? [] : [arbiter.datastore])];
}
