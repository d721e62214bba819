/** A port and the guest that it belongs to: frames pass while the guest runs here. */
import { announce } from './announce.ts';
import type { GuestNics } from './guest-nic.ts';
import { fromGuest } from './pipeline.ts';
import { uplinkOf, type VirtualPort, type VirtualSwitch } from './virtual-switch.ts';

/** The guest runs here: from now on frames pass, and everybody is told. */
export function plug(of: VirtualSwitch, port: VirtualPort, nics: GuestNics): void {
  const nic = nics.nic(port.config.nic);
  const { addresses, mac } = port.config;
  // What its guest made of its MAC goes along with it.
  nic.identity = { mac: nic.mac() === '' ? mac : nic.mac(), addresses };
  port.nic = nic;
  port.elsewhere = false;
  nic.out = (frame) => {
    fromGuest(of, port, frame);
  };
  nic.onMac = () => {
    settle(of, port);
  };
  settle(of, port);
  announce(of, port);
}

/** The guest does not run here: nothing comes from its port, and nothing reaches it. */
export function unplug(of: VirtualSwitch, port: VirtualPort): void {
  const { nic } = port;
  if (nic === undefined) return;
  nic.out = undefined;
  nic.onMac = undefined;
  port.nic = undefined;
  forgetMacs(of, port);
  of.members.clear();
}

/** Says anew which MACs are the port's, and by which uplink it goes out. */
export function settle(of: VirtualSwitch, port: VirtualPort): void {
  forgetMacs(of, port);
  of.members.clear();
  if (port.nic === undefined) return;
  port.uplink = uplinkOf(of, port.config.mac);
  // Who changes its MAC and must not is deaf: it would take others' frames.
  const mac = port.nic.mac();
  if (mac === port.config.mac || port.config.security.macChanges) of.owners.set(mac, port);
}

function forgetMacs(of: VirtualSwitch, port: VirtualPort): void {
  for (const [mac, owner] of of.owners) if (owner === port) of.owners.delete(mac);
  for (const [key, learned] of of.learned) if (learned.port === port) of.learned.delete(key);
}
