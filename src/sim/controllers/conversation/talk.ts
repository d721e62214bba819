/** One conversation, as it goes: a client outside, and a ledger in the guest, which is opened anew in each life of the guest. */
import type { Random } from '../../../base/random.ts';
import { keepLedger } from '../../world/protection/ledger-guest.ts';
import { ledgerObserver, type LedgerClient } from '../../world/protection/ledger-observer.ts';
import type { Outsider } from '../../world/network/outside.ts';
import type { GuestDoor, GuestReach, VmName } from '../../world/reach.ts';
import type { SimulatedWorld } from '../../world/world.ts';

/** Between an answer and the next request, milliseconds. */
const thinkMs = 100;

/** What a client has seen. */
export interface Seen {
  /** Undefined: it does not run. */
  readonly host: string | undefined;
  /** Whom there is nothing to talk with. */
  readonly lacks: 'Network' | 'Disk' | undefined;
  readonly answers: number;
  /** Milliseconds; up to now. */
  readonly gapMs: number;
  readonly longestGapMs: number;
  readonly contradictions: readonly string[];
}

export interface TalkContext {
  readonly world: SimulatedWorld;
  readonly random: Random;
  /** Guests that keep a ledger, for whoever talks with them. */
  readonly ledgers: WeakSet<object>;
  /** Another number each time. */
  readonly next: () => number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export class Talk {
  readonly #context: TalkContext;
  readonly #vm: VmName;
  readonly #network: string | undefined;
  readonly #observer = ledgerObserver();
  #outsider: Outsider | undefined;
  #client: LedgerClient | undefined;
  #life: object | undefined;
  #host: string | undefined;
  #looked = 0;
  #counted = 0;
  #longestMs = 0;

  constructor(context: TalkContext, vm: VmName, network: string | undefined) {
    this.#context = context;
    this.#vm = vm;
    this.#network = network;
  }

  /** Sees to it that there is a client for the guest that runs now. */
  tend(): Seen {
    const { world } = this.#context;
    const reach = world.reach(this.#vm);
    const door = reach?.door(this.#network);
    if (reach?.disk !== undefined && door !== undefined && reach.life !== this.#life) this.#begin(reach, reach.disk, door);
    this.#outsider?.forget();
    this.#look(reach);
    return this.#seen(reach, door);
  }

  end(): void {
    this.#client?.stop();
    this.#outsider?.leave();
  }

  #begin(reach: GuestReach, disk: NonNullable<GuestReach['disk']>, { address, mac, nic, vlan }: GuestDoor): void {
    const { ledgers, next, random, world } = this.#context;
    this.end();
    this.#life = reach.life;
    if (!ledgers.has(reach.life)) {
      // What was not complete there nobody was told: it may become something else.
      this.#observer.look(disk.read());
      this.#observer.restarted(disk.read());
      this.#host = reach.host;
      keepLedger({ nic, disk, entropy: () => random.integer(2 ** 31) });
    }
    ledgers.add(reach.life);
    const number = next();
    const name = `client-${String(number)}`;
    this.#outsider = world.outsider({ name, mac: macOf(number), addresses: [addressOf(number)], vlans: [[vlan, vlan]], untagged: vlan });
    this.#client = this.#observer.client(this.#outsider, { mac, address }, { thinkMs, name });
  }

  /** At the disk: where somebody else may have taken over, and now and then. */
  #look(reach: GuestReach | undefined): void {
    const isElsewhere = reach?.host !== this.#host;
    this.#looked += 1;
    if (reach?.disk !== undefined && (isElsewhere || this.#looked % 10 === 0)) this.#observer.look(reach.disk.read());
    this.#host = reach?.host;
  }

  #seen(reach: GuestReach | undefined, door: GuestDoor | undefined): Seen {
    const { contradictions, news } = this.#observer;
    for (; this.#counted < news.length; this.#counted++) {
      const before = news[this.#counted - 1];
      if (before !== undefined) this.#longestMs = Math.max(this.#longestMs, (news[this.#counted] ?? before) - before);
    }
    const last = news.at(-1);
    const gapMs = last === undefined ? 0 : this.#context.now() - last;
    const lacks = reach === undefined ? undefined : reach.disk === undefined ? 'Disk' : door === undefined ? 'Network' : undefined;
    return { host: reach?.host, lacks, answers: news.length, gapMs, longestGapMs: Math.max(this.#longestMs, gapMs), contradictions };
  }
}

/** Of the addresses that are for documentation (RFC 5737): no guest has one. */
function addressOf(number: number): string {
  return `198.51.100.${String(1 + (number % 254))}`;
}

function macOf(number: number): string {
  const hex = (number % 2 ** 16).toString(16).padStart(4, '0');
  return `06:00:00:01:${hex.slice(0, 2)}:${hex.slice(2)}`;
}
