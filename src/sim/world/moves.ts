import type { StartToken } from '../../ports/arbiter.ts';
import { PortError } from '../../ports/errors.ts';
import type { GuestId, GuestSpec } from '../../ports/guests.ts';
import type { Endpoint, MoveOptions, MoveProgress, Moves } from '../../ports/moves.ts';
import { messageOf } from '../../base/errors.ts';
import { volumeBytes } from './datastores.ts';
import { newFeed } from './feed.ts';
import { runningMachine, type WorldCore } from './machine.ts';
import { checkFit, checkToken, guestOf, record, wrongState } from './records.ts';
import { guestsOn } from './state.ts';
import { activateArrival, goOnHere } from './switch-over.ts';
import { beginTransfer, endpointOf, type Transfer } from './transfer.ts';

/** How guests come to a simulated host and leave it while they run. */
export function movesPort(core: WorldCore, host: string): Moves {
  return {
    prepare: (spec) => prepare(core, host, spec),
    send: (id, to, options) => ({ [Symbol.asyncIterator]: () => sending(core, host, { id, to, options }) }),
    activate: (id, token) => activate(core, host, id, token),
    goOn: (id, token) => goOn(core, host, id, token),
  };
}

async function prepare(core: WorldCore, host: string, spec: GuestSpec): Promise<Endpoint> {
  const machine = runningMachine(core, host);
  const there = guestsOn(core.state, host).get(spec.id);
  if (there?.state === 'Incoming') {
    await core.settled();
    return endpointOf(host, spec.id);
  }
  if (there !== undefined) throw new PortError('Exists', `guest ${spec.id} is on host ${host} already, and is ${there.state}`);
  for (const disk of spec.disks) volumeBytes(core, machine, disk.volume);
  checkFit(core, machine, spec);
  const durable = record(core, machine, spec, { type: 'GuestPrepared', spec });
  machine.events.push({ id: spec.id, type: 'Incoming' });
  await durable;
  return endpointOf(host, spec.id);
}

interface Sending {
  readonly id: GuestId;
  readonly to: Endpoint;
  readonly options: MoveOptions;
}

/** The transfer is the world's own: of whoever asked for it, it needs to know only that somebody reads. */
function sending(core: WorldCore, host: string, { id, to, options }: Sending): AsyncIterator<MoveProgress> {
  const feed = newFeed<MoveProgress>();
  let transfer: Transfer | undefined;
  const tell = (item: MoveProgress): void => {
    feed.tell(item);
  };
  const begin = async (): Promise<void> => {
    try {
      transfer = beginTransfer(core, host, { id, to, options, tell });
      await transfer.result;
      feed.end();
    } catch (error) {
      feed.end(error instanceof Error ? error : new Error(messageOf(error)));
    }
  };
  let begun: Promise<void> | undefined;
  return {
    next: () => {
      begun ??= begin();
      return feed.next();
    },
    return: () => {
      begun ??= Promise.resolve();
      transfer?.cancel();
      feed.end();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}

async function activate(core: WorldCore, host: string, id: GuestId, token: StartToken): Promise<void> {
  const machine = runningMachine(core, host);
  const guest = guestOf(core, host, id);
  checkToken(guest.spec, token);
  if (guest.state === 'Running') return core.settled();
  if (guest.state === 'Stopped') throw new PortError('MemoryLost', `the memory of guest ${id} never arrived`);
  if (guest.state !== 'Received') throw wrongState(host, guest);
  await activateArrival(core, machine, guest.spec);
}

async function goOn(core: WorldCore, host: string, id: GuestId, token: StartToken): Promise<void> {
  const machine = runningMachine(core, host);
  const guest = guestOf(core, host, id);
  checkToken(guest.spec, token);
  if (guest.state === 'Running') return core.settled();
  if (guest.state !== 'Paused') throw wrongState(host, guest);
  const stream = machine.outgoing.get(id);
  const durable = goOnHere(core, machine, guest.spec);
  stream?.sourceGone(new PortError('WrongState', `guest ${id} went on where it was`));
  await durable;
}
