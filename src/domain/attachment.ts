/** The ports of one VM: whether its NICs have theirs, and which hosts will do. Pure. */
import type { DistributedSwitch } from '../api/distributed-switch.ts';
import type { PortCounters } from '../api/effective-port.ts';
import type { PortGroup } from '../api/port-group.ts';
import { switchPortName, type SwitchPort } from '../api/switch-port.ts';
import { ready } from '../api/common.ts';
import type { Network, VirtualMachine } from '../api/virtual-machine.ts';
import type { InstanceNetwork } from '../api/virtual-machine-instance.ts';
import { findCondition } from '../meta/conditions.ts';
import { matchesSelector, type LabelSelector } from '../meta/selectors.ts';

/** Reasons of NetworkReady=False. */
export type NetworkReason =
  'PortGroupNotFound' | 'PortGroupNotPermitted' | 'SwitchNotReady' | 'NoFreePorts' | 'AddressesExhausted' | 'AddressTaken' | 'PortPending';

export interface NetworkTrouble {
  readonly reason: NetworkReason;
  readonly message: string;
}

/** A switch that a host must have. */
export interface SwitchNeed {
  readonly name: string;
  readonly hostSelector: LabelSelector;
}

export interface Attachment {
  /** The NICs that have their ports, as an instance is to have them. */
  readonly networks: readonly InstanceNetwork[];
  /** Why not all have, or may not have: of the first that has not. */
  readonly trouble?: NetworkTrouble;
  /** Whether the group of this name admits the VM's namespace; one that nobody sees is not asked. */
  admits(portGroup: string): boolean;
}

/** What is known of networks, for one namespace. */
export interface NetworkView {
  group(name: string): PortGroup | undefined;
  switch(name: string): DistributedSwitch | undefined;
  /** Of the VM's namespace. */
  port(name: string): SwitchPort | undefined;
  /** Labels of the VM's namespace. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** Whether the group has a port for one more. */
  hasFreePort(group: PortGroup): boolean;
  /** What a port has counted so far, as far as anybody knows. */
  counters(port: string): PortCounters | undefined;
}

export function admits({ spec }: PortGroup, namespaceLabels: Readonly<Record<string, string>>): boolean {
  return matchesSelector(spec.namespaceSelector, namespaceLabels);
}

export function attachmentOf(vm: VirtualMachine, view: NetworkView): Attachment {
  const found = (vm.spec.networks ?? []).map((network, index) => nicOf(vm, network, index, view));
  const trouble = found.find((nic) => nic.trouble !== undefined)?.trouble;
  return {
    networks: found.flatMap(({ nic }) => nic ?? []),
    ...(trouble === undefined ? {} : { trouble }),
    admits: (name) => {
      const group = view.group(name);
      return group === undefined || admits(group, view.namespaceLabels);
    },
  };
}

interface Found {
  readonly nic?: InstanceNetwork;
  readonly trouble?: NetworkTrouble;
}

function nicOf(vm: VirtualMachine, network: Network, index: number, view: NetworkView): Found {
  const field = `spec.networks[${String(index)}].portGroup`;
  const group = view.group(network.portGroup);
  if (group === undefined) return trouble('PortGroupNotFound', `${field}: there is no PortGroup ${network.portGroup}`);
  const port = view.port(switchPortName(vm.metadata.name, network.name));
  const nic = port === undefined ? undefined : identified(port, network, group, view);
  const found = nic === undefined ? {} : { nic };
  if (!admits(group, view.namespaceLabels)) {
    const message = `${field}: PortGroup ${network.portGroup} does not admit namespace ${vm.metadata.namespace ?? ''} (its spec.namespaceSelector)`;
    return { ...found, ...trouble('PortGroupNotPermitted', message) };
  }
  const unready = switchTrouble(group, field, view);
  if (unready !== undefined) return { ...found, trouble: unready };
  if (nic !== undefined) return { nic };
  return { trouble: portless(port, network, group, view) };
}

function trouble(reason: NetworkReason, message: string): { readonly trouble: NetworkTrouble } {
  return { trouble: { reason, message } };
}

