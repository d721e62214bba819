/**
 * Disks that nobody wants any more are removed between two lives, and before a VM goes. Only agents reach datastores, so it takes an instance
 * to ask for it: the one whose life is over, else one that never runs.
 */
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceSpec } from '../api/virtual-machine-instance.ts';
import type { Decision, LifeView } from './decision.ts';
import { instanceName, instanceSpec } from './instance-spec.ts';
import { hasEnded, isGoing, isHeldForDisks, isLive, isReleased } from './instances.ts';
import { isDeadByWord } from './lost-storage.ts';
import { disksToRemove, hasDisksToDelete, type DiskStatus } from './newcomer.ts';

/** What is done about disks before anything else; undefined when nothing is. */
export function settleDisks(view: LifeView): Decision | undefined {
  const { instances } = view;
  const ended = instances.filter((instance) => hasEnded(instance) && !isReleased(instance));
  const [place, ...others] = ended;
  // While another life goes on, or a second one is over too, one place is enough.
  if (instances.some(isLive)) return place === undefined ? undefined : { do: 'letGo', instances: ended };
  if (others.length > 0) return { do: 'letGo', instances: others };
  // The rest waits until the guests are dead.
  if (instances.some((instance) => instance !== place && !isReleased(instance))) return undefined;
  const [errand] = instances.filter(isReleased);
  if (errand !== undefined) return finishErrand(errand);
  return place === undefined ? sendOut(view) : settleAt(view, place);
}

export function stopping(instances: readonly VirtualMachineInstance[]): Decision {
  const hosts = [...new Set(instances.map((instance) => instance.spec.nodeName))].sort().join(', ');
  return { do: 'wait', reason: 'Stopping', message: `waits until ${hosts} says that the guest is gone` };
}

/** What an errand does, in words. */
export function errandWords({ nodeName, removeDisks }: Pick<VirtualMachineInstanceSpec, 'nodeName' | 'removeDisks'>): string {
  return `${nodeName} removes ${(removeDisks ?? []).join(', ')}`;
}

/** `datastore/name`, as errands name disks. */
export function errandName({ datastore, name }: DiskStatus): string {
  return `${datastore}/${name}`;
}

/** Whether the decision needs to know if the namespace is being deleted: only then is it worth a question to the server. */
export function dependsOnNamespace(vm: VirtualMachine, instances: readonly VirtualMachineInstance[]): boolean {
  const removes = disksToRemove(vm).length > 0;
  if (instances.length === 0) return removes;
  const leaving = vm.metadata.deletionTimestamp !== undefined;
  return !leaving && hasDisksToDelete(vm) && instances.every((instance) => hasEnded(instance) && !isReleased(instance));
}

/** The disks of a VM that goes, in a namespace in which nobody can be asked to remove them any more. */
export function disksLeftBehind({ vm, namespaceEnds }: LifeView): readonly DiskStatus[] {
  return namespaceEnds ? disksToRemove(vm) : [];
}

function finishErrand(instance: VirtualMachineInstance): Decision {
  const open = !isGoing(instance) || isHeldForDisks(instance);
  if (open && instance.status.phase === 'Released') return { do: 'delete', instances: [instance], reason: 'DisksRemoved' };
  return { do: 'wait', reason: 'RemovingDisks', message: errandWords(instance.spec) };
}

/** A life is over, and its instance is there still. */
function settleAt(view: LifeView, instance: VirtualMachineInstance): Decision {
  const { vm, namespaceEnds } = view;
  // Who is dead removes nothing. Where nobody else can be asked any more, it is waited for all the same.
  const isDead = (view.isFenced(instance.spec.nodeName) || isDeadByWord(instance)) && !namespaceEnds;
  const here = isDead ? [] : disksToRemove(vm).filter(({ nodeName }) => nodeName === undefined || nodeName === instance.spec.nodeName);
  if (here.length > 0) return { do: 'patch', instance, spec: { powerState: 'Released', removeDisks: here.map(errandName) } };
  // Its VM is about to go too, and then this will be the only place to ask for the removal of its disks.
  if (namespaceEnds && vm.metadata.deletionTimestamp === undefined) return namespaceDeleting(vm);
  return { do: 'letGo', instances: [instance] };
}

/** Nothing is started any more: what there is will be deleted next. */
export function namespaceDeleting({ metadata: { namespace } }: VirtualMachine): Decision {
  return { do: 'wait', reason: 'NamespaceDeleting', message: `namespace ${namespace ?? ''} is being deleted` };
}

/** One host at a time: local disks on their own, the rest where any host answers. */
function sendOut(view: LifeView): Decision | undefined {
  const { vm, choice, namespaceEnds } = view;
  const leaving = disksToRemove(vm);
  const [first] = leaving;
  if (first === undefined) return undefined;
  if (namespaceEnds) return vm.metadata.deletionTimestamp === undefined ? namespaceDeleting(vm) : undefined;
  if (!('cluster' in choice)) return { do: 'wait', reason: choice.reason, message: choice.message };
  const here = leaving.filter((disk) => disk.nodeName === first.nodeName);
  const placement = view.placeErrand(choice.cluster, first.nodeName);
  if (!('host' in placement))
    return { do: 'wait', reason: 'RemovingDisks', message: `no host can remove disk ${first.name}: ${placement.message}` };
  const spec = instanceSpec({ vm, cluster: choice.cluster, nodeName: placement.host, disks: [] });
  return {
    do: 'create',
    name: instanceName(vm, spec.incarnation),
    spec: { ...spec, powerState: 'Released', removeDisks: here.map(errandName) },
    cluster: choice.cluster,
    disks: [],
  };
}
