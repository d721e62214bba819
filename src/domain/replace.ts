/** What becomes of a VM whose host is dead for certain (rule 9): it starts elsewhere, or says why it waits. */
import { guestFinalizer, type VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { HostCluster } from '../api/host-cluster.ts';
import { restartPriorityOf, type VirtualMachine } from '../api/virtual-machine.ts';
import type { Decision, LifeView } from './decision.ts';
import { stopping } from './errands.ts';
import { isGoing, isLive, isReleased } from './instances.ts';
import { isDeadByWord } from './lost-storage.ts';
import { currentInstance, hasStopped } from './moving.ts';

/** The instances whose guests died with their hosts, or by their agents' word. They stay dead once they are going: who boots on their host lists them anew. */
export function deadOf({ instances, isFenced }: Pick<LifeView, 'instances' | 'isFenced'>): VirtualMachineInstance[] {
  return instances.filter(
    (instance) => !isReleased(instance) && isGuarded(instance) && (isFenced(instance.spec.nodeName) || isDeadByWord(instance)),
  );
}

function isGuarded({ metadata }: VirtualMachineInstance): boolean {
  return metadata.finalizers?.includes(guestFinalizer) === true;
}

/** A list in an instance's spec takes no more. */
const mostReplaced = 32;

/** Whom a life that replaces `dead` may take the arbiter from: them, and those whom they were to replace, since nobody knows how far they came. */
export function replacedBy(dead: readonly VirtualMachineInstance[]): string[] {
  const all = dead.flatMap(({ metadata, spec }) => [metadata.uid, ...(spec.replaces ?? [])]);
  return [...new Set(all)].slice(0, mostReplaced);
}

/**
 * Dead ones that go, and of which nobody has to know any more: another one names them as replaced, has the VM by its own word, or the VM goes
 * itself. Until then they say who may hold the arbiter still.
 */
export function bury(view: LifeView): Decision | undefined {
  const current = currentInstance(view);
  const forgotten = deadOf(view).filter((dead) => isGoing(dead) && isForgotten(view, current, dead));
  return forgotten.length === 0 ? undefined : { do: 'bury', instances: forgotten };
}

function isForgotten({ vm, instances }: LifeView, current: VirtualMachineInstance | undefined, dead: VirtualMachineInstance): boolean {
  if (instances.some(({ spec }) => spec.replaces?.includes(dead.metadata.uid) === true)) return true;
  if (vm.metadata.deletionTimestamp !== undefined) return !instances.some(isLive);
  if (current === undefined || current === dead || current.status.phase !== 'Running') return false;
  return dead.spec.origin === undefined || hasStopped(current, dead);
}

/** @param start begins the next life of the VM. */
export function replace(view: LifeView, start: (dead: readonly VirtualMachineInstance[]) => Decision): Decision | undefined {
  const dead = deadOf(view);
  const current = currentInstance(view);
  if (dead.length === 0 || view.vm.spec.powerState === 'PoweredOff') return undefined;
  if (current !== undefined && !dead.includes(current)) return undefined;
  // What lives still, if only for a moment, is waited for.
  const others = view.instances.filter((instance) => !dead.includes(instance) && !isReleased(instance));
  if (others.length > 0) return stopping(others);
  const why = view.vm.spec.powerState === 'Suspended' ? lost(current) : boundTo(view, current);
  if (why !== undefined) return { do: 'wait', reason: 'HostDead', message: why };
  return view.vm.spec.powerState === 'PoweredOn' ? start(dead) : undefined;
}

/** There is nothing to be suspended elsewhere. */
function lost(current: VirtualMachineInstance | undefined): string | undefined {
  if (current?.status.phase === 'Suspended')
    return `${current.spec.nodeName}, where it fell asleep, is dead: its memory is kept until it is to run`;
  return current === undefined ? undefined : `${current.spec.nodeName}, where it was, is dead: it is suspended when that is back`;
}

const asleep: ReadonlySet<string> = new Set(['Suspending', 'Suspended']);

/** Its memory may be in a file, as far as anybody knows: of one that was to wake from there it is not known how far it came. */
function mayBeAsleep({ spec, status }: VirtualMachineInstance): boolean {
  return spec.powerState === 'Suspended' || spec.wakes === true || asleep.has(status.phase ?? '');
}

/**
 * Of `dead` the one from whose memory the VM goes on. One that goes, and was not given up for a next life, was powered off, and its memory is worth nothing.
 */
export function sleeperOf(vm: VirtualMachine, dead: readonly VirtualMachineInstance[]): VirtualMachineInstance | undefined {
  const isWanted = (one: VirtualMachineInstance): boolean => !isGoing(one) || (vm.status.incarnation ?? 0) > one.spec.incarnation;
  const [newest] = [...dead].sort((a, b) => b.spec.incarnation - a.spec.incarnation);
  return newest !== undefined && mayBeAsleep(newest) && isWanted(newest) ? newest : undefined;
}

/** The datastore on which its memory file is, if it has one. */
export function memoryStoreOf({ spec }: VirtualMachineInstance, cluster: HostCluster | undefined): string | undefined {
  return spec.arbiter.datastore ?? spec.disks?.[0]?.datastore ?? cluster?.spec.datastores?.[0]?.name;
}

/** Its memory is where no other host reaches it. */
function memoryHome({ choice }: LifeView, sleeper: VirtualMachineInstance): string | undefined {
  const { nodeName } = sleeper.spec;
  const cluster = 'cluster' in choice ? choice.cluster : undefined;
  const store = memoryStoreOf(sleeper, cluster);
  const type = cluster?.spec.datastores?.find(({ name }) => name === store)?.type;
  if (type === 'SharedDirectory') return undefined;
  const where = store === undefined ? '' : `, on datastore ${store}`;
  return `its memory is kept by ${nodeName}, which is dead${where}: it goes on there when that is back`;
}

/** Why it starts nowhere but where it was. */
function boundTo(view: LifeView, current: VirtualMachineInstance | undefined): string | undefined {
  const { vm } = view;
  const disk = vm.status.disks?.find(({ nodeName }) => nodeName !== undefined);
  if (disk !== undefined) return `its disk ${disk.name} is on ${disk.nodeName ?? ''}, which is dead: it starts there when that is back`;
  if (current === undefined) return undefined;
  const { nodeName } = current.spec;
  const kept = mayBeAsleep(current) ? memoryHome(view, current) : undefined;
  if (kept !== undefined) return kept;
  if (restartPriorityOf(vm) === 'Disabled')
    return `${nodeName} is dead, and spec.availability.restartPriority is Disabled: it starts there when that is back`;
  return undefined;
}
