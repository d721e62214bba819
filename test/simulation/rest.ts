/** What must be so once faults have stopped: rules 2 and 11, judged by the world's truth and the user's wishes. */
import { bytes, milliCores } from '../../src/base/quantity.ts';
import type { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { findCondition } from '../../src/meta/conditions.ts';
import type { GuestFact } from './book.ts';
import type { Scene, Violation } from './judge.ts';
import { removable, type Wanted } from './user.ts';

/** What is not yet as it must be in the end; empty when all has come to rest. */
export function unsettled(scene: Scene): Violation[] {
  const { book, lost, mirror, user } = scene;
  const { wanted, nameOf, content } = user();
  const found: Violation[] = content() ? [] : [{ rule: '2', text: 'the API has not taken all wishes' }];
  for (const [index, want] of wanted.entries()) if (want.version > 0) found.push(...unsettledVm(scene, nameOf(index), want));
  const instances = new Map(mirror.instances().map((instance) => [instance.metadata.uid, instance]));
  for (const { spec, host } of book.guests())
    if (!instances.has(spec.id)) found.push({ rule: '2', text: `a guest of ${spec.vm.name} is on ${host} without an instance` });
  for (const [lease, holder] of book.leases)
    if (!instances.has(holder) && !isLeftBehind(scene, lease))
      found.push({ rule: '2', text: `the arbiter of ${lease} names ${holder}, which is no more` });
  found.push(...unlikeWished(scene));
  for (const host of book.hosts.keys()) if (!lost.has(host)) found.push(...unsaidHost(scene, host));
  return found;
}

/** Rules 4 and 11: each guest that runs has its ports, and they do as was last wished. */
function unlikeWished({ book, mirror, user }: Scene): Violation[] {
  const running = book.guests().filter(({ state }) => state === 'Running');
  return running.flatMap(({ host, spec }) => {
    const networks = mirror.instances().find(({ metadata }) => metadata.uid === spec.id)?.spec.networks ?? [];
    const ports = book.portsOn(host).filter(({ guest }) => guest === spec.id);
    const lacking = networks.filter(({ port }) => !ports.some(({ id }) => id === `shop/${port}`));
    const unlike = ports.filter((port) => !user().isAsWished(port));
    return [
      ...lacking.map(({ port }) => ({ rule: '4', text: `port ${port} is not on ${host}, where its guest runs` })),
      ...unlike.map(({ id }) => ({ rule: '11', text: `port ${id} on ${host} does not do as its group says` })),
    ];
  });
}

/** Nobody but the host that took it could free it, and nobody will ask for it: its VM is gone. */
function isLeftBehind({ lost, mirror }: Scene, lease: string): boolean {
  return lost.size > 0 && !mirror.vms().some(({ metadata }) => lease.endsWith(` ${metadata.uid}`));
}

function unsaidHost({ mirror }: Scene, name: string): Violation[] {
  const { conditions, lostDatastores = [] } = mirror.host(name)?.status ?? {};
  const wrong = (text: string): Violation[] => [{ rule: '11', text: `host ${name} is well, and ${text}` }];
  if (findCondition(conditions, 'Ready')?.status !== 'True') return wrong('is not said to be ready');
  const isSaid = lostDatastores.length > 0 || findCondition(conditions, 'DatastoresReached') !== undefined;
  return isSaid ? wrong('is said not to reach its datastores') : [];
}

function unsettledVm(scene: Scene, name: string, want: Wanted): Violation[] {
  const { book, mirror } = scene;
  const vm = mirror.vm(name);
  const all = book.named(name);
  // Who stands by is judged with its pair.
  const guests = want.present ? all.filter((guest) => !isShadow(scene, guest)) : all;
  if (!want.present) return gone(scene, name, vm, guests);
  if (vm === undefined || vm.metadata.deletionTimestamp !== undefined) return [{ rule: '2', text: `${name} is wanted, and not there` }];
  const mine = guests.filter((guest) => guest.spec.vm.uid === vm.metadata.uid);
  if (mine.length !== guests.length) return [{ rule: '2', text: `a guest of an older ${name} is still there` }];
  return [...asWanted(scene, vm, want, mine), ...honest(scene, vm, mine)];
}

function isShadow({ mirror }: Scene, { spec, state }: GuestFact): boolean {
  if (state !== 'Shadow' && state !== 'Incoming') return false;
  return mirror.instances().some((instance) => instance.metadata.uid === spec.id && instance.spec.shadowOf !== undefined);
}

function gone({ book, user }: Scene, name: string, vm: VirtualMachine | undefined, guests: readonly GuestFact[]): Violation[] {
  if (vm !== undefined) return [{ rule: '2', text: `${name} was deleted, and is still there: ${readyOf(vm)}` }];
  const [guest] = guests;
  if (guest !== undefined) return [{ rule: '2', text: `${name} was deleted, and its guest is still on ${guest.host}` }];
  const left = [...book.volumes].filter((volume) =>
    removable(user().shapeOf(name)).some((disk) => volume.endsWith(` shop/${name}/${disk}`)),
  );
  return left.map((volume) => ({ rule: '2', text: `${name} was deleted, and its disk ${volume} is still there` }));
}

function asWanted(scene: Scene, vm: VirtualMachine, want: Wanted, guests: readonly GuestFact[]): Violation[] {
  const { lost, mirror } = scene;
  const { name } = vm.metadata;
  const [guest, ...more] = guests;
  if (more.length > 0) return [{ rule: '1', text: `${name} has ${String(guests.length)} guests` }];
  const says = readyOf(vm);
  if (want.power === 'PoweredOff')
    return guest === undefined ? [] : [{ rule: '2', text: `${name} should be off, and ${guest.state} on ${guest.host}: ${says}` }];
  if (want.power === 'Suspended') {
    const why = findCondition(vm.status.conditions, 'Ready')?.reason;
    // Its memory went with a host that is gone for good: what is said of it, nobody can better.
    const isGone = why === 'HostDead' && mirror.instances().some(({ spec }) => spec.virtualMachine === name && lost.has(spec.nodeName));
    const nothing = guest === undefined && (why === 'NothingToSuspend' || isGone);
    return guest?.state === 'Suspended' || nothing ? [] : [{ rule: '2', text: `${name} should be asleep: ${says}` }];
  }
  if (guest?.state === 'Running') return [];
  const room = roomFor(scene, vm, guest);
  return room === undefined ? [] : [{ rule: '2', text: `${name} should run, and ${room} has room: ${says}` }];
}

/** A host that could take the VM, by a reckoning that shares nothing with placement. */
function roomFor(scene: Scene, vm: VirtualMachine, asleep: GuestFact | undefined): string | undefined {
  const bound = asleep?.host ?? vm.status.disks?.find((disk) => disk.nodeName !== undefined)?.nodeName;
  return hostWithRoom(scene, vm, (host) => bound === undefined || bound === host, asleep);
}

/** One of the hosts that `may` take it. */
export function hostWithRoom(
  { book, lost, mirror, user }: Scene,
  vm: VirtualMachine,
  may: (host: string) => boolean,
  asleep?: GuestFact,
): string | undefined {
  const apart = user().shapeOf(vm.metadata.name) === 'apart';
  for (const [host, { cores, memoryBytes }] of book.hosts) {
    if (lost.has(host) || !may(host)) continue;
    // A host that is claimed takes nobody in, and why that lasts is judged there.
    if (mirror.host(host)?.status.claim?.by === 'Profile') continue;
    if (mirror.node(host)?.spec?.unschedulable === true && asleep === undefined) continue;
    const here = book.guests().filter((guest) => guest.host === host);
    const running = here.filter(({ state }) => state === 'Running' || state === 'Shadow' || state === 'Incoming');
    const isOther = ({ spec }: GuestFact): boolean => spec.vm.uid !== vm.metadata.uid && user().shapeOf(spec.vm.name) === 'apart';
    if (apart && asleep === undefined && here.some(isOther)) continue;
    const memory = running.reduce((sum, { spec }) => sum + withOverhead(spec.memoryBytes, spec.cores), 0);
    const names = new Set(running.map((guest) => guest.spec.vm.name));
    const reserved = mirror
      .instances()
      .filter((instance) => instance.spec.nodeName === host && names.has(instance.spec.virtualMachine))
      .reduce((sum, instance) => sum + milliCores(String(instance.spec.cpu.reservation ?? 0)), 0);
    const fits = memory + withOverhead(bytes(String(vm.spec.memory.size)), vm.spec.cpu.cores) <= memoryBytes && vm.spec.cpu.cores <= cores;
    if (fits && reserved + milliCores(String(vm.spec.cpu.reservation ?? 0)) <= cores * 1000) return host;
  }
  return undefined;
}

const mebibyte = 2 ** 20;

/** The most that a guest may be reckoned to take of its host: who finds no room by a tighter reckoning has no excuse. */
function withOverhead(memoryBytes: number, cores: number): number {
  return memoryBytes + memoryBytes / 64 + (128 + 16 * cores) * mebibyte;
}

/** Rule 11: what is said is so, and what is not done has its reason. */
function honest({ lost }: Scene, vm: VirtualMachine, [guest]: readonly GuestFact[]): Violation[] {
  const { metadata, status, spec } = vm;
  const said = findCondition(status.conditions, 'Ready');
  const wrong = (text: string): Violation[] => [{ rule: '11', text: `${metadata.name} ${text}: ${readyOf(vm)}` }];
  if (said === undefined || said.reason === '' || said.message === '') return wrong('says nothing');
  if (status.observedGeneration !== metadata.generation) return wrong('speaks of an older spec');
  const power = guest?.state ?? 'Off';
  const asSpec = { PoweredOn: 'Running', PoweredOff: 'Off', Suspended: 'Suspended' }[spec.powerState] === power;
  if (said.status === 'True' && !asSpec) return wrong(`says that it is as it should be, and is ${power}`);
  if (said.status === 'True' && guest !== undefined && status.nodeName !== guest.host) return wrong(`is on ${guest.host}`);
  // What hangs or grows is neither as its spec says nor lost; what runs well must be said to.
  if (said.status === 'Unknown') return wrong('is in doubt, though its host answers');
  // It sleeps on a host that is gone for good, and nobody can wake it.
  if (said.reason === 'HostDead' && lost.has(guest?.host ?? '')) return [];
  if (said.status === 'False' && asSpec && said.reason !== 'NoRoomToGrow') return wrong(`is ${power}, as it should be`);
  return [];
}

export function readyOf(vm: VirtualMachine): string {
  const said = findCondition(vm.status.conditions, 'Ready');
  return said === undefined ? 'nothing said' : `Ready=${said.status} ${said.reason} (${said.message})`;
}

/** Each host with what is on it, and each VM with what is said of it: for the story of a play that did not come to rest. */
export function picture({ book, mirror, user }: Scene): string[] {
  const hosts = [...book.hosts.keys()].map((host) => {
    const guests = book.guests().filter((guest) => guest.host === host);
    const instances = mirror.instances().filter(({ spec }) => spec.nodeName === host);
    const told = instances.map(
      ({ metadata, spec, status }) =>
        `${metadata.name} ${spec.powerState}/${status.phase ?? '-'} ${String(spec.memory.size)}${metadata.deletionTimestamp === undefined ? '' : ' going'}`,
    );
    const { fence, inventory } = mirror.host(host)?.status ?? {};
    const word = fence === undefined ? '' : ` (booted as ${inventory?.bootID ?? '-'}, fenced ${JSON.stringify(fence)})`;
    return `${host}${word}: guests ${guests.map((guest) => `${guest.spec.vm.name} ${guest.state}`).join(', ')}; instances ${told.join(', ')}`;
  });
  const vms = mirror.vms().map((vm) => {
    const want = user().wanted[user().indexOf(vm.metadata.name) ?? -1];
    const pair = mirror.pair(vm.metadata.name);
    const word = pair === undefined ? '' : `; ${JSON.stringify(pair.spec)} ${JSON.stringify(pair.status)}`;
    return `${vm.metadata.name} (${want?.present === true ? want.power : 'unwanted'}): ${vm.status.phase ?? '-'} ${readyOf(vm)}${word}`;
  });
  return [...hosts, ...vms];
}
