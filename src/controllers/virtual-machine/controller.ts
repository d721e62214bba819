/** Makes every VirtualMachine's instance agree with its spec. */
import type { VirtualMachine, VirtualMachineStatus } from '../../api/virtual-machine.ts';
import type { Clock } from '../../base/clock.ts';
import { decide, pendingRestart, type Decision, type LifeView } from '../../domain/life.ts';
import type { Log } from '../../base/log.ts';
import type { Fleet, Sources } from '../../fleet/fleet.ts';
import type { Ledger } from '../../fleet/ledger.ts';
import type { Client, ControllerSpec, EventRecorder, Metrics, Result } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { keyOf, refOf, type ObjectRef } from '../../meta/objects.ts';
import { Acts, draftOf } from './act.ts';
import { leftBehind } from './left-behind.ts';
import { Namespaces } from './namespace.ts';
import { orphans } from './orphans.ts';
import { StartQueue } from './start-queue.ts';
import { Voice } from './say.ts';
import { statusOf } from './status.ts';
import { unseen } from './unseen.ts';
import { rankOf, watchSources } from './watches.ts';

export interface VirtualMachineDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: EventRecorder;
  readonly sources: Sources;
  readonly ledger: Ledger;
  readonly fleet: Fleet;
  readonly metrics?: Metrics;
}

/**
 * Each reconcile: fetch → view → decide → say it in the status → do it. The status is written on condition of the version that was read, so a
 * decision made on an old copy of the VM, or by an operator that has lost its lead, comes to nothing before anything is started.
 */
export function virtualMachineController(dependencies: VirtualMachineDependencies): ControllerSpec {
  const { client, clock, sources, ledger, fleet } = dependencies;
  const waiting = new Set<string>();
  const queue = new StartQueue();
  const acts = new Acts({ client, clock, ledger, instances: sources.instances });
  const voice = new Voice(dependencies);
  const namespaces = new Namespaces(client);
  const tellLeftBehind = leftBehind({ ...dependencies, clusters: sources.clusters });

  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const vm = sources.vms.get(ref);
    const key = keyOf(ref);
    waiting.delete(key);
    const orphaned = orphans(vm, sources.instances.byIndex('byName', key));
    if (orphaned.length > 0) await unlessGone(acts.letGo(orphaned));
    if (vm === undefined) {
      voice.forget(key);
      queue.remove(key);
      ledger.forgetAllOf(ref);
      namespaces.forget(key);
      return undefined;
    }
    if (await unseen({ client, clock, instances: sources.instances, ledger }, vm)) return { requeueAfter: unseenMs };
    const seen = fleet.view(vm, clock.now());
    const view = { ...seen, namespaceEnds: await namespaces.ends(vm, seen.instances) };
    const decision = decide(view);
    assume(ledger, vm, decision);
    if (decision.do !== 'wait' || decision.reason !== 'StartPaced') queue.remove(key);
    else queue.add(ref, rankOf(vm));
    if (decision.do !== 'wait') voice.waitsNoMore(key);
    else if (decision.reason !== 'StartPaced') waiting.add(key);
    if (decision.do === 'finish') tellLeftBehind(vm, decision.leftBehind);
    const status = silent.has(decision.do) ? vm.status : statusOf(view, decision);
    const pause = decision.do === 'wait' || decision.do === 'nothing' ? voice.mayWait(vm, status) : 0;
    if (pause > 0) return sooner({ requeueAfter: pause }, later(view, decision));
    const done = await sayAndDo({ voice, acts, namespaces }, view, status, decision);
    return done ? later(view, decision) : sooner({ requeueAfter: againMs }, later(view, decision));
  };

  return {
    name: 'virtual-machine',
    concurrency: 16,
    reconcile,
    watch: (enqueue) => {
      const refs = (): ObjectRef[] => [...waiting].map(refOf);
      watchSources(sources, enqueue, refs);
      ledger.onFreed(() => {
        for (const ref of refs()) enqueue(ref);
      });
      ledger.onStarted(() => {
        const next = queue.call();
        if (next !== undefined) enqueue(next);
      });
      fleet.onHeard(() => {
        for (const ref of refs()) enqueue(ref);
      });
    },
  };
}

/** Steps that change nothing of what is said of a VM. */
const silent: ReadonlySet<Decision['do']> = new Set(['arrive', 'bury', 'finish', 'hold', 'recall', 'keep', 'letGo']);

interface Hands {
  readonly voice: Voice;
  readonly acts: Acts;
  readonly namespaces: Namespaces;
}

async function sayAndDo(hands: Hands, view: LifeView, status: VirtualMachineStatus, decision: Decision): Promise<boolean> {
  const { acts, namespaces } = hands;
  try {
    return await unlessGone(sayOrTakeBack(hands, view, status, decision).then((said) => acts.carryOut(said, decision)));
  } catch (error) {
    namespaces.noteRefusal(view.vm, error);
    throw error;
  }
}

async function sayOrTakeBack(
  { voice, acts }: Hands,
  { vm, moves }: LifeView,
  status: VirtualMachineStatus,
  decision: Decision,
): Promise<VirtualMachine> {
  try {
    const said = await voice.say(vm, status, moves);
    if (decision.do === 'create') voice.tellOfStart(said, decision);
    return said;
  } catch (error) {
    acts.takeBack(vm, decision);
    throw error;
  }
}

/** How long to wait for a cache to show an instance as it is, milliseconds; its event comes sooner, as a rule. */
const unseenMs = 1_000;

/** After a no to somebody with an old copy: the cache brings a newer one, and another look, much sooner, if that was why. Milliseconds. */
const againMs = 10_000;

/** Until one that waits its turn to start is looked at in any case, milliseconds: room may come otherwise than by the start of another. */
const pacedMs = 5_000;

function sooner(a: { readonly requeueAfter: number }, b: Result): Result {
  return b?.requeueAfter === undefined || a.requeueAfter < b.requeueAfter ? a : b;
}

/** Room that was decided on counts from the same instant, so that the next decision sees it. */
function assume(ledger: Ledger, vm: VirtualMachine, decision: Decision): void {
  if (decision.do === 'create') {
    const { metadata, spec } = draftOf(vm, decision);
    ledger.assume({ metadata: { ...vm.metadata, ...metadata }, spec, status: {} });
  }
  if (decision.do === 'patch') ledger.assume({ ...decision.instance, spec: { ...decision.instance.spec, ...decision.spec } });
}

function later({ vm, now }: LifeView, decision: Decision): Result {
  const until = decision.do === 'wait' ? decision.until : undefined;
  const paced = decision.do === 'wait' && decision.reason === 'StartPaced' ? now + pacedMs : undefined;
  const times = [pendingRestart(vm), until, paced].filter((at) => at !== undefined && at > now);
  return times.length === 0 ? undefined : { requeueAfter: Math.min(...times.map((at = now) => at - now)) };
}
