/** What a port does, put together from switch, group and instance; and a switch as one host has it. Pure. */
import type { DistributedSwitch, Mirror } from '../api/distributed-switch.ts';
import type { EffectivePort, FirewallRule, HostSwitch, MirrorSession, PortId } from '../api/effective-port.ts';
import type { PortGroup, PortGroupRule } from '../api/port-group.ts';
import { switchPortName } from '../api/switch-port.ts';
import type { InstanceNetwork, VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { fnv1a } from '../base/hash.ts';
import { parseDuration } from '../base/time.ts';
import { securityOf, shapingOf } from './port-policy.ts';
import { privateVlansOf, rangeOf, vlanOf, type Refused } from './vlan.ts';

export interface PortSources {
  readonly switch: Pick<DistributedSwitch, 'metadata' | 'spec'>;
  readonly group: Pick<PortGroup, 'metadata' | 'spec'>;
  readonly instance: Pick<VirtualMachineInstance, 'metadata' | 'spec'>;
  /** The NIC, of that instance. */
  readonly network: InstanceNetwork;
}

/** @param port the SwitchPort's name. */
export function portId(namespace: string, port: string): PortId {
  return `${namespace}/${port}`;
}

/** What the port of one NIC does; or why nobody can say, in words that name the field which is to be corrected. */
export function effectivePort({ switch: of, group, instance, network }: PortSources): EffectivePort | Refused {
  if (group.spec.switch !== of.metadata.name) return ofAnother(group, of);
  const vlan = vlanOf(group.spec.vlan, of.spec.privateVLANs ?? []);
  if ('reason' in vlan) return vlan;
  const id = portId(instance.metadata.namespace ?? '', network.port);
  const policies = [network.policy, group.spec.policy, of.spec.policy];
  return {
    id,
    guest: instance.metadata.uid,
    nic: network.name,
    switch: of.metadata.name,
    group: group.metadata.name,
    mac: network.macAddress,
    addresses: network.addresses,
    vlan,
    mtu: of.spec.mtu,
    blocked: network.blocked,
    shaping: shapingOf(policies, of.spec.mtu),
    security: securityOf(policies),
    firewall: (group.spec.firewall ?? []).flatMap((rule) => ruleOf(rule) ?? []),
    mirrors: (of.spec.mirrors ?? []).filter((mirror) => copies(mirror, instance, network)).flatMap((mirror) => sessionOf(mirror, id) ?? []),
    mirrorDestination: group.spec.mirrorDestination,
    ...flowExportOf(of),
  };
}

function ofAnother(group: PortSources['group'], of: PortSources['switch']): Refused {
  const message = `PortGroup ${group.metadata.name} is of switch ${group.spec.switch} (spec.switch), not of ${of.metadata.name}`;
  return { reason: 'PortGroupOfAnotherSwitch', message };
}

function ruleOf({ name, direction, allow, deny }: PortGroupRule): FirewallRule | undefined {
  const matched = allow ?? deny;
  if (matched === undefined) return undefined;
  const { protocol, ports = [], peers = [] } = matched;
  return { name, direction, action: allow === undefined ? 'Deny' : 'Allow', protocol, ports: ports.map(rangeOf), peers };
}

function copies({ from }: Mirror, { metadata, spec }: PortSources['instance'], network: InstanceNetwork): boolean {
  if (from.portGroup !== undefined) return from.portGroup === network.portGroup;
  const { virtualMachine } = from;
  const isIts = virtualMachine?.name === spec.virtualMachine && virtualMachine.namespace === metadata.namespace;
  return isIts && (from.network === undefined || from.network === network.name);
}

/** Where a mirror's copies go. */
export function mirrorTarget({ to }: Mirror): PortId {
  return portId(to.virtualMachine.namespace, switchPortName(to.virtualMachine.name, to.network));
}

/** Undefined: it is the target itself, whose frames are copies already. */
function sessionOf(mirror: Mirror, id: PortId): MirrorSession | undefined {
  const to = mirrorTarget(mirror);
  return to === id ? undefined : { name: mirror.name, direction: mirror.direction, to };
}

function flowExportOf({ spec: { flowExport } }: PortSources['switch']): Pick<EffectivePort, 'flowExport'> {
  return flowExport === undefined ? {} : { flowExport: { collector: flowExport.collector, sampling: flowExport.sampling } };
}

/** The switch as a host has it. @param answers of that Host: which interface each uplink is; uplinks without an answer are not there. */
export function hostSwitch({ metadata, spec }: PortSources['switch'], answers: Readonly<Record<string, string>> = {}): HostSwitch {
  const named = spec.uplinks?.ports ?? [];
  return {
    name: metadata.name,
    engine: spec.engine,
    mtu: spec.mtu,
    uplinks: named.flatMap((name) => {
      const nic = answers[name];
      return nic === undefined ? [] : [{ name, nic }];
    }),
    teaming: spec.uplinks?.teaming ?? 'ActiveStandby',
    overlay: spec.overlay,
    privateVlans: privateVlansOf(spec.privateVLANs ?? []),
    ...(spec.healthCheck === undefined ? {} : { healthCheckMs: parseDuration(spec.healthCheck.interval) }),
  };
}

/** A hash of a host's switch and of its ports there, of `ports`: the same for the same, in whatever order they come. */
export function configurationOf(one: HostSwitch, ports: readonly EffectivePort[]): string {
  const mine = ports.filter((port) => port.switch === one.name).sort((a, b) => (a.id < b.id ? -1 : 1));
  return fnv1a(canonical([one, mine]));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
    .join(',')}}`;
}
