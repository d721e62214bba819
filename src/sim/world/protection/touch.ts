/** Whether the two sides of a pair reach each other, and what goes between them. */
import { isCutOff } from '../nic.ts';
import type { Machine } from '../machine.ts';
import { oneWayMs } from './figures.ts';
import { other, tell, type End, type Pair, type Stage } from './pair.ts';

/** Hypervisors of both work and reach each other, whatever became of their guests. */
export function inTouch(pair: Pair): boolean {
  return (
    works(pair.primary.machine) &&
    works(pair.shadow.machine) &&
    [pair.primary, pair.shadow].every(({ machine }) => !isCutOff(machine, 'Protection'))
  );
}

function works({ hung, up }: Machine): boolean {
  return up && !hung;
}

/** Settles when `done`; never once nothing more is sent. To be looked at again after each change that `poke` tells of. */
export function until(pair: Pair, done: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (pair.over.signal.aborted) pair.wake.delete(look);
      else if (done()) {
        pair.wake.delete(look);
        resolve();
      }
    };
    pair.wake.add(look);
    look();
  });
}

/** Waits so long; never ends once nothing more is sent. */
export function pass(pair: Pair, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const { signal } = pair.over;
    if (signal.aborted) return;
    const disarm = pair.core.runtime.clock.after(ms, () => {
      signal.removeEventListener('abort', disarm);
      resolve();
    });
    signal.addEventListener('abort', disarm, { once: true });
  });
}

function canTalk(pair: Pair): boolean {
  return inTouch(pair) && pair.primary.here && pair.shadow.here;
}

/** Brings so many bytes from the primary to the shadow, however often that must be begun anew. */
export async function carry(pair: Pair, bytes: number): Promise<void> {
  const { core, primary, shadow } = pair;
  for (;;) {
    await until(pair, () => canTalk(pair));
    const flow = core.flows.open({ from: primary.machine.name, to: shadow.machine.name, bytes, use: 'Protection' });
    const close = (): void => {
      flow.close();
    };
    pair.over.signal.addEventListener('abort', close, { once: true });
    const arrived = await flow.done.then(
      () => true,
      () => false,
    );
    pair.over.signal.removeEventListener('abort', close);
    if (arrived) break;
  }
  await word(pair);
}

/** Brings a word from one side to the other. */
export async function word(pair: Pair): Promise<void> {
  await pass(pair, oneWayMs);
  await until(pair, () => canTalk(pair));
}

/** To be called when something about the hosts of the pair, or about who is there, has changed. */
export function poke(pair: Pair): void {
  for (const end of [pair.primary, pair.shadow]) listen(pair, end);
  for (const look of [...pair.wake]) look();
}

/** One side hears the other, or falls silent. */
function listen(pair: Pair, end: End): void {
  if (!end.here || !works(end.machine)) {
    hush(end);
    return;
  }
  if (canTalk(pair) && pair.outcome === undefined) {
    hush(end);
    if (end.stage === 'Silent') setStage(pair, end, end.heardStage);
  } else if (end.stage !== 'Silent') {
    end.disarm ??= pair.core.runtime.clock.after(pair.options.silenceMs, () => {
      end.disarm = undefined;
      setStage(pair, end, 'Silent');
    });
  }
}

function hush(end: End): void {
  end.disarm?.();
  end.disarm = undefined;
}

export function setStage(pair: Pair, end: End, stage: Stage): void {
  if (stage === 'Silent') hush(end);
  else end.heardStage = stage;
  if (end.stage === stage || !end.here) return;
  end.stage = stage;
  tell(pair, end);
}

/** What the other side says of itself as it ends: heard at once where it can be, and otherwise by its silence. */
export function sayEnded(pair: Pair, end: End): void {
  if (inTouch(pair)) setStage(pair, other(pair, end), 'Silent');
  poke(pair);
}
