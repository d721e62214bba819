/**
 * A client on the physical network and a program in each guest of group `web`: a connection that the client opens once in a life of the guest, and on
 * which the guest then sends by itself. The group lets nothing begin from a guest, so what it sends passes only while its connection is tracked.
 */
import type { Clock } from '../../src/base/clock.ts';
import { connect, listen, type Conversation } from '../../src/sim/world/network/conversation.ts';
import type { Frame } from '../../src/sim/world/network/frame.ts';
import type { GuestNic } from '../../src/sim/world/network/guest-nic.ts';
import type { Outsider } from '../../src/sim/world/network/outside.ts';
import type { SimulatedWorld } from '../../src/sim/world/world.ts';
import type { Book } from './book.ts';

/** What a move cost who talked to the guest: milliseconds without a word, and frames that had to be sent again. */
export interface Cost {
  readonly gapMs: number;
  readonly lost: number;
}

/** Of one life of one VM, however often it moves. */
interface Talk {
  readonly name: string;
  readonly mac: string;
  readonly client: Conversation;
  /** The guest's side, once the client has knocked. */
  server: Conversation | undefined;
  /** Lets the guest say something now, and go on from there. */
  beat: () => void;
  /** When the client last heard of the guest, monotonic milliseconds. */
  heardAt: number | undefined;
  /** While it moves: when it was last heard of before, and what had been sent again by then. */
  moving: { readonly from: number; readonly again: number } | undefined;
}

const client = { name: 'client', mac: '06:00:00:00:00:fe', address: '10.0.10.254' } as const;
const vlan = 10;
const servedPort = 443;
const bytes = 100;
/** How often a guest says something, milliseconds: while it moves more often, so that gaps can be measured. */
const everyMs = { usually: 1000, moving: 20 } as const;

export class Talks {
  readonly costs: Cost[] = [];
  readonly #clock: Clock;
  readonly #book: Book;
  readonly #talks = new Map<string, Talk>();
  #outsider: Outsider | undefined;
  #clientPort = 20_000;

  constructor(clock: Clock, book: Book) {
    this.#clock = clock;
    this.#book = book;
  }

  /** A world begins: nobody talks yet. */
  begin(world: SimulatedWorld): void {
    this.#talks.clear();
    const outsider = world.outsider({ ...client, addresses: [client.address], vlans: [[vlan, vlan]], untagged: vlan });
    outsider.hear((frame) => {
      this.#heard(frame);
    });
    this.#outsider = outsider;
  }

  /** The guest has begun a life of its own: another connection is opened to it. */
  newLife(name: string): void {
    this.#talks.delete(name);
  }

  /** The guest is about to move, as the book will say in a moment. */
  moves(name: string): void {
    this.#clock.after(1, () => this.#talks.get(name)?.beat());
  }

  /** The guest goes on at another host. */
  moved(name: string): void {
    const talk = this.#talks.get(name);
    if (talk?.heardAt !== undefined) talk.moving = { from: talk.heardAt, again: talk.server?.retransmissions() ?? 0 };
  }

  heardAt(name: string): number | undefined {
    return this.#talks.get(name)?.heardAt;
  }

  /** Sees to it that there is a connection. */
  tend(world: SimulatedWorld, name: string): void {
    const nic = world.nic({ namespace: 'shop', name }, 'web');
    const [address] = nic?.addresses() ?? [];
    if (nic === undefined || address === undefined || this.#outsider === undefined || this.#talks.has(name)) return;
    const to = { mac: nic.mac(), address };
    const fromPort = this.#clientPort++;
    listen(nic, servedPort, (side) => {
      this.#serve(name, nic, side);
    });
    const opened = connect(this.#outsider, to, servedPort, fromPort);
    this.#talks.set(name, {
      name,
      mac: to.mac,
      client: opened,
      server: undefined,
      beat: () => undefined,
      heardAt: undefined,
      moving: undefined,
    });
  }

  forget(): void {
    this.#outsider?.forget();
  }

  /** The program in the guest. It goes along with the guest's memory. */
  #serve(name: string, nic: GuestNic, side: Conversation): void {
    const talk = this.#talks.get(name);
    if (talk !== undefined) talk.server = side;
    let stop = (): void => undefined;
    const beat = (): void => {
      stop();
      if (side.state() === 'Open') side.send(bytes);
      stop = nic.after(this.#isMoving(name) ? everyMs.moving : everyMs.usually, beat);
    };
    if (talk !== undefined) talk.beat = beat;
    beat();
  }

  #isMoving(name: string): boolean {
    if (this.#talks.get(name)?.moving !== undefined) return true;
    return this.#book.named(name).some(({ state }) => state === 'Incoming' || state === 'Received');
  }

  #heard({ payload, src }: Frame): void {
    if (payload.type !== 'IP' || payload.protocol !== 'TCP' || payload.bytes === 0) return;
    const talk = [...this.#talks.values()].find(({ mac }) => mac === src);
    if (talk === undefined) return;
    const now = this.#clock.monotonic();
    if (talk.moving !== undefined) {
      const lost = (talk.server?.retransmissions() ?? 0) - talk.moving.again;
      this.costs.push({ gapMs: Math.round(now - talk.moving.from), lost });
      talk.moving = undefined;
    }
    talk.heardAt = now;
  }
}
