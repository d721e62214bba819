import assert from 'node:assert/strict';
import type { VirtualMachineMigration } from '../../../src/api/virtual-machine-migration.ts';
import { VirtualMachineMigration as Kind } from '../../../src/api/virtual-machine-migration.ts';
import { isTrue } from '../../../src/meta/conditions.ts';
import { Event } from '../../../src/meta/core.ts';
import { says, type Fleet } from './fleet.ts';

export type MoveSpec = Partial<VirtualMachineMigration['spec']>;

/** So slow that a move can be watched: a GiB takes about a minute and a half. */
export const slow: MoveSpec = { bandwidth: '100M' };

/** As a person with `kubectl create`. */
export async function makeMove(fleet: Fleet, name: string, spec: MoveSpec = {}): Promise<void> {
  const ref = { namespace: 'shop', name };
  await fleet.during(fleet.person.apply(Kind, ref, { spec: { virtualMachine: 'web', ...spec } }, { fieldManager: 'person' }));
}

export function findMove(fleet: Fleet, name: string): Promise<VirtualMachineMigration | undefined> {
  return fleet.during(fleet.person.get(Kind, { namespace: 'shop', name }));
}

export async function moveNamed(fleet: Fleet, name: string): Promise<VirtualMachineMigration> {
  return (await findMove(fleet, name)) ?? assert.fail(`there is no migration ${name}`);
}

export async function deleteMove(fleet: Fleet, name: string): Promise<void> {
  await fleet.during(fleet.person.delete(Kind, { namespace: 'shop', name }));
}

export async function untilPhase(fleet: Fleet, name: string, phase: string, limitMs?: number): Promise<void> {
  await fleet.until(async () => (await findMove(fleet, name))?.status.phase === phase, limitMs);
}

export async function untilOver(fleet: Fleet, name: string, limitMs?: number): Promise<VirtualMachineMigration> {
  const isOver = ({ status }: VirtualMachineMigration): boolean =>
    isTrue(status.conditions, 'Complete') || isTrue(status.conditions, 'Failed');
  await fleet.until(async () => isOver(await moveNamed(fleet, name)), limitMs);
  return moveNamed(fleet, name);
}

/** How it ended: `Complete=True Succeeded` or `Failed=True AlreadyMigrating`. */
export async function endOf(fleet: Fleet, name: string, limitMs?: number): Promise<string> {
  const move = await untilOver(fleet, name, limitMs);
  return says(move, isTrue(move.status.conditions, 'Failed') ? 'Failed' : 'Complete');
}

export async function hostOf(fleet: Fleet, vm = 'web'): Promise<string> {
  return (await fleet.vm(vm)).status.nodeName ?? assert.fail(`${vm} is nowhere`);
}

/** Another host than the one that the VM is on. */
export async function otherThan(fleet: Fleet, host: string): Promise<string> {
  const { hosts } = fleet.world().truth();
  await Promise.resolve();
  return hosts.find(({ name }) => name !== host)?.name ?? assert.fail('there is one host only');
}

/** What was told of moves in the VMs' namespace, as `VirtualMachine Migrated`, in alphabetical order. */
export async function eventsOf({ person, during }: Fleet): Promise<readonly string[]> {
  const { items } = await during(person.list(Event, { namespace: 'shop' }));
  const moves = items.filter(({ reason }) => reason.startsWith('Migrat'));
  return moves.map(({ regarding, reason }) => `${regarding.kind} ${reason}`).sort();
}

/** The guest never stopped: one life by the VM's memory, wherever it went. */
export function memoriesOf(fleet: Fleet): readonly string[] {
  return fleet.lives().map(({ host, to }) => `${host} ${to?.by ?? 'runs'}`);
}

/** Nothing is left of any move: one instance, which nobody sends anywhere, where the VM says that it is. */
export async function untilTidy(fleet: Fleet, vm = 'web'): Promise<void> {
  await fleet.until(async () => {
    const [first, ...others] = await fleet.instances(vm);
    return (
      first !== undefined &&
      others.length === 0 &&
      first.spec.moveTo === undefined &&
      (await fleet.vm(vm)).status.instance === first.metadata.name
    );
  });
  await fleet.untilSays(vm, 'Ready=True Running');
  // It may stand still for the moment in which it changes hands, or does not after all.
  const host = await hostOf(fleet, vm);
  await fleet.until(() => Promise.resolve(fleet.running(vm).join() === host), 5_000);
}
