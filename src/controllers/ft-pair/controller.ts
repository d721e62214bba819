/** Keeps a shadow beside each VM that is to have one. Whether one takes over is decided by the hosts and the VM's arbiter, with or without us. */
import { FTPair, type FTPairStatus } from '../../api/ft-pair.ts';
import type { Clock } from '../../base/clock.ts';
import { equal } from '../../base/equal.ts';
import { decideProtection } from '../../domain/protection/decide.ts';
import type { ProtectionDecision } from '../../domain/protection/view.ts';
import { Insistence } from '../../kube/insistence.ts';
import type { Client, ControllerSpec, EventRecorder, Result } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { keyOf, refOf, type ObjectRef } from '../../meta/objects.ts';
import { Acts } from './act.ts';
import { announce } from './say.ts';
import { shadowKey, viewOf, type Scope } from './scope.ts';
import { statusOf } from './status.ts';
import { watchSources } from './watches.ts';

export interface FTPairDependencies extends Scope {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
}

/** Each reconcile: view → decide → say it in the status → do it, as with VMs. */
export function ftPairController(dependencies: FTPairDependencies): ControllerSpec {
  const { client, clock, events, fleet, ledger } = dependencies;
  const waiting = new Set<string>();
  const acts = new Acts(dependencies);
  const insistence = new Insistence(clock);

  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const key = keyOf(ref);
    const view = viewOf(dependencies, ref, clock.now());
    const decision = decideProtection(view);
    if (isWaiting(decision)) waiting.add(key);
    else waiting.delete(key);
    const { pair } = view;
    if (pair === undefined) {
      insistence.forget(key);
      await unlessGone(acts.carryOut(view, undefined, decision));
      return again(acts.awaits(key, undefined));
    }
    const status = statusOf(pair, view, decision);
    const pauseMs = insistence.waitMs(key, status);
    if (pauseMs > 0 && !equal(pair.status, status)) return { requeueAfter: pauseMs };
    const takeBack = acts.assume(view, decision);
    await unlessGone(said(pair, status, takeBack).then((after) => acts.carryOut(view, after, decision)));
    return again(acts.awaits(key, pair.status.shadow === undefined ? undefined : shadowKey(pair)));
  };

  const said = async (pair: FTPair, status: FTPairStatus, takeBack: () => void): Promise<FTPair> => {
    if (equal(pair.status, status)) return pair;
    const { resourceVersion, uid } = pair.metadata;
    const patch = { metadata: { resourceVersion, uid }, status: replacing(pair.status, status) };
    try {
      const after = await client.patch(FTPair, pair.metadata, patch, { subresource: 'status' });
      insistence.said(keyOf(pair.metadata), status);
      announce(events, pair, after);
      return after;
    } catch (error) {
      takeBack();
      throw error;
    }
  };

  return {
    name: 'ft-pair',
    concurrency: 8,
    reconcile,
    watch: (enqueue) => {
      const all = (): void => {
        for (const key of waiting) enqueue(refOf(key));
      };
      watchSources(dependencies, enqueue, all);
      ledger.onFreed(all);
      fleet.onHeard(all);
    },
  };
}

function again(ms: number | undefined): Result {
  return ms === undefined ? undefined : { requeueAfter: ms };
}

function isWaiting(decision: ProtectionDecision): boolean {
  return decision.do === 'wait' || decision.do === 'refuse';
}

/** A merge patch that also takes away what `after` no longer has. */
function replacing(before: FTPairStatus, after: FTPairStatus): object {
  const gone = Object.keys(before).filter((key) => !(key in after));
  return { ...after, ...Object.fromEntries(gone.map((key) => [key, null])) };
}
