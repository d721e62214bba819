/** How a primary keeps its shadow in step, from the first byte of its memory on. Nothing here decides who lives. */
import { guestMemory, type GuestMemory } from '../memory.ts';
import { record, unheard } from '../records.ts';
import { copyMs, mostRounds, mostStillShare } from './figures.ts';
import { log, type Said } from './log.ts';
import { send, take } from './moments.ts';
import { hold } from './output.ts';
import { adapt } from './pace.ts';
import type { Pair } from './pair.ts';
import { carry, pass, until } from './touch.ts';

/** For this the guest stands still while what changed is copied. */
const copied: object = { reason: 'a checkpoint is taken' };

/** Works until the pair is over. */
export async function keepInStep(pair: Pair): Promise<void> {
  const { core, run } = pair;
  const memory = guestMemory(run.behaviour, run.spec);
  const from = await sendMemory(pair, memory);
  const said: Said = { wake: () => undefined };
  hold(pair, () => {
    said.wake();
  });
  unheard(record(core, pair.primary.machine, run.spec, { type: 'GuestShadowed', by: pair.shadow.spec.id }));
  await checkpoint(pair, memory, from);
  if (pair.options.mode === 'Lockstep') await log(pair, said);
  else for (;;) await checkpoint(pair, memory, pair.acknowledged?.elapsed ?? from);
}

/** While the guest runs on. @returns the own time of the guest from which on what it wrote has not been sent. */
async function sendMemory(pair: Pair, memory: GuestMemory): Promise<number> {
  const { core, options, run } = pair;
  const { clock } = core.runtime;
  let bytes = memory.whole(run.elapsed());
  for (let round = 1; ; round++) {
    const from = run.elapsed();
    const begun = clock.monotonic();
    pair.checkpointBytes = bytes;
    await carry(pair, bytes);
    const ms = clock.monotonic() - begun;
    const dirtied = memory.dirtied(from, run.elapsed());
    const isLittle = (dirtied * ms) / Math.max(1, bytes) <= options.intervalMs;
    if (isLittle || dirtied >= bytes || round === mostRounds) return from;
    bytes = dirtied;
  }
}

/** Sends what the guest wrote since `from`, its own time. Settles when that was acknowledged and the next is due. */
async function checkpoint(pair: Pair, memory: GuestMemory, from: number): Promise<void> {
  const { core, options, run } = pair;
  const begun = core.runtime.clock.monotonic();
  run.pause(copied);
  const memoryBytes = memory.dirtied(from, run.elapsed()) + core.settings.deviceStateBytes;
  const stillMs = copyMs(memoryBytes);
  await pass(pair, stillMs);
  const moment = take(pair, memoryBytes);
  run.unpause(copied);
  await send(pair, moment);
  const tookMs = core.runtime.clock.monotonic() - begun;
  adapt(pair, tookMs);
  pair.intervalMs = Math.max(options.intervalMs, tookMs, stillMs / mostStillShare);
  if (pair.intervalMs > tookMs) await pass(pair, pair.intervalMs - tookMs);
  await working(pair);
}

/** The host of the primary may hang meanwhile, and nothing on it goes on. */
function working(pair: Pair): Promise<void> {
  return until(pair, () => !pair.primary.machine.hung);
}
