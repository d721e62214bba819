import { must } from '../../base/errors.ts';
import type { Holder, VmKey } from '../../ports/arbiter.ts';
import type { GuestId, GuestSpec, GuestState } from '../../ports/guests.ts';
import type { SimulatedHost } from '../../ports/world.ts';
import type { SwitchConfiguration } from '../../api/effective-port.ts';
import { settingName, type Setting } from '../../api/setting.ts';
import type { JournalEntry, StoreKey } from '../journal.ts';

/** What the world is, as far as its journal tells. It changes by entries alone, so that a fold of the journal finds it again. */
export interface WorldState {
  /** Which process this is, counted over all restarts. */
  incarnation: number;
  /** Hosts by name, in the order in which they were made. */
  readonly hosts: Map<string, SimulatedHost>;
  /** How many agents each host has had. */
  readonly agents: Map<string, number>;
  /** Guests by host, and by id in the order of their first starts. */
  readonly guests: Map<string, Map<GuestId, GuestRecord>>;
  /** Datastores by `storeName`. */
  readonly stores: Map<string, Store>;
  /** What was written to the settings of each host, by host and `settingName`. */
  readonly settings: Map<string, Map<string, Setting>>;
  /** Notes that each host keeps, by host and name. */
  readonly notes: Map<string, Map<string, string>>;
  /** What was applied last to the switches of each host. */
  readonly switches: Map<string, SwitchConfiguration>;
  /** Leases by shared datastore and VM. */
  readonly leases: Map<string, Map<VmKey, Lease>>;
}

export interface GuestRecord {
  readonly spec: GuestSpec;
  readonly state: GuestState;
  readonly startedAt: number;
  /** Where its memory is while it is suspended. */
  readonly memoryStore?: StoreKey;
}

export interface Lease {
  readonly holder: Holder;
  /** Through which it was taken; journals of old do not say. */
  readonly host?: string;
  /** Who alone may succeed the holder; absent: nobody. */
  readonly heir?: Holder;
}

export interface Store {
  readonly key: StoreKey;
  readonly volumes: Map<string, number>;
  /** Whose memory is in the volumes that are memory files. */
  readonly owners: Map<string, GuestId>;
  usedBytes: number;
}

export function emptyState(): WorldState {
  return {
    incarnation: 0,
    hosts: new Map(),
    agents: new Map(),
    guests: new Map(),
    stores: new Map(),
    settings: new Map(),
    notes: new Map(),
    switches: new Map(),
    leases: new Map(),
  };
}

/** A key for maps: no name has a slash. */
export function storeName(key: StoreKey): string {
  return `${key.host ?? ''}/${key.datastore}`;
}

/** The datastore, empty when it was never written to. */
export function storeOf(state: WorldState, key: StoreKey): Store {
  return within(state.stores, storeName(key), () => ({ key, volumes: new Map(), owners: new Map(), usedBytes: 0 }));
}

/** The guests of a host, in whatever state. */
export function guestsOn(state: WorldState, host: string): Map<GuestId, GuestRecord> {
  return within(state.guests, host, () => new Map<GuestId, GuestRecord>());
}

/** What was written to the settings of a host. */
export function settingsOn(state: WorldState, host: string): Map<string, Setting> {
  return within(state.settings, host, () => new Map<string, Setting>());
}

/** The notes that a host keeps. */
export function notesOn(state: WorldState, host: string): Map<string, string> {
  return within(state.notes, host, () => new Map<string, string>());
}

const noSwitches: SwitchConfiguration = { switches: [], ports: [] };

/** What the switches of a host are to be. */
export function switchesOn(state: WorldState, host: string): SwitchConfiguration {
  return state.switches.get(host) ?? noSwitches;
}

/** The leases on a shared datastore. */
export function leasesOn(state: WorldState, datastore: string): Map<VmKey, Lease> {
  return within(state.leases, datastore, () => new Map<VmKey, Lease>());
}

function within<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}

/** Changes `state` as the entry says. */
export function apply(state: WorldState, entry: JournalEntry): void {
  switch (entry.type) {
    case 'WorldStarted':
      state.incarnation = entry.incarnation;
      for (const host of state.guests.keys()) cutPower(state, host);
      return;
    case 'HostMade':
      state.hosts.set(entry.host, hardwareFrom(entry));
      return;
    case 'HostRemoved':
      state.hosts.delete(entry.host);
      state.guests.delete(entry.host);
      state.switches.delete(entry.host);
      state.settings.delete(entry.host);
      state.notes.delete(entry.host);
      return;
    case 'SettingWritten': {
      const { family, key, value } = entry;
      settingsOn(state, entry.host).set(settingName(entry), { family, key, value });
      return;
    }
    case 'NoteKept':
      if (entry.text === undefined) notesOn(state, entry.host).delete(entry.name);
      else notesOn(state, entry.host).set(entry.name, entry.text);
      return;
    case 'SwitchesApplied':
      state.switches.set(entry.host, entry.configuration);
      return;
    case 'PowerCut':
      cutPower(state, entry.host);
      return;
    case 'AgentStarted':
      state.agents.set(entry.host, entry.incarnation);
      return;
    case 'VolumeSized':
      resize(storeOf(state, entry.store), entry.volume, entry.bytes);
      return;
    case 'VolumeRemoved':
      drop(storeOf(state, entry.store), entry.volume);
      return;
    case 'MemoryTaken':
      storeOf(state, entry.store).owners.set(entry.volume, entry.owner);
      return;
    case 'LeaseSet':
      setLease(state, entry);
      return;
    default:
      applyToGuest(state, entry);
  }
}

