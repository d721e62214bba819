/** What is so in the world, told by its journal line by line: the truth that the rules are judged by. */
import type { Disk, LogFile } from '../../src/base/disk.ts';
import type { GuestSpec } from '../../src/ports/guests.ts';
import { readJournal, type JournalEntry } from '../../src/sim/journal.ts';

export interface GuestFact {
  readonly host: string;
  readonly spec: GuestSpec;
  readonly state: 'Running' | 'Suspended';
  /** Wall clock of its first start. */
  readonly since: number;
}

export interface HostFact {
  readonly cores: number;
  readonly memoryBytes: number;
}

export class Book {
  readonly hosts = new Map<string, HostFact>();
  /** By host and id. */
  readonly #guests = new Map<string, GuestFact>();
  /** Holders, by datastore and VM's uid. */
  readonly leases = new Map<string, string>();
  /** By `datastore@host volume`; the host is empty where all share it. */
  readonly volumes = new Set<string>();

  apply(entry: JournalEntry): void {
    switch (entry.type) {
      case 'HostMade':
        this.hosts.set(entry.host, { cores: entry.cores, memoryBytes: entry.memoryBytes });
        return;
      case 'WorldStarted':
        this.#end(() => true);
        return;
      case 'PowerCut':
        this.#end((guest) => guest.host === entry.host);
        return;
      case 'VolumeSized':
        this.volumes.add(`${entry.store.datastore}@${entry.store.host ?? ''} ${entry.volume}`);
        return;
      case 'VolumeRemoved':
        this.volumes.delete(`${entry.store.datastore}@${entry.store.host ?? ''} ${entry.volume}`);
        return;
      case 'LeaseSet':
        if (entry.holder === undefined) this.leases.delete(`${entry.datastore} ${entry.vm}`);
        else this.leases.set(`${entry.datastore} ${entry.vm}`, entry.holder);
        return;
      case 'GuestStarted':
        this.#guests.set(`${entry.host} ${entry.instance}`, { host: entry.host, spec: entry.spec, state: 'Running', since: entry.at });
        return;
      case 'GuestResumed':
      case 'GuestSuspended':
        this.#change(entry.host, entry.instance, entry.type === 'GuestResumed' ? 'Running' : 'Suspended');
        return;
      case 'GuestStopped':
        this.#guests.delete(`${entry.host} ${entry.instance}`);
        return;
      default:
        return;
    }
  }

  #change(host: string, id: string, state: GuestFact['state']): void {
    const guest = this.#guests.get(`${host} ${id}`);
    if (guest !== undefined) this.#guests.set(`${host} ${id}`, { ...guest, state });
  }

  #end(which: (guest: GuestFact) => boolean): void {
    for (const [key, guest] of this.#guests) if (guest.state === 'Running' && which(guest)) this.#guests.delete(key);
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

  /** Begins anew, from what is left of the journal. */
  reread(journal: string): void {
    this.hosts.clear();
    this.#guests.clear();
    this.leases.clear();
    this.volumes.clear();
    for (const entry of readJournal(journal).entries) this.apply(entry);
  }
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
