import type { Frame, Mac } from './frame.ts';
import { isGroup } from './frame.ts';
import type { Ticks } from './ticks.ts';
import { carries, chosen, isUp, occupy, type Wire } from './wire.ts';

/** The physical network between hosts and the world outside: one switch that learns, as large as need be. */
export interface Fabric {
  /** Takes a frame from a wire, and brings it where it belongs. */
  send(from: Wire, vlan: number, frame: Frame): void;
  /** To be called when wires begin or cease to listen, or belong together otherwise. */
  changed(): void;
  /** Answers who looks at the wire from its end: whether a frame like this came into the network here. */
  reflects(wire: Wire, vlan: number, length: number): boolean;
}

interface Learned {
  readonly team: readonly Wire[];
  at: number;
}

/** How long a switch remembers where a MAC was (IEEE 802.1Q, 8.8.3). */
export const agingMs = 300_000;

/** @param wires all that there are, in order. @param delayMs what switching and the cable take. */
export function newFabric(ticks: Ticks, wires: () => Iterable<Wire>, delayMs: number): Fabric {
  const tables = new Map<number, Map<Mac, Learned>>();
  let listening: readonly Wire[] | undefined;

  const tableOf = (vlan: number): Map<Mac, Learned> => {
    const there = tables.get(vlan);
    if (there !== undefined) return there;
    const made = new Map<Mac, Learned>();
    tables.set(vlan, made);
    return made;
  };
  const teamOf = (table: Map<Mac, Learned>, mac: Mac, now: number): readonly Wire[] | undefined => {
    const known = isGroup(mac) ? undefined : table.get(mac);
    return known !== undefined && now - known.at <= agingMs ? known.team : undefined;
  };
  /** One wire of each link that listens. */
  const everywhere = (frame: Frame): readonly Wire[] => {
    listening ??= [...wires()].filter(({ receive }) => receive !== undefined);
    return listening.filter((wire) => wire.team.length === 1 || chosen(wire.team.filter(isUp), frame) === wire);
  };
  const deliver = (to: readonly Wire[], vlan: number, frame: Frame, from: number): void => {
    for (const [at, together] of arrivals(to, frame, from))
      ticks.at(at, () => {
        for (const wire of together) if (isUp(wire)) wire.receive?.(vlan, frame);
      });
  };

  return {
    send: (from, vlan, frame) => {
      const now = ticks.now();
      if (!carries(from, vlan, frame.length)) return;
      const gone = occupy(from, 'sentAt', frame, now);
      if (gone === undefined) return;
      const table = tableOf(vlan);
      learn(table, frame.src, from.team, now);
      const known = teamOf(table, frame.dst, now);
      const one = known === undefined ? undefined : chosen(known.filter(isUp), frame);
      const to = known === undefined ? everywhere(frame) : one === undefined ? [] : [one];
      const fit = to.filter((wire) => wire.team !== from.team && carries(wire, vlan, frame.length));
      if (fit.length > 0) deliver(fit, vlan, frame, gone + delayMs);
    },
    changed: () => {
      listening = undefined;
    },
    reflects: (wire, vlan, length) => isUp(wire) && carries(wire, vlan, length),
  };
}

function learn(table: Map<Mac, Learned>, mac: Mac, team: readonly Wire[], now: number): void {
  const known = table.get(mac);
  if (known?.team === team) known.at = now;
  else if (!isGroup(mac)) table.set(mac, { team, at: now });
}

/** Which wires it reaches at which moment. */
function arrivals(to: readonly Wire[], frame: Frame, from: number): Map<number, Wire[]> {
  const at = new Map<number, Wire[]>();
  for (const wire of to) {
    const moment = occupy(wire, 'receivedAt', frame, from);
    const together = moment === undefined ? undefined : at.get(moment);
    if (together !== undefined) together.push(wire);
    else if (moment !== undefined) at.set(moment, [wire]);
  }
  return at;
}
