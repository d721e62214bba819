/** What the switches of this host should be, as far as the API and what was applied tell: pure. */
import type { DistributedSwitch } from '../../api/distributed-switch.ts';
import type { EffectivePort, HostSwitch, PortId, SwitchConfiguration } from '../../api/effective-port.ts';
import type { PortGroup } from '../../api/port-group.ts';
import type { InstanceNetwork, VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { parseDuration } from '../../base/time.ts';
import { effectivePort, hostSwitch, portId } from '../../domain/effective-port.ts';
import { matchesSelector } from '../../meta/selectors.ts';
import type { Guest } from '../../ports/guests.ts';
import type { Reason } from '../trouble.ts';
import type { WantedSwitch } from './trial.ts';

/** What the API says of this host's switches. */
export interface Sight {
  readonly switches: readonly DistributedSwitch[];
  readonly groups: readonly PortGroup[];
  readonly instances: readonly VirtualMachineInstance[];
  /** Of the Node; undefined: there is none, and the host keeps the switches that it has. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly answers: Readonly<Record<string, string>>;
}

export interface Wanted {
  readonly switches: readonly WantedSwitch[];
  readonly ports: readonly EffectivePort[];
  readonly missing: readonly Missing[];
}

/** What a switch lacks here: a NIC has no port, or has one as it was. */
export interface Missing extends Reason {
  readonly switch: string;
  /** Absent: it is an uplink of the switch that is lacking. */
  readonly id?: PortId;
}

/** One NIC of one instance. */
interface Nic {
  readonly id: PortId;
  readonly instance: VirtualMachineInstance;
  readonly network: InstanceNetwork;
}

/**
 * A port stays as it was applied while its guest is here and nobody can say how it should be: its instance, group or switch is not to be
 * seen, and may only be late (rule 10).
 */
export function wantedHere(sight: Sight, applied: SwitchConfiguration, guests: readonly Guest[]): Wanted {
  const isHere = new Set(guests.filter(({ state }) => state !== 'Moved' && state !== 'Stopped').map(({ spec }) => spec.id));
  const kept = applied.ports.filter(({ guest }) => isHere.has(guest));
  const nics = nicsOf(sight.instances);
  const ports = new Map<PortId, EffectivePort>();
  const missing: Missing[] = [];
  for (const nic of nics) {
    const before = kept.find(({ id }) => id === nic.id);
    const found = portOf(sight, applied, nic, before);
    if ('reason' in found) missing.push({ ...found, id: nic.id, switch: nic.network.switch });
    else ports.set(nic.id, found);
  }
  for (const port of kept) if (!ports.has(port.id)) ports.set(port.id, port);
  const sorted = [...ports.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const switches = switchesOf(sight, applied, sorted);
  return { switches, ports: sorted, missing: [...unanswered(sight, switches), ...missing] };
}

/** Those of the newest life of each VM, in the order of their names. */
function nicsOf(instances: readonly VirtualMachineInstance[]): Nic[] {
  const byId = new Map<PortId, Nic>();
  for (const instance of instances) {
    if (instance.spec.powerState === 'Released') continue;
    for (const network of instance.spec.networks ?? []) {
      const id = portId(instance.metadata.namespace ?? '', network.port);
      const other = byId.get(id);
      if (other === undefined || other.instance.spec.incarnation < instance.spec.incarnation) byId.set(id, { id, instance, network });
    }
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function portOf(
  sight: Sight,
  applied: SwitchConfiguration,
  { id, instance, network }: Nic,
  before: EffectivePort | undefined,
): EffectivePort | Reason {
  const guest = instance.metadata.uid;
  if (before !== undefined && before.guest !== guest) return { reason: 'PortInUse', message: `port ${id} is an earlier guest's still` };
  const of = sight.switches.find(({ metadata }) => metadata.name === network.switch);
  if (of === undefined) return { reason: 'SwitchUnknown', message: `there is no DistributedSwitch ${network.switch}` };
  const group = sight.groups.find(({ metadata }) => metadata.name === network.portGroup);
  if (group === undefined) return { reason: 'PortGroupUnknown', message: `there is no PortGroup ${network.portGroup}` };
  if (before === undefined && !selects(sight, applied, of))
    return { reason: 'SwitchNotOnHost', message: `DistributedSwitch ${network.switch} does not select this host` };
  return effectivePort({ switch: of, group, instance, network });
}

function switchesOf(sight: Sight, applied: SwitchConfiguration, ports: readonly EffectivePort[]): WantedSwitch[] {
  const wanted = sight.switches
    .filter((one) => selects(sight, applied, one) || ports.some((port) => port.switch === one.metadata.name))
    .map((one) => ({ to: hostSwitch(one, sight.answers), rollbackMs: parseDuration(one.spec.rollback.after) }));
  const unseen = applied.switches.filter(({ name }) => sight.switches.every(({ metadata }) => metadata.name !== name));
  const kept = unseen.filter(({ name }) => ports.some((port) => port.switch === name)).map((to) => ({ to, rollbackMs: 0 }));
  return [...wanted, ...kept].sort((a, b) => (a.to.name < b.to.name ? -1 : 1));
}

function unanswered({ switches, answers }: Sight, wanted: readonly WantedSwitch[]): Missing[] {
  const here = switches.filter(({ metadata }) => wanted.some(({ to }) => to.name === metadata.name));
  return here.flatMap(({ metadata, spec }) => {
    const lacking = (spec.uplinks?.ports ?? []).filter((name) => answers[name] === undefined);
    const message = `spec.answers of the Host does not say which interface ${lacking.join(', ')} is`;
    return lacking.length === 0 ? [] : [{ switch: metadata.name, reason: 'UplinkUnanswered', message }];
  });
}

function selects({ labels }: Sight, applied: SwitchConfiguration, { metadata, spec }: DistributedSwitch): boolean {
  if (labels === undefined) return applied.switches.some(({ name }) => name === metadata.name);
  return matchesSelector(spec.hostSelector, labels);
}

/** Ports on a switch that the host does not have wait. */
export function portsBeside(switches: readonly HostSwitch[], ports: readonly EffectivePort[]): EffectivePort[] {
  return ports.filter((port) => switches.some(({ name }) => name === port.switch));
}
