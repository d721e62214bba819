/** Rules 4 and 10 for ports: by what hosts have in force, what guests and a client outside send each other, and what ports counted. */
import type { EffectivePort, PortId } from '../../src/api/effective-port.ts';
import type { Clock } from '../../src/base/clock.ts';
import { messageOf } from '../../src/base/errors.ts';
import type { JournalEntry } from '../../src/sim/journal.ts';
import type { SimulatedWorld } from '../../src/sim/world/world.ts';
import type { Scene } from './judge.ts';
import type { Mirror } from './mirror.ts';
import type { Talks } from './talk.ts';

/** How long a client may hear nothing though all that is between has been well: who was cut off for a minute tries again a minute later. */
const patienceMs = 75_000;
const lookEveryMs = 1_000;

type Identity = Pick<EffectivePort, 'id' | 'mac' | 'addresses'>;

interface Counted {
  /** Of the VM: another one of its name counts anew. */
  readonly vm: string;
  readonly host: string;
  readonly frames: number;
}

export interface PortJudgeOptions {
  readonly scene: Scene;
  readonly clock: Clock;
  readonly talks: Talks;
  /** How many faults have pulled a host's cable. */
  readonly unplugged: ReadonlyMap<string, number>;
  /** Tells what hosts have said of ports. */
  readonly mirror: Pick<Mirror, 'reported'>;
}

export class PortJudge {
  readonly #options: PortJudgeOptions;
  readonly #scene: Scene;
  readonly #clock: Clock;
  readonly #talks: Talks;
  /** By uid of the VM and NIC. */
  readonly #identities = new Map<string, Identity>();
  readonly #counted = new Map<PortId, Counted>();
  /** Since when all that is between a guest and the client has been well, by VM. */
  readonly #well = new Map<string, number>();

  constructor(options: PortJudgeOptions) {
    this.#options = options;
    this.#scene = options.scene;
    this.#clock = options.clock;
    this.#talks = options.talks;
  }

  /** Judges a line of the journal; the book is as it was before it. */
  entry(entry: JournalEntry): void {
    switch (entry.type) {
      case 'GuestStarted':
      case 'GuestWoken':
        this.#starts(entry.host, entry.instance);
        this.#talks.newLife(entry.spec.vm.name);
        return;
      case 'GuestPrepared':
        this.#talks.moves(entry.spec.vm.name);
        return;
      case 'GuestResumed':
        this.#starts(entry.host, entry.instance);
        this.#talks.newLife(this.#nameOf(entry.host, entry.instance));
        return;
      case 'GuestActivated':
        this.#starts(entry.host, entry.instance);
        this.#talks.moved(this.#nameOf(entry.host, entry.instance));
        return;
      case 'PowerCut':
        this.#lose(entry.host);
        return;
      case 'WorldStarted':
        for (const host of this.#scene.book.hosts.keys()) this.#lose(host);
        return;
      default:
        return;
    }
  }

  #nameOf(host: string, instance: string): string {
    return this.#scene.book.guest(host, instance)?.spec.vm.name ?? '';
  }

