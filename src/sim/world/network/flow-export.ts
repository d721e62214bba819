import type { Direction } from './connections.ts';
import { forwardFromHost } from './forward.ts';
import { broadcast, ipFrame, type Frame, type IpPayload } from './frame.ts';
import type { VirtualPort, VirtualSwitch } from './virtual-switch.ts';

/** What a collector is told of a frame that was looked at: as much of an IPFIX record as matters here. */
export interface FlowRecord {
  readonly port: string;
  readonly direction: Direction;
  readonly flow: Pick<IpPayload, 'src' | 'dst' | 'protocol' | 'srcPort' | 'dstPort'>;
  readonly bytes: number;
  /** It stands for so many. */
  readonly sampling: number;
}

const recordBytes = 64;
const ipfixPort = 4739;

/** Tells the collector of one frame in so many. */
export function exportFlow(of: VirtualSwitch, port: VirtualPort, direction: Direction, { length, payload }: Frame): void {
  const wanted = port.config.flowExport;
  if (wanted === undefined || payload.type !== 'IP' || ++port.unsampled < wanted.sampling) return;
  port.unsampled = 0;
  const { dst, dstPort, protocol, src, srcPort } = payload;
  const flow = { src, dst, protocol, srcPort, dstPort };
  const data: FlowRecord = { port: port.id, direction, flow, bytes: length, sampling: wanted.sampling };
  const [, address = '', number = String(ipfixPort)] = /^\[?(.*?)\]?:(\d+)$/.exec(wanted.collector) ?? [];
  // Hosts have no addresses of their own here, and ask nobody for the collector's MAC: all hear it, and whose address it is takes it.
  const to = { dst: address, dstPort: Number(number), src: '0.0.0.0', srcPort: ipfixPort, protocol: 'UDP' } as const;
  forwardFromHost(of, ipFrame(of.host.mac, broadcast, { ...to, bytes: recordBytes, data }));
}
