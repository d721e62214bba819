/** What becomes of a VM whose host does not reach its disks, and has ended its guest for that: it starts elsewhere, or says why it waits. */
import { ready } from '../api/common.ts';
import { storageLost, type VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { restartPriorityOf } from '../api/virtual-machine.ts';
import { findCondition } from '../meta/conditions.ts';
import { isMoving } from './beside.ts';
import type { Decision, LifeView } from './decision.ts';
import { isGoing, isLive } from './instances.ts';
import { currentInstance } from './moving.ts';
import { newcomerOf } from './newcomer.ts';
import { standsBy } from './protection/pairing.ts';

/**
 * Its agent has said, knowing that it goes, that its guest is dead and its arbiter out of reach. That is never taken back: what goes is not started
 * again, by whatever agent.
 */
export function isDeadByWord(instance: VirtualMachineInstance): boolean {
  return isGoing(instance) && instance.status.phase === 'Stopped' && words(instance) !== undefined;
}

function words({ status }: VirtualMachineInstance): string | undefined {
  const said = findCondition(status.conditions, ready);
  return said?.reason === storageLost ? said.message : undefined;
}

/** The host where its guest was, and where nothing of it can be reached now. */
export function lostOn(dead: readonly VirtualMachineInstance[]): string | undefined {
  return dead.find(isDeadByWord)?.spec.nodeName;
}

export function leaveStorage(view: LifeView): Decision | undefined {
  const current = currentInstance(view);
  if (current?.status.phase !== 'Pending' || view.vm.spec.powerState !== 'PoweredOn' || isMoving(view, current)) return undefined;
  const said = words(current);
  if (said === undefined) return undefined;
  const shadow = shadowThatMayGoOn(view, current);
  if (shadow !== undefined) return { do: 'wait', reason: 'StorageLost', message: `${said}: its shadow on ${shadow.spec.nodeName} goes on` };
  const why = staying(view, current);
  if (why === undefined) return { do: 'delete', instances: [current], reason: 'StorageLost' };
  return { do: 'wait', reason: 'StorageLost', message: `${said}: it starts there when that is over, ${why}` };
}

/** It has not tried yet, or not said how that ended: what it knows would be lost by a start from the disks. */
function shadowThatMayGoOn(view: LifeView, current: VirtualMachineInstance): VirtualMachineInstance | undefined {
  return view.instances.find(
    (one) =>
      isLive(one) &&
      standsBy(one, current) &&
      view.answers(one.spec.nodeName) &&
      one.status.phase === 'Shadow' &&
      one.status.protection?.stage !== 'Refused' &&
      findCondition(one.status.conditions, ready)?.reason === 'Shadow',
  );
}

/** Why it starts nowhere else; undefined: it does. */
function staying({ choice, place, vm }: LifeView, { spec }: VirtualMachineInstance): string | undefined {
  if (restartPriorityOf(vm) === 'Disabled') return 'since spec.availability.restartPriority is Disabled';
  if (!('cluster' in choice) || choice.cluster.metadata.deletionTimestamp !== undefined) return 'since its HostCluster is being deleted';
  const elsewhere = place({ ...newcomerOf(vm), leaves: spec.nodeName }, choice.cluster);
  return 'host' in elsewhere ? undefined : `since nowhere else fits: ${elsewhere.message}`;
}
