/** Makes every VirtualMachine's instance agree with its spec. */
import { ready } from '../../api/common.ts';
import { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineStatus } from '../../api/virtual-machine.ts';
import { equal } from '../../base/equal.ts';
import type { Clock } from '../../base/clock.ts';
import { decide, instanceName, pendingRestart, type Decision, type LifeView } from '../../domain/life.ts';
import { disksToRemove } from '../../domain/newcomer.ts';
import type { Client, ControllerSpec, EventRecorder, Result } from '../../kube/types.ts';
import { findCondition } from '../../meta/conditions.ts';
import { keyOf, refOf, type ObjectRef } from '../../meta/objects.ts';
import { isApiError } from '../../meta/status.ts';
import { Acts, draftOf } from './act.ts';
import { Ledger } from './ledger.ts';
import { Fleet, type Sources } from './scope.ts';
import { statusOf } from './status.ts';
import { watchSources } from './watches.ts';

export interface VirtualMachineDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly sources: Sources;
}

/**
 * Each reconcile: fetch → view → decide → say it in the status → do it. The status is written on condition of the version that was read, so a
 * decision made on an old copy of the VM, or by an operator that has lost its lead, comes to nothing before anything is started.
 */
export function virtualMachineController(dependencies: VirtualMachineDependencies): ControllerSpec {
  const { client, clock, events, sources } = dependencies;
  const ledger = new Ledger(sources.vms, sources.instances);
  const fleet = new Fleet(sources, ledger);
  const acts = new Acts(client, ledger);
  const waiting = new Set<string>();

  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const vm = sources.vms.get(ref);
    waiting.delete(keyOf(ref));
    if (vm === undefined) return undefined;
    if (await unseen(dependencies, ledger, vm)) return { requeueAfter: unseenMs };
    const view = fleet.view(vm, clock.now());
    const decision = decide(view);
    assume(ledger, vm, decision);
    if (decision.do === 'wait') waiting.add(keyOf(ref));
    await sayAndDo(view, decision);
    return later(view);
  };

  const sayAndDo = async (view: LifeView, decision: Decision): Promise<void> => {
    try {
      const said = decision.do === 'finish' ? view.vm : await say(client, view, statusOf(view, decision));
      announce(events, view.vm, said);
      await acts.carryOut(said, decision);
    } catch (error) {
      if (decision.do === 'create') ledger.forget(keyOf({ namespace: view.vm.metadata.namespace ?? '', name: decision.name }));
      if (decision.do === 'patch') ledger.restore(decision.instance.metadata, sources.instances);
      // Read too early: the cache will bring what is newer, and with it another look.
      if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
    }
  };

  return {
    name: 'virtual-machine',
    concurrency: 16,
    reconcile,
    watch: (enqueue) => watchSources(sources, enqueue, () => [...waiting].map(refOf)),
  };
}

/** How long to wait for a cache to show an instance that is there, milliseconds; its event comes sooner, as a rule. */
const unseenMs = 1_000;

/**
 * Whether the VM has an instance that the cache does not show yet. None is made before the status counts it, and its name follows from the
 * count; so the newest is looked for: among what we have just made, then at the server. Deciding without it would make a second one (rule 1).
 */
async function unseen({ client, sources }: VirtualMachineDependencies, ledger: Ledger, vm: VirtualMachine): Promise<boolean> {
  const { incarnation } = vm.status;
  if (incarnation === undefined) return false;
  const ref = { namespace: vm.metadata.namespace ?? '', name: instanceName(vm, incarnation) };
  if (sources.instances.get(ref) !== undefined) return false;
  // Neither made nor on its way, and the VM rests: nothing is decided that it could contradict.
  if (vm.status.instance === undefined && !ledger.awaits(keyOf(ref)) && vm.metadata.deletionTimestamp === undefined && !wantsInstance(vm))
    return false;
  const found = (await client.get(VirtualMachineInstance, ref)) !== undefined;
  if (!found) ledger.forget(keyOf(ref));
  return found && sources.instances.get(ref) === undefined;
}

function wantsInstance(vm: VirtualMachine): boolean {
  return vm.spec.powerState !== 'PoweredOff' || disksToRemove(vm).length > 0;
}

/** Room that was decided on counts from the same instant, so that the next decision sees it. */
function assume(ledger: Ledger, vm: VirtualMachine, decision: Decision): void {
  if (decision.do === 'create') {
    const { metadata, spec } = draftOf(vm, decision);
    ledger.assume({ metadata: { ...vm.metadata, ...metadata }, spec, status: {} });
  }
  if (decision.do === 'patch') ledger.assume({ ...decision.instance, spec: { ...decision.instance.spec, ...decision.spec } });
}

async function say(client: Client, { vm }: LifeView, status: VirtualMachineStatus): Promise<VirtualMachine> {
  if (equal(vm.status, status)) return vm;
  const { resourceVersion, uid } = vm.metadata;
  return client.patch(
    VirtualMachine,
    vm.metadata,
    { metadata: { resourceVersion, uid }, status: replacing(vm.status, status) },
    { subresource: 'status' },
  );
}

/** A merge patch that also takes away the fields that `after` no longer has. */
function replacing(before: VirtualMachineStatus, after: VirtualMachineStatus): object {
  const gone = Object.keys(before).filter((field) => !(field in after));
  return { ...after, ...Object.fromEntries(gone.map((field) => [field, null])) };
}

/** One event a change of heart: what the Ready condition now says, unless it is only a step on the way. */
function announce(events: EventRecorder, before: VirtualMachine, after: VirtualMachine): void {
  const said = findCondition(after.status.conditions, ready);
  const earlier = findCondition(before.status.conditions, ready);
  if (said === undefined || (said.reason === earlier?.reason && said.message === earlier.message)) return;
  if (steps.has(said.reason)) return;
  events.event(after, said.status === 'True' ? 'Normal' : 'Warning', said.reason === 'Running' ? 'Started' : said.reason, said.message);
}

const steps: ReadonlySet<string> = new Set([
  'Pending',
  'Starting',
  'Booting',
  'Stopping',
  'Suspending',
  'Updating',
  'Deleting',
  'Restarting',
  'RemovingDisks',
]);

function later({ vm, now }: LifeView): Result {
  const at = pendingRestart(vm);
  return at === undefined || at <= now ? undefined : { requeueAfter: at - now };
}