type EntryOf<T extends JournalEntry['type']> = Extract<JournalEntry, { readonly type: T }>;

function hardwareFrom(entry: EntryOf<'HostMade'>): SimulatedHost {
  const { baseline, cores, guestBootMs, guestChatter, host: name, managementNic, memoryBytes, nicBitsPerSecond = 1e10, nics } = entry;
  return {
    name,
    cores,
    memoryBytes,
    guestBootMs,
    nicBitsPerSecond,
    ...(baseline === undefined ? {} : { baseline }),
    ...(nics === undefined ? {} : { nics }),
    ...(managementNic === undefined ? {} : { managementNic }),
    ...(guestChatter === undefined ? {} : { guestChatter }),
  };
}

function setLease(state: WorldState, { datastore, heir, holder, host, vm }: EntryOf<'LeaseSet'>): void {
  const leases = leasesOn(state, datastore);
  if (holder === undefined) leases.delete(vm);
  else leases.set(vm, { holder, ...(host === undefined ? {} : { host }), ...(heir === undefined ? {} : { heir }) });
}

type GuestEntry = Extract<JournalEntry, { readonly instance: GuestId }>;

function applyToGuest(state: WorldState, entry: GuestEntry): void {
  const guests = guestsOn(state, entry.host);
  if (entry.type === 'GuestStarted' || entry.type === 'GuestPrepared' || entry.type === 'GuestWoken') {
    const { spec, at: startedAt } = entry;
    guests.set(entry.instance, { spec, state: entry.type === 'GuestPrepared' ? 'Incoming' : 'Running', startedAt });
    if (entry.type === 'GuestStarted' && entry.voids !== undefined) drop(storeOf(state, entry.voids), spec.memoryFile.volume);
    if (entry.type === 'GuestWoken') drop(storeOf(state, entry.memoryStore), spec.memoryFile.volume);
    return;
  }
  const { spec, startedAt, memoryStore } = must(guests.get(entry.instance), `guest ${entry.instance} on ${entry.host}`);
  // A memory file is good for one life: going on twice from it would be two guests with one past.
  if (memoryStore !== undefined) dropOwn(storeOf(state, memoryStore), spec.memoryFile.volume, entry.instance);
  switch (entry.type) {
    case 'GuestStopped':
      guests.delete(entry.instance);
      return;
    case 'GuestSuspended':
      resize(storeOf(state, entry.memoryStore), spec.memoryFile.volume, spec.memoryBytes);
      storeOf(state, entry.memoryStore).owners.set(spec.memoryFile.volume, entry.instance);
      guests.set(entry.instance, { spec, state: 'Suspended', startedAt, memoryStore: entry.memoryStore });
      return;
    case 'GuestResumed':
    case 'GuestActivated':
      guests.set(entry.instance, { spec, state: 'Running', startedAt: entry.at });
      return;
    default:
      guests.set(entry.instance, { spec, state: stateAfter[entry.type], startedAt });
  }
}

/** What a guest is after what changes nothing else about it. */
const stateAfter = {
  GuestReceived: 'Received',
  GuestShadowed: 'Running',
  GuestStoodBy: 'Shadow',
  GuestAlone: 'Running',
  GuestPaused: 'Paused',
  GuestWentOn: 'Running',
  GuestMoved: 'Moved',
  GuestLost: 'Stopped',
} as const satisfies Partial<Record<GuestEntry['type'], GuestState>>;

function cutPower(state: WorldState, host: string): void {
  const guests = guestsOn(state, host);
  for (const [id, guest] of guests) if (guest.state !== 'Suspended') guests.delete(id);
}

function resize(store: Store, volume: string, bytes: number): void {
  store.usedBytes += bytes - (store.volumes.get(volume) ?? 0);
  store.volumes.set(volume, bytes);
}

/** What another has by now stays. */
function dropOwn(store: Store, volume: string, owner: GuestId): void {
  if (store.owners.get(volume) === owner) drop(store, volume);
}

function drop(store: Store, volume: string): void {
  store.usedBytes -= store.volumes.get(volume) ?? 0;
  store.volumes.delete(volume);
  store.owners.delete(volume);
}
