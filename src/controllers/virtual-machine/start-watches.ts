/** Whom a change of one VM concerns because of the order in which VMs start. */
import { guestAlive, startAfterOf, type VirtualMachine } from '../../api/virtual-machine.ts';
import type { Sources } from '../../fleet/fleet.ts';
import { findCondition } from '../../meta/conditions.ts';
import { keyOf, type ObjectRef } from '../../meta/objects.ts';

type Vms = Pick<Sources, 'vms'>;

/** What those see of a VM that start after it. */
export function aliveWord(vm: VirtualMachine | undefined): string {
  const said = findCondition(vm?.status.conditions, guestAlive);
  return said === undefined ? '' : `${said.status}/${said.reason}`;
}

/** Those that start after it. */
export function startAfterMe({ vms }: Vms, vm: VirtualMachine | undefined): ObjectRef[] {
  if (vm === undefined) return [];
  const ref = { namespace: vm.metadata.namespace ?? '', name: vm.metadata.name };
  return vms.byIndex('byStartAfter', keyOf(ref)).map(({ metadata }) => metadata);
}

/** Whom it starts after, in a word. */
export function orderOf(vm: VirtualMachine | undefined): string {
  return vm === undefined
    ? ''
    : startAfterOf(vm)
        .map(({ virtualMachine }) => virtualMachine)
        .join();
}

/** All that it starts after, directly or not, as it says now or said before: whoever is, or was, in a circle with it is among them. */
export function inOneOrder({ vms }: Vms, before: VirtualMachine | undefined, after: VirtualMachine | undefined): ObjectRef[] {
  const seen = new Map<string, ObjectRef>();
  const from = [before, after].flatMap((vm) => vm ?? []);
  for (const { metadata, ...vm } of from) {
    for (const { virtualMachine: name } of startAfterOf(vm)) {
      const ref = { namespace: metadata.namespace ?? '', name };
      const next = vms.get(ref);
      if (seen.has(name) || next === undefined) continue;
      seen.set(name, ref);
      from.push(next);
    }
  }
  return [...seen.values()];
}
