import type { Arbiter, ArbiterAnswer, Holder, VmKey } from '../../ports/arbiter.ts';
import type { Datastores, DatastoreSpec, Hold, VolumeRef } from '../../ports/datastores.ts';
import { PortError } from '../../ports/errors.ts';
import type { StoreKey } from '../journal.ts';
import { forgetContent } from './disk/content.ts';
import { hasFault, runningMachine, type Machine, type WorldCore } from './machine.ts';
import { leasesOn, storeOf } from './state.ts';

/** The datastores as a simulated host sees them. A shared one is the same for all hosts that name it. */
export function datastoresPort(core: WorldCore, host: string): Datastores {
  return {
    attach: async (specs) => {
      const { attached, surroundings } = runningMachine(core, host);
      const isNews = specs.some(({ name }) => !attached.has(name));
      for (const spec of specs) attached.set(spec.name, spec);
      if (!isNews) return;
      surroundings.push('Changed');
      core.changed(host);
    },
    ensure: (ref, size) => ensure(core, host, ref, size),
    remove: (ref) => remove(core, host, ref),
    list: async (datastore) => {
      const { volumes } = storeOf(core.state, reachedStore(core, host, datastore));
      return [...volumes].map(([volume, bytes]) => ({ datastore, volume, bytes }));
    },
    held: async () => held(core, runningMachine(core, host)),
    arbiter: (datastore) => {
      if (attachedOf(runningMachine(core, host), datastore).type !== 'SharedDirectory')
        throw new PortError('NotFound', `datastore ${datastore} is local: there are no leases on it`);
      return arbiterOn(core, host, datastore);
    },
  };
}

async function ensure(core: WorldCore, host: string, ref: VolumeRef, size: number): Promise<void> {
  const store = reachedStore(core, host, ref.datastore);
  if ((storeOf(core.state, store).volumes.get(ref.volume) ?? -1) >= size) return core.settled();
  checkRoom(core, store, ref.volume, size);
  await core.commit({ type: 'VolumeSized', store, volume: ref.volume, bytes: size });
}

async function remove(core: WorldCore, host: string, ref: VolumeRef): Promise<void> {
  const store = reachedStore(core, host, ref.datastore);
  if (!storeOf(core.state, store).volumes.has(ref.volume)) return core.settled();
  forgetContent(core.contents, store, ref.volume);
  await core.commit({ type: 'VolumeRemoved', store, volume: ref.volume });
}

function held(core: WorldCore, machine: Machine): Hold[] {
  const shared = [...machine.attached.values()].filter(({ type }) => type === 'SharedDirectory');
  if (shared.length > 0) checkReach(machine);
  return shared.flatMap(({ name: datastore }) =>
    [...leasesOn(core.state, datastore)].flatMap(([vm, lease]) =>
      lease.host === machine.name ? [{ datastore, vm, holder: lease.holder }] : [],
    ),
  );
}

function attachedOf(machine: Machine, datastore: string): DatastoreSpec {
  const spec = machine.attached.get(datastore);
  if (spec === undefined) throw new PortError('NotFound', `host ${machine.name} has no datastore ${datastore}`);
  return spec;
}

function checkReach(machine: Machine): void {
  if (hasFault(machine, 'StoragePartition')) throw new PortError('Unreachable', `host ${machine.name} does not reach the datastore`);
}

/** The same for one that is to be used now. @throws {PortError} NotFound, Unreachable. */
export function reachedStore(core: WorldCore, host: string, datastore: string): StoreKey {
  const machine = runningMachine(core, host);
  const key = storeKeyOf(machine, datastore);
  if (key.host === undefined) checkReach(machine);
  return key;
}

/** Where what the host calls `datastore` is kept. @throws {PortError} NotFound. */
export function storeKeyOf(machine: Machine, datastore: string): StoreKey {
  const { type } = attachedOf(machine, datastore);
  return type === 'Local' ? { datastore, host: machine.name } : { datastore };
}

/** @throws {PortError} NotFound (the datastore or the volume). */
export function volumeBytes(core: WorldCore, machine: Machine, { datastore, volume }: VolumeRef): number {
  const bytes = storeOf(core.state, storeKeyOf(machine, datastore)).volumes.get(volume);
  if (bytes === undefined) throw new PortError('NotFound', `there is no volume ${volume} on datastore ${datastore}`);
  return bytes;
}

/** @throws {PortError} DiskFull when the volume cannot have `size` bytes. */
export function checkRoom(core: WorldCore, key: StoreKey, volume: string, size: number): void {
  const { settings, state } = core;
  const usual = key.host === undefined ? settings.sharedDatastoreBytes : settings.localDatastoreBytes;
  const capacity = settings.datastoreBytes[key.datastore] ?? usual;
  const { usedBytes, volumes } = storeOf(state, key);
  const left = capacity - usedBytes + (volumes.get(volume) ?? 0);
  if (size > left)
    throw new PortError('DiskFull', `${volume} wants ${String(size)} bytes, datastore ${key.datastore} has ${String(left)} left`);
}

/** Each call is one step at the moment that it arrives: nothing that was asked before can come after it. */
function arbiterOn(core: WorldCore, host: string, datastore: string): Arbiter {
  const leases = leasesOn(core.state, datastore);
  const reach = (): void => void reachedStore(core, host, datastore);
  const set = async (vm: VmKey, from: Holder | undefined, to: Holder | undefined, through: string): Promise<ArbiterAnswer> => {
    reach();
    const holder = leases.get(vm)?.holder;
    if (holder !== from && holder !== to) {
      await core.settled();
      return { won: false, holder };
    }
    if (holder === to) await core.settled();
    else await core.commit({ type: 'LeaseSet', datastore, vm, ...(to === undefined ? {} : { holder: to, host: through }) });
    return { won: true, holder: to };
  };
  return {
    testAndSet: (vm, from, to) => set(vm, from, to, host),
    handOver: (vm, from, to) => set(vm, from, to.holder, to.host),
    confirm: async (vm, asking) => {
      reach();
      const holder = leases.get(vm)?.holder;
      await core.settled();
      return { won: holder === asking, holder };
    },
    appoint: async (vm, asking, heir) => {
      reach();
      const lease = leases.get(vm);
      if (lease?.holder !== asking) {
        await core.settled();
        return { won: false, holder: lease?.holder };
      }
      const { host: through } = lease;
      const rest = { ...(through === undefined ? {} : { host: through }), ...(heir === undefined ? {} : { heir }) };
      if (lease.heir === heir) await core.settled();
      else await core.commit({ type: 'LeaseSet', datastore, vm, holder: asking, ...rest });
      return { won: true, holder: asking };
    },
    succeed: async (vm, heir, through) => {
      reach();
      const lease = leases.get(vm);
      if (lease?.holder !== heir && lease?.heir !== heir) {
        await core.settled();
        return { won: false, holder: lease?.holder };
      }
      if (lease.holder === heir) await core.settled();
      else await core.commit({ type: 'LeaseSet', datastore, vm, holder: heir, host: through });
      return { won: true, holder: heir };
    },
    holder: async (vm) => {
      reach();
      const holder = leases.get(vm)?.holder;
      await core.settled();
      return holder;
    },
  };
}
