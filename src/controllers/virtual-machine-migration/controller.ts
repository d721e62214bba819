/** Moves VMs that run to other hosts. */
import { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineMigration } from '../../api/virtual-machine-migration.ts';
import type { Clock } from '../../base/clock.ts';
import { decideMigration, type MigrationDecision, type MigrationView } from '../../domain/migration.ts';
import { deadlineOf } from '../../domain/migration-course.ts';
import { isOver, isUnderWay } from '../../domain/moving.ts';
import type { Client, ControllerSpec, EventRecorder, Result } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { keyOf, refOf, type ObjectRef } from '../../meta/objects.ts';
import { Acts } from './act.ts';
import { Voice } from './say.ts';
import { moverOf, targetRefOf, viewOf, vmRefOf, type Scope } from './scope.ts';
import { statusOf } from './status.ts';
import { watchSources } from './watches.ts';

export interface MigrationDependencies extends Scope {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
}

/** How long to wait for a cache to show what the server has, milliseconds; its event comes sooner, as a rule. */
const unseenMs = 1_000;

/** Who was refused sees another version come, as a rule; else it looks again after, milliseconds. */
const againMs = 10_000;

/** Each reconcile: fetch → view → decide → say it in the status → do it, as with VMs. */
export function migrationController(dependencies: MigrationDependencies): ControllerSpec {
  const { clock, sources, fleet, ledger, book } = dependencies;
  const waiting = new Set<string>();
  const acts = new Acts(dependencies);
  const voice = new Voice(dependencies);

  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const key = keyOf(ref);
    const migration = sources.migrations.get(ref);
    waiting.delete(key);
    if (migration === undefined) {
      book.waitsNoMore(key);
      voice.forget(key);
      const wait = acts.leave(key);
      return wait > 0 ? { requeueAfter: wait } : undefined;
    }
    const vm = sources.vms.get(vmRefOf(migration));
    if (vm === undefined && (await isUnseen(dependencies, migration))) return { requeueAfter: unseenMs };
    const view = viewOf(dependencies, migration, vm, clock.now());
    const decision = decideMigration(view);
    if (decision.do === 'wait') waiting.add(key);
    note(dependencies, migration, decision);
    if (vm !== undefined) acts.assume(migration, vm, decision);
    const status = statusOf(view, decision);
    const pause = decision.do === 'wait' || decision.do === 'follow' ? voice.mayWait(migration, status) : 0;
    if (pause > 0) return sooner({ requeueAfter: pause }, later(view));
    const isDone = await unlessGone(sayOrTakeBack(view, status, decision).then((said) => acts.carryOut(said, vm, decision)));
    if (!isDone) return sooner({ requeueAfter: againMs }, later(view));
    if (decision.do === 'release' && decision.staysOn !== undefined) voice.tellOfCancel(migration, vm, decision.staysOn);
    return decision.do === 'nothing' && isUnderWay(migration) ? sooner({ requeueAfter: unseenMs }, later(view)) : later(view);
  };

  const sayOrTakeBack = async (
    { migration, vm }: MigrationView,
    status: VirtualMachineMigration['status'],
    decision: MigrationDecision,
  ): Promise<VirtualMachineMigration> => {
    try {
      return await voice.say(migration, status, vm);
    } catch (error) {
      acts.takeBack(migration, decision);
      throw error;
    }
  };

  return {
    name: 'virtual-machine-migration',
    concurrency: 8,
    reconcile,
    watch: (enqueue) => {
      const refs = (): ObjectRef[] => [...waiting].map(refOf);
      const all = (): void => {
        for (const ref of refs()) enqueue(ref);
      };
      watchSources(sources, enqueue, refs);
      ledger.onFreed(all);
      fleet.onHeard(all);
      book.onFreed(() => {
        for (const key of book.next()) enqueue(refOf(key));
      });
    },
  };
}

/** Who waits for its turn; and what was booked and never seen is not made any more. */
function note({ sources, ledger, book }: Scope, migration: VirtualMachineMigration, decision: MigrationDecision): void {
  if (decision.do === 'wait' && decision.wants !== undefined) book.wait(moverOf(migration, decision.wants));
  else book.waitsNoMore(keyOf(migration.metadata));
  const target = targetRefOf(migration);
  if (isOver(migration) && sources.instances.get(target) === undefined) ledger.forget(keyOf(target));
}

/** A VM that was made together with its move may not be in the cache yet. */
async function isUnseen({ client }: MigrationDependencies, migration: VirtualMachineMigration): Promise<boolean> {
  if (isOver(migration) || migration.metadata.deletionTimestamp !== undefined) return false;
  const { namespace, name } = vmRefOf(migration);
  const { items } = await client.list(VirtualMachine, { namespace, fieldSelector: `metadata.name=${name}` });
  return items.length > 0;
}

/** When time alone makes it worth another look. */
function later(view: MigrationView): Result {
  const { migration, now } = view;
  if (!isUnderWay(migration)) return undefined;
  const deadlines = [deadlineOf(view, false), deadlineOf(view, true)].filter((at) => at > now);
  return deadlines.length === 0 ? undefined : { requeueAfter: Math.min(...deadlines) - now };
}

function sooner(a: { readonly requeueAfter: number }, b: Result): Result {
  return b?.requeueAfter === undefined || a.requeueAfter < b.requeueAfter ? a : b;
}
