import { addressRequest, rarp } from './frame.ts';
import { tellPlace } from './mirror.ts';
import { fromHost } from './pipeline.ts';
import type { VirtualPort, VirtualSwitch } from './virtual-switch.ts';
import { admitted } from './vlans.ts';

/** Tells the network, and whoever remembers its addresses, that a port is here now. */
export function announce(of: VirtualSwitch, port: VirtualPort): void {
  const { config, nic } = port;
  if (nic === undefined || config.blocked) return;
  if (config.mirrorDestination) {
    tellPlace(of, port);
    return;
  }
  const frames = [rarp(config.mac), ...config.addresses.map((address) => addressRequest(config.mac, address, address))];
  for (const vlan of vlansOf(port)) for (const frame of frames) fromHost(of, port, vlan, frame);
}

/** A trunk's guest is known in the VLANs in which it has talked. */
function vlansOf({ vlan, vlans }: VirtualPort): readonly number[] {
  if (vlan.type === 'Trunk') return [...vlans];
  const own = admitted(vlan, rarp(''));
  return own === undefined ? [] : [own.vlan];
}
