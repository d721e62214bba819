/** The rules, judged at every instant by the world's own journal and by what the API holds; never by what a controller says of itself. */
import { parseDuration } from '../../src/base/time.ts';
import type { VirtualMachineInstance } from '../../src/api/virtual-machine-instance.ts';
import { bytes, milliCores } from '../../src/base/quantity.ts';
import type { KubeObject } from '../../src/meta/objects.ts';
import type { GuestSpec } from '../../src/ports/guests.ts';
import type { JournalEntry } from '../../src/sim/journal.ts';
import { memoryKey, type Book, type GuestFact } from './book.ts';
import type { Mirrored, Seen } from './mirror.ts';
import { removable, type User } from './user.ts';

/** A rule that was broken. */
export interface Violation {
  /** The number of the rule, or `storm`, `defect`. */
  readonly rule: string;
  readonly text: string;
}

export interface Scene {
  readonly book: Book;
  readonly mirror: Seen;
  readonly user: () => User;
  readonly broken: (violation: Violation) => void;
  /** Whether a host, or a way between hosts, has been in trouble in the last minutes. */
  readonly troubled: () => boolean;
  /** Nothing but hosts' power ever fails: whoever is to do something does it at once. */
  readonly isPunctual: boolean;
  /** Hosts that have lost their power for good. */
  readonly lost: ReadonlySet<string>;
  /** Whether the agent of a host had to end guests, since the host was cut off for so long. */
  readonly cutOff: (host: string) => boolean;
}

type Started = Extract<JournalEntry, { readonly type: 'GuestStarted' | 'GuestResumed' | 'GuestWoken' | 'GuestActivated' | 'GuestWentOn' }>;
type Lost = Extract<JournalEntry, { readonly type: 'GuestLost' }>;
type Ended = Extract<JournalEntry, { readonly type: 'GuestStopped' | 'GuestSuspended' }>;

/** Judges one line of the journal; `book` is as it was before it. */
export function judgeEntry(scene: Scene, entry: JournalEntry): void {
  switch (entry.type) {
    case 'GuestStarted':
    case 'GuestResumed':
    case 'GuestWoken':
    case 'GuestActivated':
    case 'GuestWentOn':
      judgeStart(scene, entry);
      return;
    case 'GuestStopped':
    case 'GuestSuspended':
      judgeEnd(scene, entry);
      return;
    case 'GuestLost':
      judgeLoss(scene, entry);
      return;
    default:
      judgeElse(scene, entry);
  }
}

function judgeElse(scene: Scene, entry: JournalEntry): void {
  if (entry.type === 'VolumeRemoved') judgeRemoval(scene, entry.volume);
  if (entry.type === 'HostRemoved') scene.broken({ rule: '2', text: `host ${entry.host} was taken away, which nobody asked for` });
}

/** Rule 1: nobody else runs it, under this or an older VM of its name, and the VM's one arbiter has named this very instance. */
function judgeStart(scene: Scene, entry: Started): void {
  const { host, vm, instance } = entry;
  const { book, mirror, user, broken } = scene;
  const spec = entry.type === 'GuestStarted' || entry.type === 'GuestWoken' ? entry.spec : book.guest(host, instance)?.spec;
  if (spec === undefined) return;
  const { name } = spec.vm;
  // Who takes an instance away by force may make another VM of that name beside its guest: no arbiter knows both.
  const isOther = ({ vm: other }: GuestSpec): boolean => other.uid === vm || (other.name === name && !user().forced.has(name));
  // Nothing that the one does for whom it stood by is seen any more.
  const original = entry.type === 'GuestActivated' ? book.originalOf(instance)?.id : undefined;
  const others = book.guests().filter((guest) => guest.state === 'Running' && isOther(guest.spec) && guest.spec.id !== original);
  for (const other of others)
    broken({ rule: '1', text: `${name} starts on ${host} as ${instance} while it runs on ${other.host} as ${other.spec.id}` });
  if (entry.type === 'GuestWoken') {
    const owner = book.memories.get(memoryKey(entry.memoryStore, spec));
    if (owner !== instance)
      broken({ rule: '1', text: `${name} goes on as ${instance} on ${host} from memory that is ${owner ?? 'nobody'}'s` });
  }
  if (entry.type === 'GuestStarted') judgeForgotten(scene, entry);
  const object = mirror.instances().find(({ metadata }) => metadata.uid === instance);
  if (object === undefined) return;
  const holder = holderOf(scene, object);
  if (holder !== instance)
    broken({ rule: '1', text: `${name} starts on ${host} as ${instance}, but its arbiter names ${holder ?? 'nobody'}` });
}