  /** What a host had counted is lost with its memory; what it has told is not. */
  #lose(host: string): void {
    const { book } = this.#scene;
    for (const [id, one] of this.#counted) {
      const isThere = book.guests().some((guest) => guest.host === host && guest.spec.vm.uid === one.vm);
      const frames = this.#options.mirror.reported(host, id)?.sentFrames ?? 0;
      if (isThere || one.host === host) this.#counted.set(id, { ...one, frames: Math.min(one.frames, frames) });
    }
  }

  /** Rule 4: a guest that runs has all its ports, with the identity that they have had all its VM's life, and that no other has that runs. */
  #starts(host: string, instance: string): void {
    const { book, mirror, broken } = this.#scene;
    const object = mirror.instances().find(({ metadata }) => metadata.uid === instance);
    if (object === undefined) return;
    const { networks = [], virtualMachine, virtualMachineUID } = object.spec;
    for (const network of networks) {
      const id = `shop/${network.port}`;
      const port = book.portsOn(host).find((one) => one.id === id && one.guest === instance);
      if (port === undefined)
        broken({ rule: '4', text: `${virtualMachine} runs on ${host} as ${instance}, and its port ${id} is not there` });
      else {
        this.#isItself(`${virtualMachineUID} ${network.name}`, port);
        this.#isAlone(port);
      }
    }
  }

  #isItself(key: string, { id, mac, addresses }: Identity): void {
    const known = this.#identities.get(key);
    this.#identities.set(key, { id, mac, addresses });
    const words = (one: Identity): string => `${one.id} ${one.mac} ${one.addresses.join(' ')}`;
    const now = words({ id, mac, addresses });
    if (known !== undefined && words(known) !== now) this.#scene.broken({ rule: '4', text: `port ${words(known)} has become ${now}` });
  }

  #isAlone(port: EffectivePort): void {
    const { book, broken } = this.#scene;
    const running = book.guests().filter(({ state }) => state === 'Running');
    const others = running.flatMap(({ host, spec }) => book.portsOn(host).filter(({ guest, id }) => guest === spec.id && id !== port.id));
    for (const other of others) {
      if (other.mac === port.mac) broken({ rule: '4', text: `ports ${port.id} and ${other.id} are both ${port.mac}` });
      const shared = other.addresses.find((address) => port.addresses.includes(address));
      if (shared !== undefined) broken({ rule: '4', text: `ports ${port.id} and ${other.id} both have ${shared}` });
    }
  }

  /** Looks now and then until the play is over. */
  async watch(world: () => SimulatedWorld | undefined): Promise<void> {
    for (;;) {
      await this.#clock.sleep(lookEveryMs);
      const now = world();
      if (now === undefined) this.#well.clear();
      else
        await this.#look(now).catch((error: unknown) => {
          this.#scene.broken({ rule: 'defect', text: `ports could not be judged: ${messageOf(error)}` });
        });
      this.#talks.forget();
    }
  }

  async #look(world: SimulatedWorld): Promise<void> {
    const beating = new Set<string>();
    for (const host of this.#scene.book.hosts.keys()) {
      if (world.hostState(host)?.running !== true) continue;
      const port = world.hostPort(host);
      const guests = (await port.guests.list().catch(() => [])).filter(({ state }) => state === 'Running');
      for (const { heartbeat, spec } of guests)
        if (heartbeat === 'Beating' && (this.#options.unplugged.get(host) ?? 0) === 0) beating.add(spec.vm.name);
      const counters = await port.switching.counters().catch(() => []);
      for (const { spec } of guests)
        for (const { id, sentFrames } of counters.filter((one) => one.id.startsWith(`shop/${spec.vm.name}.`)))
          this.#count(id, { vm: spec.vm.uid, host, frames: sentFrames });
    }
    const { nameOf, wanted } = this.#scene.user();
    for (const index of wanted.keys()) this.#converse(world, nameOf(index), beating);
  }

  /** Rule 4: what a port counted does not go back. */
  #count(id: PortId, now: Counted): void {
    const before = this.#counted.get(id);
    this.#counted.set(id, now);
    if (before?.vm !== now.vm || now.frames >= before.frames) return;
    const text = `port ${id} had counted ${String(before.frames)} frames, and on ${now.host} counts ${String(now.frames)}`;
    this.#scene.broken({ rule: '4', text });
  }

  /** Rule 10: frames flow, whoever is away, and through every move. */
  #converse(world: SimulatedWorld, name: string, beating: ReadonlySet<string>): void {
    const now = this.#clock.monotonic();
    if (!beating.has(name)) {
      this.#well.delete(name);
      return;
    }
    this.#talks.tend(world, name);
    const since = this.#well.get(name) ?? now;
    this.#well.set(name, since);
    const isTalking = world.nic({ namespace: 'shop', name }, 'web')?.addresses().length ?? 0;
    const silentMs = now - Math.max(since, this.#talks.heardAt(name) ?? 0);
    if (isTalking === 0 || silentMs <= patienceMs) return;
    this.#well.delete(name);
    this.#scene.broken({ rule: '10', text: `${name} runs, and its client has heard nothing of it for ${String(Math.round(silentMs))} ms` });
  }
}
