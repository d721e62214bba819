/** Where frames go within a host's switch, out of it, and into it. */
import { isGroup, isWord, noTags, tunnelBytes, type Frame, type Mac, type Payload } from './frame.ts';
import {
  inVlan,
  isEcho,
  membersOf,
  ownerOf,
  uplinkFor,
  uplinkOf,
  type Uplink,
  type VirtualPort,
  type VirtualSwitch,
} from './virtual-switch.ts';
import { tickMs } from './ticks.ts';

/** What becomes of a frame that reached its port, and of those that hosts send each other. */
export interface Arrivals {
  readonly frame: (of: VirtualSwitch, port: VirtualPort, vlan: number, frame: Frame) => void;
  readonly word: (of: VirtualSwitch, payload: Payload, from: Mac) => void;
}

/** All hosts that have the switch. */
const everyHost: Mac = '01:00:5e:00:00:01';

/** Takes what a port let out to all whom it is for. */
export function forward(of: VirtualSwitch, from: VirtualPort, vlan: number, frame: Frame, arrivals: Arrivals): void {
  if (frame.src !== from.config.mac && from.config.security.macChanges)
    of.learned.set(inVlan(vlan, frame.src), { port: from, at: of.host.ticks.now() });
  const found = spread(of, vlan, frame, { from, arrivals });
  if (!found && !upward(of, from, vlan, frame)) from.counters.droppedFrames++;
}

interface Origin {
  readonly arrivals: Arrivals;
  readonly from?: VirtualPort;
  /** It came in here, and is for the ports that use it. */
  readonly uplink?: Uplink;
}

/** To the ports of this host. @returns whether nobody else can be meant. */
function spread(of: VirtualSwitch, vlan: number, frame: Frame, origin: Origin): boolean {
  const { all, promiscuous } = membersOf(of, vlan);
  if (isGroup(frame.dst)) {
    give(of, all, vlan, frame, origin);
    return false;
  }
  const owner = ownerOf(of, vlan, frame.dst);
  const to = owner === undefined ? promiscuous : promiscuous.length === 0 ? [owner] : [...new Set([owner, ...promiscuous])];
  give(of, to, vlan, frame, origin);
  return owner !== undefined;
}

function give(of: VirtualSwitch, to: readonly VirtualPort[], vlan: number, frame: Frame, { arrivals, from, uplink }: Origin): void {
  const meant = to.filter((port) => port !== from && (uplink === undefined || port.uplink === uplink));
  if (meant.length === 0) return;
  const arrive = (): void => {
    for (const port of meant) arrivals.frame(of, port, vlan, frame);
  };
  if (from === undefined) arrive();
  else of.host.ticks.at(of.host.ticks.now() + tickMs, arrive);
}

/** Out of the host. @returns false when it is larger than what the switch lets out. */
function upward(of: VirtualSwitch, from: VirtualPort, vlan: number, frame: Frame): boolean {
  if (of.config.overlay === 'None') return transmit(of, from, vlan, frame);
  const to = of.tunnels.get(inVlan(vlan, frame.dst)) ?? everyHost;
  const payload = { type: 'Tunnel', kind: of.config.overlay, switch: of.config.name, vlan, inner: frame } as const;
  return sendWord(of, to, payload, frame.length + tunnelBytes);
}

/** Sends something from this host to another, or to all that have the switch. */
export function sendWord(of: VirtualSwitch, to: Mac | undefined, payload: Payload, length: number): boolean {
  return transmit(of, undefined, 0, { src: of.host.mac, dst: to ?? everyHost, tags: noTags, payload, length });
}

/** Sends a frame of the host's own, untagged. */
export function forwardFromHost(of: VirtualSwitch, frame: Frame): void {
  transmit(of, undefined, 0, frame);
}

function transmit(of: VirtualSwitch, from: VirtualPort | undefined, vlan: number, frame: Frame): boolean {
  const uplink = uplinkFor(of, from, frame);
  if (uplink === undefined) return true;
  if (frame.length > of.config.mtu) return false;
  of.host.fabric.send(uplink.wire, vlan, frame);
  return true;
}

/** Takes what came in by an uplink. */
export function receive(of: VirtualSwitch, uplink: Uplink, vlan: number, frame: Frame, arrivals: Arrivals): void {
  const { payload } = frame;
  if (isWord(payload)) receiveWord(of, uplink, frame, arrivals);
  else if (of.config.overlay === 'None' && !isEcho(of, vlan, frame.src))
    spread(of, vlan, frame, of.config.teaming === 'LACP' ? { arrivals } : { arrivals, uplink });
}

function receiveWord(of: VirtualSwitch, uplink: Uplink, { dst, payload, src }: Frame, arrivals: Arrivals): void {
  const isOwnWay = of.config.teaming === 'LACP' || uplinkOf(of, of.host.mac) === uplink;
  const isMeant = dst === of.host.mac || dst === everyHost;
  if (!isOwnWay || !isMeant || src === of.host.mac || !('switch' in payload) || payload.switch !== of.config.name) return;
  if (payload.type !== 'Tunnel') {
    arrivals.word(of, payload, src);
    return;
  }
  const { inner, kind, vlan } = payload;
  if (kind !== of.config.overlay) return;
  of.tunnels.set(inVlan(vlan, inner.src), src);
  spread(of, vlan, inner, { arrivals });
}
