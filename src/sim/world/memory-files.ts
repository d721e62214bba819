/** Files in which sleeping guests' memory is: whose they are, and how a guest goes on from one that another host left. */
import type { StartToken } from '../../ports/arbiter.ts';
import { PortError } from '../../ports/errors.ts';
import type { GuestId, GuestSpec } from '../../ports/guests.ts';
import type { StoreKey } from '../journal.ts';
import { reachedStore } from './datastores.ts';
import { runningMachine, type Machine, type WorldCore } from './machine.ts';
import { checkFit, checkToken, record } from './records.ts';
import { guestsOn, storeOf } from './state.ts';

/** How long a guest's memory takes to its file, or from there. */
export function transferMs(core: WorldCore, spec: GuestSpec): number {
  return Math.ceil((spec.memoryBytes * 1000) / core.settings.suspendBytesPerSecond);
}

/** Where there is memory of the VM that a guest which starts from its disks makes void. */
export function voidedBy(core: WorldCore, machine: Machine, { memoryFile }: GuestSpec): { readonly voids?: StoreKey } {
  const { datastore, volume } = memoryFile;
  const type = machine.attached.get(datastore)?.type;
  if (type === undefined) return {};
  const voids: StoreKey = type === 'Local' ? { datastore, host: machine.name } : { datastore };
  return storeOf(core.state, voids).owners.has(volume) ? { voids } : {};
}

/** @throws {PortError} MemoryLost: there is no such file of the guest. */
export function checkOwn(core: WorldCore, store: StoreKey | undefined, spec: GuestSpec): void {
  const owner = store === undefined ? undefined : storeOf(core.state, store).owners.get(spec.memoryFile.volume);
  if (owner !== spec.id) throw new PortError('MemoryLost', `the memory of guest ${spec.id} is gone, or another's`);
}

export interface Waking {
  readonly spec: GuestSpec;
  readonly from: readonly GuestId[];
  readonly token: StartToken;
  /** Runs it. */
  readonly run: (machine: Machine) => void;
}

/** First the file is its own, then it reads it: who loses its power in between leaves a file of its name. */
export async function wake(core: WorldCore, host: string, { from, run, spec, token }: Waking): Promise<void> {
  const machine = runningMachine(core, host);
  const { boot } = machine;
  checkToken(spec, token);
  const there = guestsOn(core.state, host).get(spec.id);
  if (there?.state === 'Running') return core.settled();
  if (there !== undefined) throw new PortError('Exists', `guest ${spec.id} is on host ${host} already`);
  checkFit(core, machine, spec);
  const memoryStore = reachedStore(core, host, spec.memoryFile.datastore);
  await takeOver(core, memoryStore, spec, from);
  await core.runtime.clock.sleep(transferMs(core, spec));
  if (machine.boot !== boot) throw new PortError('Failed', `host ${host} lost its power`);
  if (guestsOn(core.state, host).has(spec.id)) return core.settled();
  reachedStore(core, host, spec.memoryFile.datastore);
  checkOwn(core, memoryStore, spec);
  checkFit(core, machine, spec);
  const durable = record(core, machine, spec, { type: 'GuestWoken', spec, memoryStore });
  run(machine);
  await durable;
}

/** @throws {PortError} MemoryLost. */
async function takeOver(core: WorldCore, store: StoreKey, spec: GuestSpec, from: readonly GuestId[]): Promise<void> {
  const { volume } = spec.memoryFile;
  const owner = storeOf(core.state, store).owners.get(volume);
  if (owner === spec.id) return core.settled();
  if (owner === undefined || !from.includes(owner))
    throw new PortError(
      'MemoryLost',
      `there is no memory of VM ${spec.vm.namespace}/${spec.vm.name} from which guest ${spec.id} may go on`,
    );
  await core.commit({ type: 'MemoryTaken', store, volume, owner: spec.id });
}
