/** What is so in the world, told by its journal line by line: the truth that the rules are judged by. */
import type { EffectivePort, SwitchConfiguration } from '../../src/api/effective-port.ts';
import type { Disk, LogFile } from '../../src/base/disk.ts';
import type { Guest, GuestSpec } from '../../src/ports/guests.ts';
import { readJournal, type JournalEntry, type StoreKey } from '../../src/sim/journal.ts';

export interface GuestFact {
  readonly host: string;
  readonly spec: GuestSpec;
  readonly state: Guest['state'];
  /** Wall clock of its start, or of its arrival from another host. */
  readonly since: number;
}

export interface HostFact {
  readonly cores: number;
  readonly memoryBytes: number;
}

const stateAfter = {
  GuestResumed: 'Running',
  GuestSuspended: 'Suspended',
  GuestReceived: 'Received',
  GuestStoodBy: 'Shadow',
  GuestActivated: 'Running',
  GuestPaused: 'Paused',
  GuestWentOn: 'Running',
  GuestMoved: 'Moved',
  GuestLost: 'Stopped',
} as const;

export class Book {
  readonly hosts = new Map<string, HostFact>();
  /** By host and id. */
  readonly #guests = new Map<string, GuestFact>();
  /** Holders, by datastore and VM's uid. */
  readonly leases = new Map<string, string>();
  /** Who alone may succeed the holder, by the same. */
  readonly heirs = new Map<string, string>();
  /** Each `holder heir` that an arbiter ever named. */
  readonly appointed = new Set<string>();
  /** Whose memory was written to a file, or taken over, last, and has not been gone on from by another: by `datastore@host volume`. */
  readonly memories = new Map<string, string>();
  /** Guests of which it was last said that their memory is in a file. */
  readonly saidAsleep = new Set<string>();
  /** By `datastore@host volume`; the host is empty where all share it. */
  readonly volumes = new Set<string>();
  /** What the switches of each host are to be. */
  readonly switches = new Map<string, SwitchConfiguration>();
  /** How long each guest that moved stood still, milliseconds. */
  readonly downtimes: number[] = [];
  /** Who is protected, by whom stands by. */
  readonly #shadowed = new Map<string, { readonly host: string; readonly id: string }>();
  /** When guests that stood by were lost with the power of their hosts, by id. */
  readonly lostShadows = new Map<string, number>();
  /** When guests were last paused for a switch-over, by VM. */
  readonly #paused = new Map<string, number>();

