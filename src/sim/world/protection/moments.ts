/** The moments of a primary: taken, brought to its shadow, and acknowledged. */
import { newGuestRun } from '../guest-run.ts';
import { portStates } from '../network/hooks.ts';
import { record, unheard } from '../records.ts';
import { release, takeSince } from './output.ts';
import type { GuestMoment, Pair } from './pair.ts';
import { carry, setStage, until, word } from './touch.ts';

/** What the guest is now. */
export function take(pair: Pair, memoryBytes: number): GuestMoment {
  const { core, primary, run } = pair;
  const outputs = takeSince(pair);
  const waiting = pair.underWay.flatMap((moment) => moment.outputs);
  const writes = [...waiting, ...outputs].filter(({ type }) => type === 'Write');
  const moment: GuestMoment = {
    at: core.runtime.clock.monotonic(),
    elapsed: run.elapsed(),
    restore: run.nics.save(),
    ports: portStates(core, primary.machine, run.spec.id),
    outputs,
    writes,
    bytes: memoryBytes + outputs.reduce((sum, { bytes, type }) => sum + (type === 'Write' ? bytes : 0), 0),
  };
  pair.underWay.push(moment);
  pair.checkpointBytes = moment.bytes;
  return moment;
}

/** Settles when the shadow has it and the primary knows. Moments arrive in their order, since each waits for those before it. */
export async function send(pair: Pair, moment: GuestMoment): Promise<void> {
  await carry(pair, moment.bytes);
  await until(pair, () => pair.underWay[0] === moment || isBefore(pair.complete, moment, pair.underWay));
  arrive(pair, moment);
  await word(pair);
  acknowledge(pair, moment);
}

/** The one before it has arrived. */
function isBefore(complete: GuestMoment | undefined, moment: GuestMoment, underWay: readonly GuestMoment[]): boolean {
  return complete !== undefined && underWay[underWay.indexOf(moment) - 1] === complete;
}

/** The shadow could go on from it. */
function arrive(pair: Pair, moment: GuestMoment): void {
  const isFirst = pair.complete === undefined;
  pair.complete = moment;
  if (isFirst) standBy(pair, moment);
  for (const look of [...pair.wake]) look();
}

/** The guest of the shadow stands still with what it has. */
function standBy(pair: Pair, { elapsed }: GuestMoment): void {
  const { core, primary, run, shadow } = pair;
  const causes = [...run.causes()].filter((cause) => cause !== primary.machine);
  if (shadow.machine.hung) causes.push(shadow.machine);
  const { behaviour, bootMs, spec } = run;
  const standing = newGuestRun({ spec: shadow.spec, behaviour, bootMs, elapsed, causes }, core.runtime.clock);
  shadow.machine.standing.set(shadow.spec.id, standing);
  unheard(record(core, shadow.machine, shadow.spec, { type: 'GuestStoodBy', of: spec.id }));
  shadow.machine.events.push({ id: shadow.spec.id, type: 'Shadow' });
  setStage(pair, shadow, 'InStep');
}

function acknowledge(pair: Pair, moment: GuestMoment): void {
  const upTo = pair.underWay.indexOf(moment);
  const done = pair.underWay.splice(0, upTo + 1);
  pair.acknowledged = moment;
  release(
    pair,
    done.flatMap(({ outputs }) => outputs),
  );
  if (pair.primary.stage !== 'InStep') setStage(pair, pair.primary, 'InStep');
  for (const look of [...pair.wake]) look();
}