/** Rule 2: memory that was said to be kept is not thrown away by a start from the disks. */
function judgeForgotten(
  { book, broken, user }: Scene,
  { host, spec, voids }: Extract<JournalEntry, { readonly type: 'GuestStarted' }>,
): void {
  const owner = voids === undefined ? undefined : book.memories.get(memoryKey(voids, spec));
  const { name } = spec.vm;
  const want = user().wanted[user().indexOf(name) ?? -1];
  if (owner === undefined || !book.saidAsleep.has(owner) || want?.discarded !== false || user().forced.has(name)) return;
  broken({ rule: '2', text: `${name} starts from its disks on ${host}, though its memory is kept as that of ${owner}` });
}

function holderOf({ book, mirror }: Scene, { spec }: VirtualMachineInstance): string | undefined {
  const { datastore, lease } = spec.arbiter;
  if (datastore === undefined) return mirror.lease(lease ?? '')?.spec?.holderIdentity ?? undefined;
  return book.leases.get(`${datastore} ${spec.virtualMachineUID}`);
}

const forgivenMs = 300_000;
/** What whoever is punctual takes at most to do what it has decided. */
const punctualMs = 500;

/** Rules 2 and 10: no guest ends that its user wanted to run on. */
function judgeEnd(scene: Scene, { host, instance, type, at }: Ended): void {
  const { book, user, broken } = scene;
  const guest = book.guest(host, instance);
  if (scene.cutOff(host)) return;
  // What was sent away, or never arrived whole, ends nobody's life.
  if (guest === undefined || (guest.state !== 'Running' && guest.state !== 'Suspended' && !isStanding(scene, guest))) return;
  const { name } = guest.spec.vm;
  const want = user().wanted[user().indexOf(name) ?? -1];
  if (want === undefined) return;
  if (want.endings.some((asked) => asked >= guest.since - forgivenMs) || isYielding(scene, guest, at)) return;
  const how = type === 'GuestStopped' ? 'stopped' : 'suspended';
  broken({ rule: '10', text: `${name} was ${how} on ${host} at ${String(at)}, which nobody asked for` });
}

/** Its shadow is the VM by now; or it was asked to die for its shadow, which the arbiter has named its heir. */
function isYielding(scene: Scene, { spec, state }: GuestFact, at: number): boolean {
  const { book, mirror } = scene;
  const instance = mirror.instances().find(({ metadata }) => metadata.uid === spec.id);
  const datastore = instance?.spec.arbiter.datastore;
  if (state !== 'Running' || instance?.spec.shadow === undefined) return false;
  const { instanceUID, interval, yield: isAsked } = instance.spec.shadow;
  const lease = `${datastore ?? ''} ${spec.vm.uid}`;
  if (book.leases.get(lease) === instanceUID) return true;
  // Nobody dies for one that is dead: that is known after two intervals without a word.
  const silentMs = at - (book.lostShadows.get(instanceUID) ?? at);
  if (scene.isPunctual && silentMs > 2 * parseDuration(interval) + punctualMs) return false;
  return isAsked === true && (datastore === undefined || book.heirs.get(lease) === instanceUID);
}

/** A guest that stands still for a switch-over, and whose VM was not handed over. */
function isStanding(scene: Scene, { spec, state }: GuestFact): boolean {
  const object = scene.mirror.instances().find(({ metadata }) => metadata.uid === spec.id);
  return state === 'Paused' && object !== undefined && holderOf(scene, object) === spec.id;
}

/** A guest whose memory is gone: only where the host that had it, or the way to it, was taken from it. */
function judgeLoss({ book, broken, troubled }: Scene, { host, instance, at }: Lost): void {
  const name = book.guest(host, instance)?.spec.vm.name ?? '';
  if (!troubled()) broken({ rule: '2', text: `${name} lost its memory on ${host} at ${String(at)}, though every host and link was well` });
}

