/** Which VLAN a frame of a guest travels in, and which VLANs reach a guest. */
import type { HostSwitch, PortVlan } from '../../../api/effective-port.ts';
import type { Frame } from './frame.ts';
import { inRanges } from './ranges.ts';

/** A port in a VLAN that its switch knows as a private one is of that kind, whatever it calls itself: else it would be a hole in the isolation. */
export function vlanOf(vlan: PortVlan, { privateVlans }: HostSwitch): PortVlan {
  if (vlan.type !== 'Access') return vlan;
  const { id } = vlan;
  const secondary = privateVlans.find((one) => one.secondary === id && one.type !== 'Promiscuous');
  if (secondary !== undefined) return { type: 'Private', primary: secondary.primary, secondary: id, kind: secondary.type };
  return privateVlans.some(({ primary }) => primary === id) ? { type: 'Private', primary: id, secondary: id, kind: 'Promiscuous' } : vlan;
}

/** What comes in which VLAN; undefined: this guest must not send it so. */
export function admitted(vlan: PortVlan, frame: Frame): { readonly vlan: number; readonly frame: Frame } | undefined {
  const [tag, ...inner] = frame.tags;
  if (vlan.type === 'Trunk') {
    // Tag 0 is no VLAN: what is behind it would be taken for one further on.
    if (tag === undefined || tag < 1 || tag > 4094 || !inRanges(vlan.ids, tag)) return undefined;
    return { vlan: tag, frame: { ...frame, tags: inner } };
  }
  if (tag !== undefined) return undefined;
  return { vlan: vlan.type === 'Access' ? vlan.id : vlan.kind === 'Promiscuous' ? vlan.primary : vlan.secondary, frame };
}

/** Whether what travels in VLAN `id` is for this port. */
export function takes(vlan: PortVlan, id: number, { privateVlans }: HostSwitch): boolean {
  if (vlan.type === 'Access') return vlan.id === id;
  if (vlan.type === 'Trunk') return id > 0 && inRanges(vlan.ids, id);
  if (id === vlan.primary) return true;
  if (vlan.kind === 'Promiscuous') return privateVlans.some(({ primary, secondary }) => primary === vlan.primary && secondary === id);
  return vlan.kind === 'Community' && id === vlan.secondary;
}

/** The frame as the guest gets it. */
export function tagged(vlan: PortVlan, id: number, frame: Frame): Frame {
  return vlan.type === 'Trunk' ? { ...frame, tags: [id, ...frame.tags] } : frame;
}
