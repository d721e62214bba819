import type { Clock } from '../../../base/clock.ts';
import { answer, type Endpoint, type Save } from './endpoint.ts';
import { bytesOf, isGroup, type Frame, type Mac } from './frame.ts';
import { newTimers } from './timers.ts';

/** As much of a guest as its NICs need. */
export interface Body {
  hangs(): boolean;
  /** It stands still for a moment, and its NICs keep what comes for it. */
  paused(): boolean;
  over(): boolean;
  elapsed(): number;
  readonly bootMs: number;
  /** Calls `act` when it does not stand still any more, or is over. */
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
  readonly keep: (save: Save) => void;
  readonly save: Save;
}

/** Something that is to leave the guest. */
export interface Output {
  readonly type: 'Frame' | 'Write';
  readonly bytes: number;
  /** Lets it. A write may be let again: it is the same by then. */
  readonly go: () => void;
}

/** What of a guest reaches the outside, and what it waits for: its NICs by name, its timers, and what its programs remember. */
export interface GuestNics {
  /** The guest where it ran last; absent before it ever did. */
  body: Body | undefined;
  /** It is not to be seen any more: another goes on in its place. */
  mute: boolean;
  /** Holds back what leaves the guest; absent: nothing does. */
  gate: ((output: Output) => void) | undefined;
  /** Bytes that came for it. */
  heardBytes: number;
  nic(name: string): GuestNic;
  /** Lets it leave, by the gate. */
  put(output: Output): void;
  /** Calls `act` after that time; while the guest stands still, once it goes on. @returns how to take it back. */
  readonly after: (ms: number, act: () => void) => () => void;
  readonly keep: (save: Save) => void;
  /** All that the guest knows, deeply. */
  readonly save: Save;
  /** To be called when it runs again. */
  readonly awaken: () => void;
}

/** Frames that a NIC keeps for a guest that is paused: the largest ring that virtio-net of QEMU has. */
const ringFrames = 1024;

export function newGuestNics(clock: Clock): GuestNics {
  const byName = new Map<string, GuestNic>();
  const saves = new Set<Save>();
  let held: (() => void)[] = [];
  const hold = (act: () => void): void => {
    held.push(act);
    nics.body?.whenRuns(nics.awaken);
  };
  const timers = newTimers(clock, () => isAwake(nics), hold);
  const ring: Ring = {
    keep: (act) => {
      if (held.length >= ringFrames) return false;
      hold(act);
      return true;
    },
  };
  const nics: GuestNics = {
    body: undefined,
    mute: false,
    gate: undefined,
    heardBytes: 0,
    nic: (name) => {
      const there = byName.get(name);
      if (there !== undefined) return there;
      const made = newGuestNic(nics, clock, ring);
      byName.set(name, made);
      return made;
    },
    put: (output) => {
      if (nics.gate === undefined) output.go();
      else nics.gate(output);
    },
    after: timers.after,
    keep: (save) => void saves.add(save),
    save: () => {
      const kept = [...saves];
      const undo = [timers.save(), ...[...byName.values()].map((nic) => nic.save()), ...kept.map((save) => save())];
      return () => {
        held = [];
        saves.clear();
        for (const save of kept) saves.add(save);
        for (const act of undo) act();
      };
    },
    awaken: () => {
      while (held.length > 0 && isAwake(nics)) held.shift()?.();
      const { body } = nics;
      // It stands still again, or where it went on, too.
      if (held.length > 0 && body !== undefined && !body.over()) body.whenRuns(nics.awaken);
    },
  };
  return nics;
}

interface Ring {
  /** @returns false: it is full. */
  keep(act: () => void): boolean;
}

function isAwake({ body }: GuestNics): boolean {
  return body !== undefined && !body.hangs() && !body.paused() && !body.over();
}

/** What its program does in one go ends before it stands still. */
function speaks({ body }: GuestNics): boolean {
  return body !== undefined && !body.hangs() && !body.over();
}

function newGuestNic(nics: GuestNics, clock: Clock, ring: Ring): GuestNic {
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
      if (speaks(nics)) nics.put({ type: 'Frame', bytes: bytesOf(frame), go: () => nic.out?.(frame) });
    },
    hear: (handler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    take: (frame) => {
      if (isAwake(nics)) receive(nics, nic, handlers, frame);
      else return speaks(nics) && ring.keep(() => void nic.take(frame));
      return true;
    },
    after: nics.after,
    keep: nics.keep,
    save: () => {
      const { chatters, identity } = nic;
      const heard = [...handlers];
      return () => {
        Object.assign(nic, { chatters, identity });
        handlers.clear();
        for (const handler of heard) handlers.add(handler);
      };
    },
  };
  return nic;
}

function receive(nics: GuestNics, nic: GuestNic, handlers: ReadonlySet<(frame: Frame) => void>, frame: Frame): void {
  const { body } = nics;
  nics.heardBytes += bytesOf(frame);
  if (body === undefined || body.elapsed() < body.bootMs) return;
  if (frame.dst === nic.identity.mac || isGroup(frame.dst)) answer(nic, frame);
  for (const handler of handlers) handler(frame);
}