/** Rule 2: no data goes but what its user gave away. */
function judgeRemoval({ user, broken }: Scene, volume: string): void {
  const [, name = '', disk = ''] = volume.split('/');
  if (disk.startsWith('_')) return;
  if (!removable(user().shapeOf(name)).includes(disk))
    broken({ rule: '2', text: `disk ${disk} of ${name} was removed, though it is to be retained` });
  const index = user().indexOf(name);
  const want = user().wanted[index ?? -1];
  if (want?.present === true && want.endings.length === 0)
    broken({ rule: '2', text: `disk ${disk} of ${name} was removed, though nobody deleted the VM` });
}

/** Judges one change in the API; `mirror` shows it already. */
export function judgeChange(scene: Scene, kind: Mirrored, before: KubeObject | undefined, after: KubeObject | undefined): void {
  if (kind !== 'instances' || after === undefined) return;
  const instance = after as VirtualMachineInstance;
  if (isSaidAsleep(instance)) scene.book.saidAsleep.add(instance.metadata.uid);
  else scene.book.saidAsleep.delete(instance.metadata.uid);
  if (instance.spec.powerState === 'Released') return;
  const woken = (before as VirtualMachineInstance | undefined)?.spec.powerState === 'Suspended' && instance.spec.powerState === 'PoweredOn';
  if (before === undefined) judgeReplacement(scene, instance);
  if (before === undefined || woken) judgeCapacity(scene, instance);
  if (before === undefined) judgeAffinity(scene, instance);
}

/** One that was just made says nothing yet. */
function isSaidAsleep({ status }: { readonly status?: Pick<VirtualMachineInstance['status'], 'phase'> }): boolean {
  return status?.phase === 'Suspended';
}

/** Rule 9: while a guest of the VM lives, running or asleep, no other instance of it is made, but one that it goes to and that waits to be given it. */
function judgeReplacement({ book, user, broken }: Scene, { metadata, spec }: VirtualMachineInstance): void {
  if (user().forced.has(spec.virtualMachine) || (spec.origin ?? spec.shadowOf) !== undefined) return;
  // Whose memory it goes on from sleeps on a host of which it was proved that nothing wakes there.
  const isGoneOnFrom = (guest: GuestFact): boolean =>
    guest.state === 'Suspended' && spec.wakes === true && spec.replaces?.includes(guest.spec.id) === true;
  const old = book.living(spec.virtualMachine).find((guest) => guest.spec.id !== metadata.uid && !isGoneOnFrom(guest));
  if (old === undefined) return;
  const where = `${old.state === 'Running' ? 'runs' : 'is asleep'} on ${old.host}`;
  broken({ rule: '9', text: `instance ${metadata.name} is made for ${spec.nodeName} while ${old.spec.id} still ${where}` });
}

/** Rule 5: what is decided for a host fits it. */
function judgeCapacity({ book, mirror, broken }: Scene, { spec, metadata }: VirtualMachineInstance): void {
  const host = book.hosts.get(spec.nodeName);
  if (host === undefined) return;
  let memory = 0;
  let reserved = 0;
  for (const other of mirror.instances()) {
    if (other.spec.nodeName !== spec.nodeName || other.spec.powerState === 'Released') continue;
    if (other.spec.powerState === 'Suspended' && other.status.phase === 'Suspended') continue;
    memory += bytes(String(other.spec.memory.size));
    reserved += milliCores(String(other.spec.cpu.reservation ?? 0));
  }
  if (memory > host.memoryBytes)
    broken({
      rule: '5',
      text: `${spec.nodeName} is given ${String(memory)} bytes of guests with ${metadata.name}, and has ${String(host.memoryBytes)}`,
    });
  if (reserved > host.cores * 1000)
    broken({
      rule: '5',
      text: `${spec.nodeName} is asked to reserve ${String(reserved)}m with ${metadata.name}, and has ${String(host.cores)} cores`,
    });
}

function judgeAffinity({ mirror, user, broken }: Scene, { spec, metadata }: VirtualMachineInstance): void {
  if (user().shapeOf(spec.virtualMachine) !== 'apart') return;
  const near = mirror
    .instances()
    .find(
      (other) =>
        other.metadata.name !== metadata.name &&
        other.spec.nodeName === spec.nodeName &&
        other.spec.powerState !== 'Released' &&
        other.spec.virtualMachine !== spec.virtualMachine &&
        user().shapeOf(other.spec.virtualMachine) === 'apart',
    );
  if (near !== undefined)
    broken({ rule: '5', text: `${metadata.name} is placed on ${spec.nodeName} beside ${near.metadata.name}, from which it must be away` });
}
