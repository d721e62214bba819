/**
 * VMs that keep ledgers, and clients outside who talk with them and believe nothing that they have not seen: rule 3. Each request is answered once it is
 * on the guest's disk; what was answered must be there whatever dies, and be the same whoever goes on.
 */
import type { Clock } from '../../src/base/clock.ts';
import type { JournalEntry } from '../../src/sim/journal.ts';
import type { GuestDisk } from '../../src/sim/world/disk/guest-disk.ts';
import type { GuestNic } from '../../src/sim/world/network/guest-nic.ts';
import type { Outsider } from '../../src/sim/world/network/outside.ts';
import { keepLedger } from '../../src/sim/world/protection/ledger-guest.ts';
import { ledgerObserver, type LedgerClient, type LedgerObserver } from '../../src/sim/world/protection/ledger-observer.ts';
import type { SimulatedWorld } from '../../src/sim/world/world.ts';
import type { Scene } from './judge.ts';
import type { Plan } from './plan.ts';

const vlan = 20;
const lookEveryMs = 1_000;
/** As often the disk is looked at, besides after each death. */
const diskEveryLooks = 20;

/** One VM's, for as long as its disk is. */
interface Ledger {
  readonly vm: number;
  readonly name: string;
  readonly outsider: Outsider;
  readonly observer: LedgerObserver;
  /** As a guest had it last: what is on it is there for all. */
  disk: GuestDisk | undefined;
  /** Of whoever keeps it: woken from its memory, a guest goes on with the program that it had. */
  life: object | undefined;
  /** Of the guest's present life; absent: it is not there, or has not been talked with. */
  client: LedgerClient | undefined;
  clients: number;
  /** How often it had been heard when its shadow took over; until it is heard again. */
  heardUntil: number | undefined;
  /** How many contradictions were told. */
  told: number;
}

export interface LedgersOptions {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly scene: Scene;
}

export class Ledgers {
  /** How long clients heard nothing around each failover, milliseconds. */
  readonly silences: number[] = [];
  readonly #options: LedgersOptions;
  readonly #ledgers = new Map<string, Ledger>();
  /** Nobody can guess it: it was never before. */
  #nonce = 0;

  constructor(options: LedgersOptions) {
    this.#options = options;
  }

  /** A world begins: what was on disks is not known to it any more. */
  begin(world: SimulatedWorld): void {
    this.#ledgers.clear();
    for (const [vm, { pair, shape }] of this.#options.plan.vms.entries()) {
      // What a local disk says, another host does not know.
      if (pair === undefined || shape === 'diskless' || shape === 'local') continue;
      const number = String(vm + 10);
      const spec = {
        name: `client-${number}`,
        mac: `06:00:00:00:00:${number}`,
        addresses: [`10.0.20.2${number}`],
        vlans: [[vlan, vlan]] as const,
      };
      const name = `vm-${String(vm)}`;
      const outsider = world.outsider({ ...spec, untagged: vlan });
      const rest = {
        observer: ledgerObserver(),
        disk: undefined,
        life: undefined,
        client: undefined,
        clients: 0,
        heardUntil: undefined,
        told: 0,
      };
      this.#ledgers.set(name, { vm, name, outsider, ...rest });
    }
  }

  /** Hears a line of the journal; the book is as it was before it. */
  entry(entry: JournalEntry): void {
    switch (entry.type) {
      case 'GuestStarted':
      case 'GuestWoken':
        this.#newLife(entry.spec.vm.name);
        return;
      case 'GuestResumed':
        this.#newLife(this.#nameOf(entry.host, entry.instance));
        return;
      case 'GuestActivated':
        this.#goesOn(this.#nameOf(entry.host, entry.instance));
        return;
      case 'VolumeRemoved':
        this.#ledgers.delete(entry.volume.split('/')[1] ?? '');
        return;
      default:
        return;
    }
  }

  #nameOf(host: string, instance: string): string {
    return this.#options.scene.book.guest(host, instance)?.spec.vm.name ?? '';
  }

  #newLife(name: string): void {
    const ledger = this.#ledgers.get(name);
    if (ledger === undefined) return;
    ledger.client?.stop();
    ledger.client = undefined;
    ledger.heardUntil = undefined;
  }

  #goesOn(name: string): void {
    const ledger = this.#ledgers.get(name);
    if (ledger === undefined) return;
    // Before the shadow does anything: what the original did last may be there, and must stay true.
    if (ledger.disk !== undefined) ledger.observer.look(ledger.disk.read());
    ledger.heardUntil = ledger.observer.news.length;
  }

  /** Looks now and then until the play is over. */
  async watch(world: () => SimulatedWorld | undefined): Promise<void> {
    for (let looks = 1; ; looks++) {
      await this.#options.clock.sleep(lookEveryMs);
      const now = world();
      if (now === undefined) continue;
      for (const ledger of this.#ledgers.values()) this.#tend(now, ledger, looks % diskEveryLooks === 0);
    }
  }

  #tend(world: SimulatedWorld, ledger: Ledger, isThorough: boolean): void {
    const vm = { namespace: 'shop', name: ledger.name };
    const nic = world.nic(vm, 'db');
    const disk = world.disk(vm, 'root');
    const life = world.reach(vm)?.life;
    ledger.outsider.forget();
    if (nic === undefined || disk === undefined) return;
    ledger.disk = disk;
    if (ledger.client === undefined && nic.addresses().length > 0) {
      ledger.observer.look(disk.read());
      if (ledger.life !== life) this.#keep(ledger, { nic, disk });
      ledger.life = life;
      ledger.client = this.#talk(ledger, nic);
    } else if (isThorough || ledger.heardUntil !== undefined) ledger.observer.look(disk.read());
    this.#judge(ledger);
  }

  #keep({ observer }: Ledger, { disk, nic }: { readonly disk: GuestDisk; readonly nic: GuestNic }): void {
    observer.restarted(disk.read());
    keepLedger({ nic, disk, entropy: () => ++this.#nonce });
  }

  #talk(ledger: Ledger, nic: GuestNic): LedgerClient {
    const [address = ''] = nic.addresses();
    const number = ledger.clients++;
    const thinkMs = this.#options.plan.vms[ledger.vm]?.pair?.thinkMs ?? 100;
    const choices = { name: `client ${String(number)}`, fromPort: 40_000 + number, thinkMs, waiting: 2 };
    return ledger.observer.client(ledger.outsider, { mac: nic.mac(), address }, choices);
  }

  #judge(ledger: Ledger): void {
    const { contradictions, news } = ledger.observer;
    for (const text of contradictions.slice(ledger.told, ledger.told + 2))
      this.#options.scene.broken({ rule: '3', text: `${ledger.name} contradicts itself: ${text}` });
    ledger.told = contradictions.length;
    const { heardUntil } = ledger;
    const [before, after] = heardUntil === undefined ? [] : [news[heardUntil - 1], news[heardUntil]];
    if (after === undefined) return;
    if (before !== undefined) this.silences.push(Math.round(after - before));
    ledger.heardUntil = undefined;
  }
}