function switchTrouble({ metadata, spec }: PortGroup, field: string, view: NetworkView): NetworkTrouble | undefined {
  const of = view.switch(spec.switch);
  const where = `${field}: PortGroup ${metadata.name} is on DistributedSwitch ${spec.switch}`;
  if (of === undefined) return { reason: 'SwitchNotReady', message: `${where}, which there is not` };
  if (of.metadata.deletionTimestamp !== undefined) return { reason: 'SwitchNotReady', message: `${where}, which is being deleted` };
  return undefined;
}

/** Undefined: the port has no identity yet, or another group's, or is going. */
function identified(port: SwitchPort, network: Network, group: PortGroup, view: NetworkView): InstanceNetwork | undefined {
  const { macAddress, addresses } = port.spec;
  if (macAddress === undefined || addresses === undefined || port.metadata.deletionTimestamp !== undefined) return undefined;
  if (port.spec.portGroup !== network.portGroup || port.spec.switch !== group.spec.switch) return undefined;
  const counters = view.counters(port.metadata.name);
  return {
    name: network.name,
    port: port.metadata.name,
    switch: port.spec.switch,
    portGroup: port.spec.portGroup,
    macAddress,
    addresses: [...addresses],
    blocked: !admits(group, view.namespaceLabels),
    ...(network.policy === undefined ? {} : { policy: network.policy }),
    ...(counters === undefined ? {} : { counters }),
  };
}

function portless(port: SwitchPort | undefined, network: Network, group: PortGroup, view: NetworkView): NetworkTrouble {
  const name = group.metadata.name;
  if (port === undefined) {
    if (group.metadata.deletionTimestamp !== undefined)
      return { reason: 'PortGroupNotFound', message: `PortGroup ${name} is being deleted` };
    if (!view.hasFreePort(group))
      return { reason: 'NoFreePorts', message: `PortGroup ${name} has no free port: raise its spec.ports, or let spec.autoExpand be true` };
    return { reason: 'PortPending', message: `the port of ${network.name} is being made` };
  }
  if (port.spec.portGroup !== name)
    return { reason: 'PortPending', message: `the port of ${network.name} in PortGroup ${port.spec.portGroup} is being given up` };
  const said = findCondition(port.status.conditions, ready);
  if (said?.reason === 'AddressesExhausted' || said?.reason === 'AddressTaken') return { reason: said.reason, message: said.message };
  return { reason: 'PortPending', message: `the port of ${network.name} is being given its addresses` };
}

/** What changes of the NICs of an instance while it lives: policies, and whether they are blocked. Undefined: nothing. */
export function networkChanges(
  vm: Pick<VirtualMachine, 'spec'>,
  present: readonly InstanceNetwork[] | undefined,
  attachment: Pick<Attachment, 'admits'>,
): InstanceNetwork[] | undefined {
  const before = present ?? [];
  const after = before.map((nic) => {
    const { policy, ...rest } = nic;
    const wished = vm.spec.networks?.find(({ name, portGroup }) => name === nic.name && portGroup === nic.portGroup);
    const blocked = !attachment.admits(nic.portGroup);
    const next = wished === undefined ? policy : wished.policy;
    if (blocked === nic.blocked && JSON.stringify(next) === JSON.stringify(policy)) return nic;
    return { ...rest, blocked, ...(next === undefined ? {} : { policy: next }) };
  });
  return after.some((nic, index) => nic !== before[index]) ? after : undefined;
}

/** What of its NICs waits for a restart, field by field. */
export function networkNeeds(vm: Pick<VirtualMachine, 'spec'>, present: readonly InstanceNetwork[] | undefined): string[] {
  const wished = vm.spec.networks ?? [];
  const has = present ?? [];
  const needs: string[] = [];
  for (const { name, portGroup } of wished) {
    const nic = has.find((one) => one.name === name);
    if (nic === undefined) needs.push(`spec.networks: ${name} is new`);
    else if (nic.portGroup !== portGroup) needs.push(`spec.networks: ${name} from PortGroup ${nic.portGroup} to ${portGroup}`);
  }
  for (const { name } of has) if (!wished.some((one) => one.name === name)) needs.push(`spec.networks: ${name} was removed`);
  return needs;
}