  apply(entry: JournalEntry): void {
    switch (entry.type) {
      case 'HostMade':
        this.hosts.set(entry.host, { cores: entry.cores, memoryBytes: entry.memoryBytes });
        return;
      case 'WorldStarted':
        this.#end(() => true);
        return;
      case 'PowerCut':
        for (const { host, spec, state } of this.#guests.values())
          if (host === entry.host && state === 'Shadow') this.lostShadows.set(spec.id, entry.at);
        this.#end((guest) => guest.host === entry.host);
        return;
      case 'VolumeSized':
        this.volumes.add(`${entry.store.datastore}@${entry.store.host ?? ''} ${entry.volume}`);
        return;
      case 'VolumeRemoved':
        this.volumes.delete(`${entry.store.datastore}@${entry.store.host ?? ''} ${entry.volume}`);
        return;
      case 'SwitchesApplied':
        this.switches.set(entry.host, entry.configuration);
        return;
      case 'LeaseSet':
        if (entry.holder === undefined) this.leases.delete(`${entry.datastore} ${entry.vm}`);
        else this.leases.set(`${entry.datastore} ${entry.vm}`, entry.holder);
        this.#inherit(entry);
        return;
      case 'MemoryTaken':
        this.memories.set(`${entry.store.datastore}@${entry.store.host ?? ''} ${entry.volume}`, entry.owner);
        return;
      case 'GuestWoken':
        this.#fallSilent(entry);
        this.#guests.set(`${entry.host} ${entry.instance}`, { host: entry.host, spec: entry.spec, state: 'Running', since: entry.at });
        this.memories.delete(memoryKey(entry.memoryStore, entry.spec));
        return;
      case 'GuestStarted':
      case 'GuestPrepared':
        this.#unshadow(entry.instance);
        if (entry.type === 'GuestStarted' && entry.voids !== undefined) this.memories.delete(memoryKey(entry.voids, entry.spec));
        this.#guests.set(`${entry.host} ${entry.instance}`, {
          host: entry.host,
          spec: entry.spec,
          state: entry.type === 'GuestStarted' ? 'Running' : 'Incoming',
          since: entry.at,
        });
        return;
      case 'GuestResumed':
      case 'GuestSuspended':
      case 'GuestReceived':
      case 'GuestStoodBy':
      case 'GuestActivated':
      case 'GuestPaused':
      case 'GuestWentOn':
      case 'GuestMoved':
      case 'GuestLost':
        this.#change(entry.host, entry.instance, stateAfter[entry.type]);
        this.#remember(entry);
        if (entry.type === 'GuestActivated') this.#succeeded(entry.instance);
        if (entry.type === 'GuestPaused') this.#paused.set(entry.vm, entry.at);
        if (entry.type === 'GuestActivated') this.#arrived(entry.vm, entry.at);
        return;
      case 'GuestShadowed':
        this.#shadowed.set(entry.by, { host: entry.host, id: entry.instance });
        return;
      case 'GuestAlone':
        this.#change(entry.host, entry.instance, 'Running');
        this.#unshadow(entry.instance);
        return;
      case 'GuestStopped':
        this.#guests.delete(`${entry.host} ${entry.instance}`);
        return;
      default:
        return;
    }
  }

  /** Whose memory is in a file. */
  #remember(entry: JournalEntry): void {
    if (entry.type !== 'GuestSuspended') return;
    const spec = this.guest(entry.host, entry.instance)?.spec;
    if (spec !== undefined) this.memories.set(memoryKey(entry.memoryStore, spec), entry.instance);
  }

  /** What slept elsewhere has no memory any more. */
  #fallSilent({ vm }: { readonly vm: string }): void {
    for (const [key, guest] of this.#guests) if (guest.state === 'Suspended' && guest.spec.vm.uid === vm) this.#guests.delete(key);
  }

  #change(host: string, id: string, state: GuestFact['state']): void {
    const guest = this.#guests.get(`${host} ${id}`);
    if (guest !== undefined) this.#guests.set(`${host} ${id}`, { ...guest, state });
  }

  /** Whom it stood by for is not seen any more, wherever that still runs. */
  #succeeded(by: string): void {
    const before = this.#shadowed.get(by);
    this.#shadowed.delete(by);
    if (before !== undefined) this.#change(before.host, before.id, 'Moved');
  }

  #unshadow(original: string): void {
    for (const [by, { id }] of this.#shadowed) if (id === original) this.#shadowed.delete(by);
  }

  /** For whom the guest stands by, if that one is protected by it since its start. */
  originalOf(shadow: string): { readonly host: string; readonly id: string } | undefined {
    return this.#shadowed.get(shadow);
  }

  /** Who stands by for the guest. */
  shadowOf(original: string): string | undefined {
    return [...this.#shadowed].find(([, { id }]) => id === original)?.[0];
  }

  #inherit({ datastore, heir, holder, vm }: Extract<JournalEntry, { readonly type: 'LeaseSet' }>): void {
    if (holder === undefined || heir === undefined) this.heirs.delete(`${datastore} ${vm}`);
    else {
      this.heirs.set(`${datastore} ${vm}`, heir);
      this.appointed.add(`${holder} ${heir}`);
    }
  }

  #arrived(vm: string, at: number): void {
    const from = this.#paused.get(vm);
    if (from !== undefined) this.downtimes.push(at - from);
  }

  #end(which: (guest: GuestFact) => boolean): void {
    for (const [key, guest] of this.#guests) if (guest.state !== 'Suspended' && which(guest)) this.#guests.delete(key);
  }

  /** Those that run, or sleep, or stand still for a moment: not what was sent away, or has not arrived. */
  living(name: string): GuestFact[] {
    return this.named(name).filter(({ state }) => state === 'Running' || state === 'Suspended' || state === 'Paused');
  }

  guests(): GuestFact[] {
    return [...this.#guests.values()];
  }

  guest(host: string, id: string): GuestFact | undefined {
    return this.#guests.get(`${host} ${id}`);
  }

  /** The guests of VMs of that name, whichever VM's they are. */
  named(name: string): GuestFact[] {
    return this.guests().filter((guest) => guest.spec.vm.name === name);
  }

  portsOn(host: string): readonly EffectivePort[] {
    return this.switches.get(host)?.ports ?? [];
  }

  /** Begins anew, from what is left of the journal. */
  reread(journal: string): void {
    this.hosts.clear();
    this.#guests.clear();
    this.leases.clear();
    this.heirs.clear();
    this.#shadowed.clear();
    this.volumes.clear();
    this.memories.clear();
    this.switches.clear();
    for (const entry of readJournal(journal).entries) this.apply(entry);
  }
}

export function memoryKey({ datastore, host = '' }: StoreKey, { memoryFile }: GuestSpec): string {
  return `${datastore}@${host} ${memoryFile.volume}`;
}

/** `disk` of which `tell` hears each journal line as it is appended. */
export function tapped(disk: Disk, tell: (entry: JournalEntry) => void): Disk {
  const told = (bytes: Uint8Array): void => {
    for (const line of new TextDecoder().decode(bytes).split('\n')) if (line !== '') tell(JSON.parse(line) as JournalEntry);
  };
  return {
    lock: () => disk.lock(),
    unlock: () => disk.unlock(),
    open: async (name) => tappedFile(await disk.open(name), told),
    replace: (name, content) => disk.replace(name, content),
    read: (name) => disk.read(name),
    list: () => disk.list(),
    remove: (name) => disk.remove(name),
  };
}

function tappedFile(file: LogFile, told: (bytes: Uint8Array) => void): LogFile {
  return {
    append: (bytes) => {
      told(bytes);
      return file.append(bytes);
    },
    sync: () => file.sync(),
    read: () => file.read(),
    truncate: (length) => file.truncate(length),
    close: () => file.close(),
  };
}
