/** How a pair ends: the primary goes on alone, the shadow goes live, or one of them is stopped or dies. Whoever asks has the arbiter's word. */
import { PortError } from '../../../ports/errors.ts';
import type { GuestId } from '../../../ports/guests.ts';
import { newGuestRun } from '../guest-run.ts';
import type { Machine, ProtectedEnd, WorldCore } from '../machine.ts';
import { newGuestNics } from '../network/guest-nic.ts';
import { givePorts, guestRuns, guestStands, portsLeft } from '../network/hooks.ts';
import { record } from '../records.ts';
import { guestsOn } from '../state.ts';
import { announceBoot, forgetArrival } from '../switch-over.ts';
import { dropAll, releaseAll } from './output.ts';
import { other, protectionOf, tell, type End, type Pair } from './pair.ts';
import { inTouch, poke, sayEnded } from './touch.ts';

/** The primary runs on without a shadow. Settles when that is durable. */
function goAlone(pair: Pair): Promise<void> {
  const { core, primary, run } = pair;
  const durable = record(core, primary.machine, primary.spec, { type: 'GuestAlone' });
  leave(pair, primary, 'Alone');
  releaseAll(pair);
  run.slow(1);
  dismiss(pair);
  poke(pair);
  return durable;
}

/** The shadow runs from the moment that it has. @returns since then, milliseconds, when that is durable. */
async function goLive(pair: Pair): Promise<number> {
  const moment = pair.complete;
  if (moment === undefined) throw new PortError('WrongState', `guest ${pair.shadow.spec.id} has nothing to go on from`);
  const { core, shadow } = pair;
  const { machine, spec } = shadow;
  const blackoutMs = core.runtime.clock.monotonic() - moment.at;
  machine.wentLive.set(spec.id, blackoutMs);
  const durable = record(core, machine, spec, { type: 'GuestActivated' });
  const causes = [...(machine.standing.get(spec.id)?.causes() ?? [])];
  leave(pair, shadow, 'Live');
  sayEnded(pair, shadow);
  const { nics } = pair.run;
  supersede(pair);
  for (const { go } of moment.writes) go();
  moment.restore();
  const { behaviour, bootMs } = pair.run;
  const run = newGuestRun({ spec, behaviour, bootMs, nics, elapsed: moment.elapsed, causes }, core.runtime.clock);
  machine.standing.delete(spec.id);
  machine.runs.set(spec.id, run);
  givePorts(core, machine, spec.id, moment.ports);
  guestRuns(core, machine, run);
  machine.events.push({ id: spec.id, type: 'Activated' });
  if (run.elapsed() < run.bootMs) void announceBoot(core, machine, run);
  await durable;
  return blackoutMs;
}

/** Whatever the primary does from now on nobody sees, wherever it still runs. */
function supersede(pair: Pair): void {
  const { core, primary, run } = pair;
  dropAll(pair);
  guestStands(core, primary.machine, run);
  portsLeft(core, primary.machine, primary.spec.id);
  run.nics.gate = undefined;
  run.nics = newGuestNics(core.runtime.clock);
  run.nics.mute = true;
}

/** That side is not of the pair any more. */
function leave(pair: Pair, end: End, outcome: Pair['outcome']): void {
  pair.outcome ??= outcome;
  pair.over.abort();
  remove(pair, end);
}

function remove(pair: Pair, end: End): void {
  const { core } = pair;
  end.machine.protected.delete(end.spec.id);
  tell(pair, end);
  end.here = false;
  if (!other(pair, end).here) core.pairs.delete(pair.registered);
}

/** What the shadow has is worth nothing, once it has heard so. */
function dismiss(pair: Pair): void {
  const { core, outcome, shadow } = pair;
  if (outcome !== 'Alone' || !shadow.here || !inTouch(pair)) return;
  remove(pair, shadow);
  const state = guestsOn(core.state, shadow.machine.name).get(shadow.spec.id)?.state;
  if (state === 'Shadow') forgetArrival(core, shadow.machine, shadow.spec);
}

/** A guest was stopped: its host still says so to the other side. */
function stopped(pair: Pair, end: End): void {
  if (end.role === 'Primary') {
    dropAll(pair);
    leave(pair, end, 'Stopped');
    dismiss(pair);
    poke(pair);
  } else {
    leave(pair, end, undefined);
    sayEnded(pair, end);
  }
}

/** The host lost its power, and nobody is told. */
function died(pair: Pair, end: End): void {
  if (end.role === 'Primary') {
    dropAll(pair);
    pair.over.abort();
  }
  remove(pair, end);
  poke(pair);
}

/** Lets both hosts know of the pair. */
export function register(pair: Pair): void {
  const { core, primary, shadow } = pair;
  pair.registered.changed = (machine) => {
    if (primary.machine !== machine && shadow.machine !== machine) return;
    dismiss(pair);
    poke(pair);
  };
  core.pairs.add(pair.registered);
  for (const end of [primary, shadow]) {
    end.machine.protected.set(end.spec.id, protectedEnd(pair, end));
    tell(pair, end);
  }
  poke(pair);
}

function protectedEnd(pair: Pair, end: End): ProtectedEnd {
  const { id } = end.spec;
  const isOf = (role: End['role']): void => {
    if (end.role !== role) throw new PortError('WrongState', `guest ${id} is a ${end.role}`);
  };
  return {
    protection: () => protectionOf(pair, end),
    again: (peer, options) => {
      if (end.role !== 'Primary' || pair.shadow.spec.id !== peer || pair.outcome !== undefined || pair.options.mode !== options.mode)
        throw new PortError(
          'WrongState',
          `guest ${id} is one of a pair already, with ${other(pair, end).spec.id}, in mode ${pair.options.mode}`,
        );
      pair.options = options;
    },
    stopped: () => {
      stopped(pair, end);
    },
    died: () => {
      died(pair, end);
    },
    goAlone: async () => {
      isOf('Primary');
      await goAlone(pair);
    },
    goLive: async () => {
      isOf('Shadow');
      return goLive(pair);
    },
  };
}

/** The guest ends, for whatever reason but that its host loses its power. */
export function guestStopped(machine: Machine, id: GuestId): void {
  machine.wentLive.delete(id);
  machine.protected.get(id)?.stopped();
}

/** All guests of a host are dead. */
export function hostDied(machine: Machine): void {
  machine.wentLive.clear();
  for (const end of [...machine.protected.values()]) end.died();
}

/** To be called when what a host can do, or whom it reaches, has changed. */
export function hostChanged({ pairs }: WorldCore, machine: Machine): void {
  for (const pair of pairs) pair.changed(machine);
}
