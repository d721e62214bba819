/** What a client knows of the VMs that it made: what was acknowledged, and what became of it as far as anybody saw. */
import type { VirtualMachine } from '../../src/api/virtual-machine.ts';

/**
 * `creating` and `deleting`: asked, nobody knows yet. `there`: the create was acknowledged. `leaving`: the delete was. `gone`: seen absent
 * after that; a name is used once.
 */
export type Known = 'creating' | 'there' | 'deleting' | 'leaving' | 'gone';

export interface Ledger {
  readonly known: Map<string, Known>;
  readonly uids: Map<string, string>;
}

export function ledger(): Ledger {
  return { known: new Map(), uids: new Map() };
}

export function namesThat({ known }: Ledger, is: Known): string[] {
  return [...known].filter(([, one]) => one === is).map(([name]) => name);
}

/** What a list that was read while nothing was under way says against what was acknowledged; empty when all is well. */
export function brokenPromises({ known, uids }: Ledger, found: readonly VirtualMachine[]): string[] {
  const byName = new Map(found.map((vm) => [vm.metadata.name, vm]));
  const broken: string[] = [];
  for (const [name, one] of known) {
    const vm = byName.get(name);
    const leaves = vm?.metadata.deletionTimestamp !== undefined;
    if (one === 'there' && vm === undefined) broken.push(`${name} was created and is lost`);
    if (one === 'there' && leaves) broken.push(`${name} is being deleted, and nobody asked for that`);
    if (one === 'leaving' && vm !== undefined && !leaves) broken.push(`the delete of ${name} is forgotten`);
    if (one === 'gone' && vm !== undefined) broken.push(`${name} was gone and is back`);
    if (vm !== undefined && uids.has(name) && uids.get(name) !== vm.metadata.uid) broken.push(`${name} is another than was made`);
  }
  const strange = found.filter((vm) => !known.has(vm.metadata.name));
  return [...broken, ...strange.map((vm) => `${vm.metadata.name} was never made`)];
}

/** Takes on what became of the requests that a crash left without an answer. */
export function settle({ known, uids }: Ledger, found: readonly VirtualMachine[]): void {
  const byName = new Map(found.map((vm) => [vm.metadata.name, vm]));
  for (const [name, one] of known) {
    const vm = byName.get(name);
    if (vm !== undefined) uids.set(name, vm.metadata.uid);
    if (one === 'creating') known.set(name, vm === undefined ? 'gone' : 'there');
    if (one === 'deleting') known.set(name, vm === undefined ? 'gone' : vm.metadata.deletionTimestamp === undefined ? 'there' : 'leaving');
    if (one === 'leaving' && vm === undefined) known.set(name, 'gone');
  }
}
