import type { Range } from '../../../api/effective-port.ts';
import type { Clock } from '../../../base/clock.ts';
import { answer, type Endpoint } from './endpoint.ts';
import type { Fabric } from './fabric.ts';
import { isGroup, type Frame, type Mac } from './frame.ts';
import type { Wire } from './wire.ts';

/** Somebody on the physical network: a router, a client, a collector. */
export interface OutsiderSpec {
  readonly name: string;
  readonly mac: Mac;
  readonly addresses: readonly string[];
  /** That its cable carries. */
  readonly vlans: readonly Range[];
  /** The one that is its own, without tags; absent: it tags all that it sends, and is given tags. */
  readonly untagged?: number;
}

export interface Heard {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly vlan: number;
  readonly frame: Frame;
}

export interface Outsider extends Endpoint {
  /** All that came on its cable, for whomever. */
  readonly heard: readonly Heard[];
  forget(): void;
  /** Its cable is pulled for good. */
  leave(): void;
}

export function newOutsider(
  spec: OutsiderSpec,
  wire: Wire,
  { clock, fabric, leave }: { readonly clock: Clock; readonly fabric: Fabric; readonly leave: () => void },
): Outsider {
  const handlers = new Set<(frame: Frame) => void>();
  let heard: Heard[] = [];
  const outsider: Outsider = {
    get heard() {
      return heard;
    },
    forget: () => {
      heard = [];
    },
    leave: () => {
      wire.receive = undefined;
      handlers.clear();
      leave();
    },
    mac: () => spec.mac,
    addresses: () => spec.addresses,
    now: () => clock.monotonic(),
    send: (frame) => {
      const [tag = spec.untagged ?? 0, ...tags] = frame.tags;
      fabric.send(wire, tag, frame.tags.length === 0 ? frame : { ...frame, tags });
    },
    hear: (handler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    after: (ms, act) => clock.after(ms, act),
  };
  wire.receive = (vlan, frame) => {
    heard.push({ at: clock.monotonic(), vlan, frame });
    if (!isGroup(frame.dst) && frame.dst !== spec.mac) return;
    const given = vlan === spec.untagged ? frame : { ...frame, tags: [vlan, ...frame.tags] };
    answer(outsider, given);
    for (const handler of handlers) handler(given);
  };
  return outsider;
}
