/** In which VLAN a port of a group is. */
import type { PrivateVlan } from '../api/distributed-switch.ts';
import type { HostSwitch, PortVlan, Range } from '../api/effective-port.ts';
import type { PortGroupVlan } from '../api/port-group.ts';

/** Why something cannot be as it is written: a word for programs, and words that name the field. */
export interface Refused {
  readonly reason: string;
  readonly message: string;
}

/** `5` or `5-9`. */
export function rangeOf(text: string): Range {
  const [first = '', last = first] = text.split('-');
  return [Number(first), Number(last)];
}

export function vlanOf(vlan: PortGroupVlan, privateVlans: readonly PrivateVlan[]): PortVlan | Refused {
  if (vlan.trunk !== undefined) return { type: 'Trunk', ids: vlan.trunk.map(rangeOf) };
  if (vlan.private !== undefined) return privateOf(vlan.private, privateVlans);
  return { type: 'Access', id: vlan.id ?? 0 };
}

function privateOf(id: number, privateVlans: readonly PrivateVlan[]): PortVlan | Refused {
  const found = privateVlansOf(privateVlans).find(({ secondary }) => secondary === id);
  if (found !== undefined) return { type: 'Private', primary: found.primary, secondary: found.secondary, kind: found.type };
  const message = `spec.vlan.private is ${String(id)}, which is none of the spec.privateVLANs of its switch`;
  return { reason: 'PrivateVLANUnknown', message };
}

/** With the promiscuous ones that nobody needs to write: a primary is its own. In the order of their numbers. */
export function privateVlansOf(said: readonly PrivateVlan[]): HostSwitch['privateVlans'] {
  const all = new Map<number, PrivateVlan>(said.map(({ primary }) => [primary, { primary, secondary: primary, type: 'Promiscuous' }]));
  for (const { primary, secondary, type } of said) all.set(secondary, { primary, secondary, type });
  return [...all.values()].sort((a, b) => a.secondary - b.secondary);
}
