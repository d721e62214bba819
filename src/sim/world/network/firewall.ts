import type { FirewallRule } from '../../../api/effective-port.ts';
import { addressMatcher } from './addresses.ts';
import { noteKnown, noteNew, type Connection, type Connections, type Direction } from './connections.ts';
import type { IpPayload, Payload } from './frame.ts';
import { inRanges } from './ranges.ts';

/** The stateful firewall of one port. */
export interface Firewall {
  readonly rules: Readonly<Record<Direction, readonly Rule[]>>;
  readonly connections: Connections;
}

interface Rule {
  readonly allows: boolean;
  matches(packet: Pick<IpPayload, 'protocol' | 'src' | 'dst' | 'dstPort'>): boolean;
}

/** @param connections what is tracked already; of it, what the rules would not let begin any more is forgotten. */
export function newFirewall(rules: readonly FirewallRule[], connections: Connections): Firewall {
  const of = (direction: Direction): readonly Rule[] => rules.filter((rule) => rule.direction === direction).map(compile);
  const firewall = { rules: { Ingress: of('Ingress'), Egress: of('Egress') }, connections };
  for (const [key, { direction, first }] of connections) if (!mayBegin(firewall, direction, first)) connections.delete(key);
  return firewall;
}

function compile({ action, direction, peers, ports, protocol }: FirewallRule): Rule {
  const isPeer = peers.length === 0 ? () => true : addressMatcher(peers);
  return {
    allows: action === 'Allow',
    matches: (packet) =>
      (protocol === 'Any' || protocol === packet.protocol) &&
      (ports.length === 0 || inRanges(ports, packet.dstPort)) &&
      isPeer(direction === 'Ingress' ? packet.src : packet.dst),
  };
}

/** Whether it lets this pass, and notes what that begins. Only packets of IP are looked at: without ARP and its like nobody finds anybody. */
export function lets({ connections, rules }: Firewall, payload: Payload, direction: Direction, now: number): boolean {
  if (payload.type !== 'IP') return true;
  if (noteKnown(connections, payload, direction, now)) return true;
  if (!mayBegin({ rules }, direction, payload)) return false;
  noteNew(connections, payload, direction, now);
  return true;
}

function mayBegin({ rules }: Pick<Firewall, 'rules'>, direction: Direction, packet: Connection['first']): boolean {
  const ofDirection = rules[direction];
  if (ofDirection.length === 0) return true;
  return ofDirection.find((rule) => rule.matches(packet))?.allows ?? false;
}
