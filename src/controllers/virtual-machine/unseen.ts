import type { VirtualMachine } from '../../api/virtual-machine.ts';
import { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { Clock } from '../../base/clock.ts';
import { instanceName } from '../../domain/instance-spec.ts';
import { disksToRemove } from '../../domain/newcomer.ts';
import type { Ledger } from '../../fleet/ledger.ts';
import type { Cache, Client } from '../../kube/types.ts';
import { keyOf } from '../../meta/objects.ts';

export interface Unseen {
  readonly client: Client;
  readonly clock: Clock;
  readonly instances: Cache<VirtualMachineInstance>;
  readonly ledger: Ledger;
}

/**
 * A request whose answer was lost may still arrive for so long, milliseconds; also that of an operator that stood still for 20 s as it made it, and lost its
 * lead meanwhile, at the earliest 6 s after it said so.
 */
const arrivalMs = 15_000;

/**
 * Whether the VM has an instance that the cache does not show yet, or as it is not any more. None is made before the status counts it, and its
 * name follows from the count, or from a move; so the newest is looked for: among what we have just made, then at the server. Deciding without it would make a
 * second one (rule 1), or give its room away (rule 5).
 */
export async function unseen(context: Unseen, vm: VirtualMachine): Promise<boolean> {
  const { client, clock, instances, ledger } = context;
  const { incarnation } = vm.status;
  if (incarnation === undefined) return false;
  const ref = refOf(vm);
  const key = keyOf(ref);
  const shown = instances.get(ref);
  if (shown === undefined ? rests(vm, ledger.awaits(key)) : ledger.doubtfulSince(key) === undefined) return false;
  const selector = { namespace: ref.namespace, fieldSelector: `spec.virtualMachine=${vm.metadata.name}` };
  const mine = (await client.list(VirtualMachineInstance, selector)).items.filter(
    (item) => item.spec.virtualMachineUID === vm.metadata.uid,
  );
  // One that has moved here while nobody looked has another name.
  if (mine.some(({ metadata }) => metadata.name !== ref.name && instances.get(metadata) === undefined)) return true;
  const found = mine.find(({ metadata }) => metadata.name === ref.name);
  if (found?.metadata.resourceVersion !== shown?.metadata.resourceVersion) return isBehind(context, vm, found);
  const since = ledger.doubtfulSince(key);
  const announced = shown === undefined && isAnnounced(vm, ref.name, ledger.awaits(key));
  const waitsSince = since ?? (announced ? ledger.announcedSince(key, clock.monotonic()) : undefined);
  if (waitsSince !== undefined && clock.monotonic() - waitsSince < arrivalMs) return true;
  if (shown === undefined) ledger.forget(key);
  else ledger.restore(ref, instances);
  return false;
}

/** The newest instance of which the status knows. One that it moved to is named by the move, and stands in the status. */
function refOf({ metadata, status }: VirtualMachine): { readonly namespace: string; readonly name: string } {
  return { namespace: metadata.namespace ?? '', name: status.instance ?? instanceName({ metadata }, status.incarnation ?? 0) };
}

/** An operator that led before, or believes to lead still, said so and may be about to make it: a second one would end the first one's guest. */
function isAnnounced({ status }: VirtualMachine, name: string, ours: boolean): boolean {
  return !ours && status.instance === name && status.phase === 'Starting';
}

/** Neither made nor on its way, and the VM rests: nothing is decided that it could contradict. */
function rests(vm: VirtualMachine, awaited: boolean): boolean {
  if (vm.status.instance !== undefined || awaited || vm.metadata.deletionTimestamp !== undefined) return false;
  return vm.spec.powerState === 'PoweredOff' && disksToRemove(vm).length === 0;
}

/** The cache may have caught up while the server was asked. */
function isBehind({ instances, ledger }: Unseen, vm: VirtualMachine, found: VirtualMachineInstance | undefined): boolean {
  const ref = refOf(vm);
  if (found === undefined) return instances.get(ref) !== undefined;
  return instances.get(ref) === undefined || ledger.doubtfulSince(keyOf(ref)) !== undefined;
}
