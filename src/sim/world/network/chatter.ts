import type { GuestChatter } from '../../../ports/world.ts';
import { addressRequest, ipFrame } from './frame.ts';
import type { GuestNic } from './guest-nic.ts';
import type { Party } from './conversation.ts';

/** Neighbours that are remembered. */
const mostNeighbours = 8;
/** Nobody answers there: RFC 863. */
const discard = 9;

/** Lets the guest talk to those of whom its NIC has heard, by turns; to nobody when its NIC has no address. */
export function startChatter(nic: GuestNic, { bytes, everyMs }: GuestChatter): void {
  const neighbours = new Map<string, Party>();
  nic.hear(({ payload, src }) => {
    const address = payload.type === 'ARP' ? payload.senderAddress : payload.type === 'IP' ? payload.src : undefined;
    if (address === undefined) return;
    neighbours.delete(address);
    neighbours.set(address, { mac: src, address });
    const [oldest] = neighbours.keys();
    if (neighbours.size > mostNeighbours && oldest !== undefined) neighbours.delete(oldest);
  });
  const beat = (): void => {
    say(nic, neighbours, bytes);
    nic.after(everyMs, beat);
  };
  nic.after(everyMs, beat);
}

function say(nic: GuestNic, neighbours: Map<string, Party>, bytes: number): void {
  const [own] = nic.addresses();
  const [to] = neighbours.values();
  if (own === undefined) return;
  if (to === undefined) {
    nic.send(addressRequest(nic.mac(), own, own));
    return;
  }
  neighbours.delete(to.address);
  neighbours.set(to.address, to);
  nic.send(ipFrame(nic.mac(), to.mac, { src: own, dst: to.address, protocol: 'UDP', srcPort: discard, dstPort: discard, bytes }));
}
