/** What becomes of a VM's instances beside the one that has it. */
import { ready } from '../api/common.ts';
import { findCondition } from '../meta/conditions.ts';
import { isLive } from './instances.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Decision, LifeView } from './decision.ts';
import { isInUse, isUnsaidHeir, isWanted, standsBy } from './protection/pairing.ts';
import { arrivalName, currentInstance, hasHandedOver, hasStopped, isDoneWith, isOver, isUnderWay, takesOverFrom } from './moving.ts';

/** The move that `instance` belongs to, of those that have not come to their end. */
export function moveOf({ moves }: Pick<LifeView, 'moves'>, instance: VirtualMachineInstance): LifeView['moves'][number] | undefined {
  const { metadata, spec } = instance;
  return moves.find(
    (move) => !isOver(move) && spec.origin?.migration === move.metadata.name && metadata.name === arrivalName(move, spec.nodeName),
  );
}

/** It is on its way, or its memory is, whatever became of the migration meanwhile: what would disturb it waits. */
export function isMoving(view: LifeView, current: VirtualMachineInstance): boolean {
  return moveUnderWay(view, current) !== undefined || followedFrom(view, current) !== undefined;
}

/** Until when that which would disturb it waits. */
export function whenMoved(view: LifeView, current: VirtualMachineInstance): string {
  const source = followedFrom(view, current);
  if (source !== undefined) return `when all of its memory has followed it from ${source.spec.nodeName}`;
  const move = moveUnderWay(view, current);
  const words = `when its move is over: VirtualMachineMigration ${move?.metadata.name ?? ''}`;
  return move?.status.sourceInstance === current.metadata.name ? `${words}; delete that to cancel it` : words;
}

function moveUnderWay({ moves }: LifeView, { metadata: { name } }: VirtualMachineInstance): LifeView['moves'][number] | undefined {
  return moves.find((move) => isUnderWay(move) && [move.status.sourceInstance, move.status.targetInstance].includes(name));
}

/** What it took over from, if memory may follow from there. */
function followedFrom(view: LifeView, current: VirtualMachineInstance): VirtualMachineInstance | undefined {
  return view.instances.find((other) => isLive(other) && takesOverFrom(current, other) && isNeeded(view, current, other));
}

/**
 * Of two live ones the one that has the VM stays, and the other only for the sake of a move: the arbiter lets only one run in any case. A target is
 * ended once its source can hand over to it no more; a source, once its target does without it.
 */
export function oneInstance(view: LifeView): Decision | undefined {
  const current = currentInstance(view);
  const others = view.instances.filter((instance) => isLive(instance) && instance !== current);
  const stray = current === undefined ? undefined : strayMove(view, current);
  if (stray !== undefined) return stray;
  const leaving = others.filter((other) => !isNeeded(view, current, other));
  if (leaving.length === 0) return undefined;
  return (current === undefined ? undefined : unheard(view, current, leaving)) ?? { do: 'delete', instances: leaving, reason: 'Duplicate' };
}

/** Whoever answers says within so long what it has done, milliseconds. */
const saidWithinMs = 20_000;

/** A shadow that the dead one said is in step may have gone on, though nothing of that was heard yet: for a while it stays. */
function unheard(view: LifeView, dead: VirtualMachineInstance, leaving: readonly VirtualMachineInstance[]): Decision | undefined {
  const since = view.isFenced(dead.spec.nodeName) ? view.fencedAt(dead.spec.nodeName) : undefined;
  const heir = leaving.find((one) => standsBy(one, dead) && isUnsaidHeir(dead, one) && view.answers(one.spec.nodeName));
  if (view.vm.spec.powerState === 'PoweredOff' || since === undefined || heir === undefined || view.now >= since + saidWithinMs)
    return undefined;
  const message = `waits until ${heir.spec.nodeName} says whether its shadow there goes on for it`;
  return { do: 'wait', reason: 'HostDead', message, until: since + saidWithinMs };
}

const onItsWay: ReadonlySet<string> = new Set(['Pending', 'Incoming', 'Received']);

/** It was handed over, and goes on in an instant: nothing that is said of the VM has changed. */
export function arrive(view: LifeView): Decision | undefined {
  const current = currentInstance(view);
  if (current?.spec.origin === undefined || view.vm.spec.powerState === 'PoweredOff' || !view.answers(current.spec.nodeName))
    return undefined;
  const said = findCondition(current.status.conditions, ready);
  return onItsWay.has(said?.reason ?? 'Pending') ? { do: 'arrive' } : undefined;
}

function isNeeded(view: LifeView, current: VirtualMachineInstance | undefined, other: VirtualMachineInstance): boolean {
  if (current === undefined) return false;
  if (other.spec.shadowOf !== undefined) return isWantedShadow(view, current, other);
  // What is left of it has lost the arbiter for good.
  if (current.spec.shadowOf?.instanceUID === other.metadata.uid) return false;
  if (takesOverFrom(current, other)) return view.answers(other.spec.nodeName) && !isDoneWith(other, current);
  if (!takesOverFrom(other, current)) return false;
  // Who is dead hands over no more, and what it may have handed over in its last moment would have been told by now; unless nobody can tell.
  if (view.isFenced(current.spec.nodeName)) return !view.answers(other.spec.nodeName) && !view.isFenced(other.spec.nodeName);
  return moveOf(view, other) !== undefined || !hasStopped(current, other);
}

function isWantedShadow(view: LifeView, current: VirtualMachineInstance, shadow: VirtualMachineInstance): boolean {
  if (!standsBy(shadow, current)) return false;
  const isDead = view.isFenced(current.spec.nodeName);
  // It may have taken over, and cannot say so.
  if (isDead && !view.answers(shadow.spec.nodeName) && !view.isFenced(shadow.spec.nodeName)) return true;
  if (!isDead && !view.isFenced(shadow.spec.nodeName) && isInUse(current, shadow)) return true;
  return isWanted(view.pair, shadow, { isDead });
}

/** Where nobody wants it to go any more, it is not sent: its migration is gone, or has failed. */
function strayMove(view: LifeView, current: VirtualMachineInstance): Decision | undefined {
  const { moveTo } = current.spec;
  if (moveTo === undefined || view.isFenced(current.spec.nodeName)) return undefined;
  if (view.moves.some((move) => !isOver(move) && move.metadata.name === moveTo.migration)) return undefined;
  const target = view.instances.find((instance) => instance.metadata.uid === moveTo.instanceUID);
  if (current.status.phase === 'Moved' || (target !== undefined && hasHandedOver(current, target))) return undefined;
  return { do: 'recall', instance: current };
}
