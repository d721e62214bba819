/**
 * Whose turn it is to move. A move takes a slot of its HostCluster, of the host that it leaves and of the host that it goes to. A person's moves come
 * before those of housekeeping, each in the order of their age, and neither starves the other: of every two slots and more, one is kept for the other
 * when it waits and has none.
 */
export type Priority = 'User' | 'System';

/** A move that has slots, or wants them. */
export interface Mover {
  readonly key: string;
  readonly priority: Priority;
  readonly cluster: string;
  readonly source: string;
  readonly target: string;
  /** The older comes first: RFC 3339, then the key. */
  readonly since: string;
}

export interface Caps {
  /** From a host, and as many to it. */
  perHost(cluster: string): number;
  perCluster(cluster: string): number;
}

/**
 * Where nobody says otherwise. Two from a host and to it, since those that share a link re-send what is written meanwhile: each is faster alone, and
 * two are enough that the link has work while one of them is prepared or changes hands.
 */
export const defaultCaps = { perHost: 2, perCluster: 32 } as const;

/** Those of `waiting` that may begin now, beside `moving`. */
export function mayBegin(waiting: readonly Mover[], moving: readonly Mover[], caps: Caps): ReadonlySet<string> {
  const slots = new Slots(moving, caps);
  const left = new Set(waiting);
  const begin = new Set<string>();
  for (const mover of [...waiting].sort(inTurn)) {
    if (slotsOf(mover).some((slot) => !slots.isFreeFor(mover, slot, left))) continue;
    slots.take(mover);
    left.delete(mover);
    begin.add(mover.key);
  }
  return begin;
}

function inTurn(a: Mover, b: Mover): number {
  if (a.priority !== b.priority) return a.priority === 'User' ? -1 : 1;
  return byAge(a, b);
}

function byAge(a: Mover, b: Mover): number {
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

interface Slot {
  readonly of: 'cluster' | 'source' | 'target';
  readonly name: string;
}

function slotsOf({ cluster, source, target }: Mover): Slot[] {
  return [
    { of: 'cluster', name: cluster },
    { of: 'source', name: source },
    { of: 'target', name: target },
  ];
}

class Slots {
  readonly #caps: Caps;
  /** Taken slots, by their kind and name, and by priority. */
  readonly #taken = new Map<string, Record<Priority, number>>();

  constructor(moving: readonly Mover[], caps: Caps) {
    this.#caps = caps;
    for (const mover of moving) this.take(mover);
  }

  take(mover: Mover): void {
    for (const slot of slotsOf(mover)) {
      const taken = this.#at(slot);
      taken[mover.priority] += 1;
      this.#taken.set(keyOf(slot), taken);
    }
  }

  /** @param left those that have none yet; who is older and cannot begin for want of another slot has one kept, too. */
  isFreeFor(mover: Mover, slot: Slot, left: ReadonlySet<Mover>): boolean {
    const cap = slot.of === 'cluster' ? this.#caps.perCluster(mover.cluster) : this.#caps.perHost(mover.cluster);
    const taken = this.#at(slot);
    if (taken.User + taken.System >= cap) return false;
    const other = mover.priority === 'User' ? 'System' : 'User';
    const rivals = [...left].filter((one) => one !== mover && one[slot.of] === slot.name);
    const elders = rivals.filter((one) => byAge(one, mover) < 0);
    // Where there is one slot only, nothing can be kept: age alone decides.
    if (cap === 1) return elders.length === 0;
    const forOther = taken[other] === 0 && rivals.some((one) => one.priority === other) ? 1 : 0;
    const forElder = elders.some((one) => one.priority === mover.priority) ? 1 : 0;
    return taken.User + taken.System + forOther + forElder < cap;
  }

  #at(slot: Slot): Record<Priority, number> {
    return this.#taken.get(keyOf(slot)) ?? { User: 0, System: 0 };
  }
}

function keyOf({ of, name }: Slot): string {
  return `${of}/${name}`;
}
