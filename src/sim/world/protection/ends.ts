/** How a pair ends: the primary goes on alone, the shadow goes live, or one of them is stopped or dies. Whoever asks has the arbiter's word. */
import type { GuestId } from '../../../ports/guests.ts';
import { newGuestRun } from '../guest-run.ts';
import type { Machine, WorldCore } from '../machine.ts';
import { newGuestNics } from '../network/guest-nic.ts';
import { givePorts, guestRuns, guestStands, portsLeft } from '../network/hooks.ts';
import { record } from '../records.ts';
import { guestsOn } from '../state.ts';
import { announceBoot, forgetArrival } from '../switch-over.ts';
import { dropAll, releaseAll } from './output.ts';
import { other, tell, type End, type GuestMoment, type Pair } from './pair.ts';
import { inTouch, poke, sayEnded } from './touch.ts';

/** The primary runs on without a shadow. Settles when that is durable. */
export function goAlone(pair: Pair): Promise<void> {
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
export async function goLive(pair: Pair, moment: GuestMoment): Promise<number> {
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
  if (!other(pair, end).here) core.pairs.delete(pair);
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
export function guestStopped(machine: Machine, id: GuestId): void {
  machine.wentLive.delete(id);
  const pair = machine.protected.get(id);
  if (pair === undefined) return;
  if (pair.shadow.spec.id === id) {
    leave(pair, pair.shadow, undefined);
    sayEnded(pair, pair.shadow);
    return;
  }
  dropAll(pair);
  // Its shadow keeps what it has: whether it is to go on is the arbiter's to say.
  leave(pair, pair.primary, 'Stopped');
  sayEnded(pair, pair.primary);
}

/** All guests of a host are dead, and nobody is told. */
export function hostDied(machine: Machine): void {
  machine.wentLive.clear();
  for (const pair of [...machine.protected.values()]) {
    const end = pair.primary.machine === machine ? pair.primary : pair.shadow;
    if (end.role === 'Primary') {
      dropAll(pair);
      pair.over.abort();
    }
    remove(pair, end);
    poke(pair);
  }
}

/** To be called when what a host can do, or whom it reaches, has changed. */
export function hostChanged({ pairs }: WorldCore, machine: Machine): void {
  for (const pair of pairs) {
    if (pair.primary.machine !== machine && pair.shadow.machine !== machine) continue;
    dismiss(pair);
    poke(pair);
  }
}
