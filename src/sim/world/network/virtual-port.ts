import type { EffectivePort, HostSwitch, PortState, Shaper } from '../../../api/effective-port.ts';
import type { Connection, Connections } from './connections.ts';
import { mostOf, noCounters } from './counters.ts';
import { newFirewall } from './firewall.ts';
import { newBucket, type Bucket } from './shaper.ts';
import { identityOf } from './spoofing.ts';
import type { VirtualPort } from './virtual-switch.ts';
import { vlanOf } from './vlans.ts';

export function newVirtualPort(config: EffectivePort, of: HostSwitch, now: number): VirtualPort {
  const port: VirtualPort = {
    id: config.id,
    config,
    vlan: config.vlan,
    identity: identityOf(config.mac, config.addresses),
    firewall: undefined,
    connections: new Map(),
    ingress: undefined,
    egress: undefined,
    counters: { ...noCounters },
    copies: new Map(),
    vlans: new Set(),
    unsampled: 0,
    nic: undefined,
    uplink: undefined,
    elsewhere: false,
  };
  configure(port, config, of, now);
  return port;
}

/** Makes the port do this from now on; what it counted, tracks and has left of its shapers stays, unless it is another guest's now. */
export function configure(port: VirtualPort, config: EffectivePort, of: HostSwitch, now: number): void {
  if (port.config.guest !== config.guest) {
    port.connections = new Map();
    port.vlans.clear();
    port.elsewhere = false;
  }
  port.config = config;
  port.vlan = vlanOf(config.vlan, of);
  port.identity = identityOf(config.mac, config.addresses);
  port.firewall = config.firewall.length === 0 ? undefined : newFirewall(config.firewall, port.connections);
  port.ingress = shaped(port.ingress, config.shaping.ingress, now);
  port.egress = shaped(port.egress, config.shaping.egress, now);
}

function shaped(before: Bucket | undefined, shaper: Shaper | undefined, now: number): Bucket | undefined {
  if (shaper === undefined) return undefined;
  if (before === undefined) return newBucket(shaper, now);
  return { ...before, shaper, tokens: Math.min(before.tokens, shaper.burst) };
}

/** What the engine of simulated hosts lets a port carry along, besides its counters. */
interface EngineState {
  readonly ingress: Bucket | undefined;
  readonly egress: Bucket | undefined;
  readonly connections: readonly (readonly [string, Connection])[];
  readonly copies: readonly (readonly [string, number])[];
  readonly vlans: readonly number[];
  readonly unsampled: number;
}

/** What goes along with the guest. All hosts have one clock here: moments stay what they are. */
export function stateOf(port: VirtualPort): PortState {
  const connections = [...port.connections].map(([key, connection]) => [key, { ...connection }] as const);
  const { copies, egress, id, ingress, unsampled, vlans } = port;
  const buckets = { ingress: ingress && { ...ingress }, egress: egress && { ...egress } };
  const engine: EngineState = { ...buckets, connections, copies: [...copies], vlans: [...vlans], unsampled };
  return { id, counters: { ...port.counters }, engine };
}

/** Goes on from what came along. */
export function goOnFrom(port: VirtualPort, { counters, engine }: PortState): void {
  Object.assign(port.counters, mostOf(port.counters, counters));
  if (!isEngineState(engine)) return;
  const connections: Connections = new Map(engine.connections.map(([key, connection]) => [key, { ...connection }]));
  port.connections = connections;
  if (port.firewall !== undefined) port.firewall = newFirewall(port.config.firewall, connections);
  port.ingress = filled(port.ingress, engine.ingress);
  port.egress = filled(port.egress, engine.egress);
  for (const [name, number] of engine.copies) port.copies.set(name, number);
  for (const vlan of engine.vlans) port.vlans.add(vlan);
  port.unsampled = engine.unsampled;
}

/** The target's own limits, filled as they were at the source. */
function filled(here: Bucket | undefined, there: Bucket | undefined): Bucket | undefined {
  if (here === undefined || there === undefined) return here;
  return { ...there, shaper: here.shaper, tokens: Math.min(there.tokens, here.shaper.burst) };
}

function isEngineState(engine: unknown): engine is EngineState {
  return typeof engine === 'object' && engine !== null && 'connections' in engine && 'copies' in engine;
}
