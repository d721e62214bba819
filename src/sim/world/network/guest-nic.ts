import type { Clock } from '../../../base/clock.ts';
import { answer, type Endpoint } from './endpoint.ts';
import { isGroup, type Frame, type Mac } from './frame.ts';

/** As much of a guest as its NICs need. */
export interface Body {
  hangs(): boolean;
  over(): boolean;
  elapsed(): number;
  readonly bootMs: number;
  /** Calls `act` when it does not hang any more, or is over. */
  whenRuns(act: () => void): void;
}

/** A NIC within a guest. It goes along when the guest moves. */
export interface GuestNic extends Endpoint {
  /** Who it says that it is. At first, and when it is plugged in: what its port has. */
  identity: { mac: Mac; readonly addresses: readonly string[] };
  /** Where what it sends goes; absent: nowhere. */
  out: ((frame: Frame) => void) | undefined;
  /** It says something by itself. */
  chatters: boolean;
  /** Has it receive for another MAC than its port's. */
  setMac(mac: Mac): void;
  /** Tells its port so. */
  onMac: (() => void) | undefined;
  /** @returns false when the guest stands still, and does not hear it. */
  take(frame: Frame): boolean;
}

/** All NICs of a guest, by name, and what they wait for. */
export interface GuestNics {
  /** The guest where it ran last; absent before it ever did. */
  body: Body | undefined;
  nic(name: string): GuestNic;
  /** To be called when it runs again. */
  readonly awaken: () => void;
}

export function newGuestNics(clock: Clock): GuestNics {
  const byName = new Map<string, GuestNic>();
  let held: (() => void)[] = [];
  const nics: GuestNics = {
    body: undefined,
    nic: (name) => {
      const there = byName.get(name);
      if (there !== undefined) return there;
      const made = newGuestNic(nics, clock, (act) => {
        held.push(act);
        nics.body?.whenRuns(nics.awaken);
      });
      byName.set(name, made);
      return made;
    },
    awaken: () => {
      const { body } = nics;
      // It hangs where it went on, too.
      if (body?.hangs() === true && !body.over() && held.length > 0) body.whenRuns(nics.awaken);
      if (!isAwake(nics)) return;
      const acts = held;
      held = [];
      for (const act of acts) act();
    },
  };
  return nics;
}

function isAwake({ body }: GuestNics): boolean {
  return body !== undefined && !body.hangs() && !body.over();
}

function newGuestNic(nics: GuestNics, clock: Clock, hold: (act: () => void) => void): GuestNic {
  const handlers = new Set<(frame: Frame) => void>();
  const nic: GuestNic = {
    identity: { mac: '', addresses: [] },
    out: undefined,
    chatters: false,
    onMac: undefined,
    mac: () => nic.identity.mac,
    addresses: () => nic.identity.addresses,
    now: () => clock.monotonic(),
    setMac: (mac) => {
      nic.identity = { ...nic.identity, mac };
      nic.onMac?.();
    },
    send: (frame) => {
      if (isAwake(nics)) nic.out?.(frame);
    },
    hear: (handler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    take: (frame) => {
      if (!isAwake(nics)) return false;
      const { body } = nics;
      if (body === undefined || body.elapsed() < body.bootMs) return true;
      if (frame.dst === nic.identity.mac || isGroup(frame.dst)) answer(nic, frame);
      for (const handler of handlers) handler(frame);
      return true;
    },
    after: (ms, act) => {
      let wanted = true;
      const once = (): void => {
        if (!wanted) return;
        if (!isAwake(nics)) {
          hold(once);
          return;
        }
        wanted = false;
        act();
      };
      const stop = clock.after(ms, once);
      return () => {
        wanted = false;
        stop();
      };
    },
  };
  return nic;
}
