/** Copies of frames for ports that take them, on this host or another. */
import type { Direction } from './connections.ts';
import { sendWord } from './forward.ts';
import { bytesOf, tunnelBytes, type Frame, type Mac, type MirrorPayload, type Payload } from './frame.ts';
import { tickMs } from './ticks.ts';
import type { VirtualPort, VirtualSwitch } from './virtual-switch.ts';

/** Copies what passed a port to the sessions that want it. */
export function mirror(of: VirtualSwitch, port: VirtualPort, direction: Direction, vlan: number, frame: Frame): void {
  for (const session of port.config.mirrors) {
    if (session.direction !== 'Both' && session.direction !== direction) continue;
    const number = (port.copies.get(session.name) ?? 0) + 1;
    port.copies.set(session.name, number);
    const said = { switch: of.config.name, session: session.name, of: port.id, number, to: session.to, vlan };
    carry(of, { type: 'Mirror', ...said, inner: frame });
  }
}

function carry(of: VirtualSwitch, copy: MirrorPayload): void {
  const here = destination(of, copy.to);
  if (here !== undefined) {
    const { ticks } = of.host;
    ticks.at(ticks.now() + tickMs, () => {
      takeCopy(here, copy);
    });
    return;
  }
  // A copy that is too large is cut to what fits: what it says first matters most.
  sendWord(of, of.places.get(copy.to), copy, Math.min(copy.inner.length + tunnelBytes, of.config.mtu));
}

/** What another host sends about mirrors. */
export function takeMirrorWord(of: VirtualSwitch, payload: Payload, from: Mac): void {
  if (payload.type === 'Place') of.places.set(payload.port, from);
  if (payload.type !== 'Mirror') return;
  const here = destination(of, payload.to);
  if (here !== undefined) takeCopy(here, payload);
}

/** Tells all hosts that the port is here. */
export function tellPlace(of: VirtualSwitch, port: VirtualPort): void {
  of.places.delete(port.id);
  sendWord(of, undefined, { type: 'Place', switch: of.config.name, port: port.id }, 64);
}

function destination(of: VirtualSwitch, id: string): VirtualPort | undefined {
  const port = of.ports.get(id);
  return port?.nic !== undefined && port.config.mirrorDestination && !port.config.blocked ? port : undefined;
}

/** The guest gets the frame with the VLAN in which it travelled. */
function takeCopy({ counters, nic }: VirtualPort, { inner, number, of, session, vlan }: MirrorPayload): void {
  const frame = { ...inner, tags: vlan === 0 ? inner.tags : [vlan, ...inner.tags], copy: { session, of, number } };
  if (nic?.take(frame) !== true) {
    counters.droppedFrames++;
    return;
  }
  counters.receivedFrames++;
  counters.receivedBytes += bytesOf(frame);
}
