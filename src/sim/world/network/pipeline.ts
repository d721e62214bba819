/** What a port does with each frame: out of its guest, and to it. */
import { exportFlow } from './flow-export.ts';
import { lets } from './firewall.ts';
import { forward, receive, type Arrivals } from './forward.ts';
import { bytesOf, isWord, type Frame } from './frame.ts';
import { mirror, takeMirrorWord } from './mirror.ts';
import { pass } from './shaper.ts';
import { isForged } from './spoofing.ts';
import type { Uplink, VirtualPort, VirtualSwitch } from './virtual-switch.ts';
import { admitted, tagged } from './vlans.ts';

/** Takes a frame from the guest. */
export function fromGuest(of: VirtualSwitch, port: VirtualPort, frame: Frame): void {
  const inside = admit(of, port, frame);
  const wait = inside === undefined ? undefined : held(of, port, 'egress', inside.frame);
  if (inside === undefined || wait === undefined) {
    port.counters.droppedFrames++;
    return;
  }
  if (port.vlan.type === 'Trunk') port.vlans.add(inside.vlan);
  if (wait === 0) {
    leave(of, port, inside.vlan, inside.frame);
    return;
  }
  const { nic } = port;
  const { ticks } = of.host;
  // What waits here when its guest is taken elsewhere is lost: it must not come from here any more.
  ticks.at(ticks.now() + wait, () => {
    if (port.nic === nic) leave(of, port, inside.vlan, inside.frame);
  });
}

/** Guards, in the order in which they cost least. */
function admit(of: VirtualSwitch, port: VirtualPort, frame: Frame): { readonly vlan: number; readonly frame: Frame } | undefined {
  const { config, firewall, identity, vlan } = port;
  if (config.blocked || config.mirrorDestination || frame.length > config.mtu) return undefined;
  const inside = admitted(vlan, frame);
  if (inside === undefined) return undefined;
  // Whatever it may forge, in a tunnel it would be in any VLAN.
  if (isWord(frame.payload) || (!config.security.forgedTransmits && isForged(identity, frame))) return undefined;
  if (firewall !== undefined && !lets(firewall, frame.payload, 'Egress', of.host.ticks.now())) return undefined;
  return inside;
}

function held(of: VirtualSwitch, port: VirtualPort, direction: 'ingress' | 'egress', frame: Frame): number | undefined {
  const bucket = port[direction];
  return bucket === undefined ? 0 : pass(bucket, bytesOf(frame), of.host.ticks.now());
}

function leave(of: VirtualSwitch, port: VirtualPort, vlan: number, frame: Frame): void {
  port.counters.sentFrames++;
  port.counters.sentBytes += bytesOf(frame);
  if (port.config.mirrors.length > 0) mirror(of, port, 'Egress', vlan, frame);
  if (port.config.flowExport !== undefined) exportFlow(of, port, 'Egress', frame);
  forward(of, port, vlan, frame, arrivals);
}

/** Takes a frame that is for the guest. */
function toGuest(of: VirtualSwitch, port: VirtualPort, vlan: number, frame: Frame): void {
  const { config, firewall, nic } = port;
  const isFit = nic !== undefined && !config.blocked && !config.mirrorDestination && frame.length <= config.mtu;
  const isLet = isFit && (firewall === undefined || lets(firewall, frame.payload, 'Ingress', of.host.ticks.now()));
  const wait = isLet ? held(of, port, 'ingress', frame) : undefined;
  if (wait === undefined) port.counters.droppedFrames++;
  else if (wait === 0) enter(of, port, vlan, frame);
  else
    of.host.ticks.at(of.host.ticks.now() + wait, () => {
      enter(of, port, vlan, frame);
    });
}

function enter(of: VirtualSwitch, port: VirtualPort, vlan: number, frame: Frame): void {
  if (port.nic?.take(tagged(port.vlan, vlan, frame)) !== true) {
    port.counters.droppedFrames++;
    return;
  }
  port.counters.receivedFrames++;
  port.counters.receivedBytes += bytesOf(frame);
  if (port.config.mirrors.length > 0) mirror(of, port, 'Ingress', vlan, frame);
  if (port.config.flowExport !== undefined) exportFlow(of, port, 'Ingress', frame);
}

const arrivals: Arrivals = { frame: toGuest, word: takeMirrorWord };

/** Takes a frame that came in by an uplink. */
export function fromWire(of: VirtualSwitch, uplink: Uplink, vlan: number, frame: Frame): void {
  receive(of, uplink, vlan, frame, arrivals);
}

/** Lets a frame of the hypervisor's own out of a port, past what guards against its guest. */
export function fromHost(of: VirtualSwitch, port: VirtualPort, vlan: number, frame: Frame): void {
  forward(of, port, vlan, frame, arrivals);
}
