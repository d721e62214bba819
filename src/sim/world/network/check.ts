import type { PortVlan } from '../../../api/effective-port.ts';
import type { SwitchFinding } from '../../../ports/switching.ts';
import type { HostPlane } from './host-plane.ts';
import type { Uplink, VirtualSwitch } from './virtual-switch.ts';
import { isUp } from './wire.ts';

/** The frame of a look at the wire, besides those as large as the switch lets out. */
const smallBytes = 46;

/**
 * Sends a small frame in each VLAN that is used, and a large one, over each uplink, and sees which come back: the physical network reflects them, as
 * the loopback of IEEE 802.1ag does.
 */
export function lookAt(plane: HostPlane, of: VirtualSwitch): SwitchFinding[] {
  return of.uplinks.flatMap((uplink) => lookAtUplink(plane, of, uplink));
}

function lookAtUplink({ fabric }: HostPlane, of: VirtualSwitch, { name, wire }: Uplink): SwitchFinding[] {
  const { config } = of;
  const found = (reason: SwitchFinding['reason'], message: string): SwitchFinding => ({
    switch: config.name,
    uplink: name,
    reason,
    message,
  });
  if (!isUp(wire)) return [found('LinkDown', 'its link is down')];
  if (config.teaming === 'LACP' && !wire.settings.lacp) return [found('TeamingMismatch', 'the other end does not speak LACP')];
  const vlans = vlansOf(of);
  const missing = vlans.filter((vlan) => !fabric.reflects(wire, vlan, smallBytes));
  const [carried] = vlans.filter((vlan) => !missing.includes(vlan));
  const isNarrow = carried !== undefined && !fabric.reflects(wire, carried, config.mtu);
  return [
    ...(missing.length === 0 ? [] : [found('VLANMissing', `the network does not carry ${wordsOf(missing)}`)]),
    ...(isNarrow ? [found('MTUMismatch', `frames of ${String(config.mtu)} bytes do not get through`)] : []),
  ];
}

/** Those that its ports use, ascending; a tunnel's frames have none. */
function vlansOf({ config, ports }: VirtualSwitch): number[] {
  const own = config.managementVlan === undefined ? [] : [config.managementVlan];
  if (config.overlay !== 'None') return [...new Set([0, ...own])];
  const used = [...own, ...[...ports.values()].flatMap(({ vlan }) => idsOf(vlan))];
  return [...new Set(used.length === 0 ? [0] : used)].sort((a, b) => a - b);
}

function idsOf(vlan: PortVlan): number[] {
  if (vlan.type === 'Access') return [vlan.id];
  if (vlan.type === 'Private') return [vlan.primary, vlan.secondary];
  return vlan.ids.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
}

/** `VLAN 3`, or `VLANs 3, 5-7`. */
function wordsOf(ids: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const id of ids) {
    const last = runs.at(-1);
    if (last?.[1] === id - 1) last[1] = id;
    else runs.push([id, id]);
  }
  const words = runs.map(([first, last]) => (first === last ? String(first) : `${String(first)}-${String(last)}`));
  return `${ids.length === 1 ? 'VLAN' : 'VLANs'} ${words.join(', ')}`;
}
