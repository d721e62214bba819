/** Whether a NIC is to have its port now. Pure. */
import type { PortGroup } from '../api/port-group.ts';
import { switchPortName, type SwitchPort } from '../api/switch-port.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';

export interface PortScope {
  /** `<vm>.<nic>`. */
  readonly name: string;
  readonly port: SwitchPort | undefined;
  readonly vm: VirtualMachine | undefined;
  /** Of VMs of that name, those that go included. */
  readonly instances: readonly VirtualMachineInstance[];
  readonly group: (name: string) => PortGroup | undefined;
  /** Whether the group admits the namespace. */
  readonly admits: (group: PortGroup) => boolean;
  readonly hasFreePort: (group: PortGroup) => boolean;
}

export type PortFate =
  /** There is none, and there is to be none; or nobody can say yet. */
  | { readonly do: 'nothing' }
  | { readonly do: 'make'; readonly network: string; readonly group: PortGroup }
  /** It stays as it is; one without identity is given one where its group is there. */
  | { readonly do: 'keep'; readonly port: SwitchPort; readonly group: PortGroup | undefined; readonly isUsed: boolean }
  /** Nobody needs it any more. */
  | { readonly do: 'giveUp'; readonly port: SwitchPort }
  /** It goes: what it has is freed first. */
  | { readonly do: 'free'; readonly port: SwitchPort };

export function fateOf(scope: PortScope): PortFate {
  const { port, name, instances } = scope;
  const isUsed = instances.some(({ spec }) => spec.powerState !== 'Released' && spec.networks?.some((nic) => nic.port === name) === true);
  if (port?.metadata.deletionTimestamp !== undefined) return isUsed ? { do: 'nothing' } : { do: 'free', port };
  const wanted = wantedOf(scope);
  if (port === undefined) return wanted === undefined || isUsed ? { do: 'nothing' } : make(scope, wanted);
  const of = wanted?.group;
  const isSame = of?.metadata.name === port.spec.portGroup && of.spec.switch === port.spec.switch;
  if (!isUsed && !isSame && !isUnsure(scope, port)) return { do: 'giveUp', port };
  return { do: 'keep', port, group: scope.group(port.spec.portGroup), isUsed };
}

interface Wanted {
  readonly network: string;
  readonly group: PortGroup;
}

/** The NIC that the VM is to have, where its group binds it now. */
function wantedOf({ vm, name, group }: PortScope): Wanted | undefined {
  if (vm === undefined || vm.metadata.deletionTimestamp !== undefined) return undefined;
  const nic = vm.spec.networks?.find((one) => switchPortName(vm.metadata.name, one.name) === name);
  const found = nic === undefined ? undefined : group(nic.portGroup);
  if (nic === undefined || found === undefined) return undefined;
  return found.spec.binding === 'Static' || vm.spec.powerState !== 'PoweredOff' ? { network: nic.name, group: found } : undefined;
}

/** Its NIC is wanted still, but nobody sees its group: a group is not gone while it has ports, so it will be seen. */
function isUnsure({ vm, name, group }: PortScope, port: SwitchPort): boolean {
  if (vm === undefined || vm.metadata.deletionTimestamp !== undefined) return false;
  const nic = vm.spec.networks?.find((one) => switchPortName(vm.metadata.name, one.name) === name);
  return nic?.portGroup === port.spec.portGroup && group(nic.portGroup) === undefined;
}

function make({ admits, hasFreePort }: PortScope, { network, group }: Wanted): PortFate {
  const isOpen = group.metadata.deletionTimestamp === undefined && admits(group) && hasFreePort(group);
  return isOpen ? { do: 'make', network, group } : { do: 'nothing' };
}
