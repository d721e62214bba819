import { addressReply, ipFrame, type Frame, type Mac } from './frame.ts';

/** Whoever sends and hears frames: a NIC as what runs in its guest has it, or somebody outside. */
export interface Endpoint {
  mac(): Mac;
  addresses(): readonly string[];
  /** Milliseconds, monotonic. */
  now(): number;
  send(frame: Frame): void;
  /** Calls `handler` for each frame that comes from now on. @returns how to stop. */
  hear(handler: (frame: Frame) => void): () => void;
  /** Calls `act` after that time; while its guest stands still, once it goes on. @returns how to take it back. */
  after(ms: number, act: () => void): () => void;
  /** What a program remembers goes along with its guest's state: `save` returns how to make it so again. Absent: it has no state that is kept. */
  readonly keep?: (save: Save) => void;
}

/** Remembers how something is. @returns how to make it so again, any number of times. */
export type Save = () => () => void;

/** What every system answers by itself: who has its addresses, and echoes. */
export function answer(endpoint: Pick<Endpoint, 'addresses' | 'mac' | 'send'>, frame: Frame): void {
  const { payload, src, tags } = frame;
  const mac = endpoint.mac();
  if (payload.type === 'ARP' || payload.type === 'NDP') {
    const { operation, senderAddress, senderMac, targetAddress } = payload;
    const asked = operation === 'Request' || operation === 'Solicitation';
    if (!asked || !endpoint.addresses().includes(targetAddress)) return;
    endpoint.send({ ...addressReply(mac, targetAddress, { mac: senderMac, address: senderAddress }), tags });
  }
  if (payload.type !== 'IP' || payload.protocol !== 'ICMP' || payload.flags.reply === true || frame.dst !== mac) return;
  if (!endpoint.addresses().includes(payload.dst)) return;
  const back = { ...payload, src: payload.dst, dst: payload.src, flags: { reply: true } };
  endpoint.send({ ...ipFrame(mac, src, back), tags });
}
