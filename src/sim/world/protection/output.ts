/** What leaves a primary waits until its shadow has acknowledged the state that it comes from. */
import type { GuestNics, Output } from '../network/guest-nic.ts';
import { mostHeldBytes } from './figures.ts';
import type { Pair } from './pair.ts';

/** For this a guest stands still that says more than may wait. */
const choked: object = { reason: 'what waits to leave is too much' };

/** From now on what leaves the guest is held. @param said is called for each thing that it says. */
export function hold(pair: Pair, said: () => void): void {
  pair.holding = true;
  pair.run.nics.gate = (output) => {
    pair.since.push(output);
    pair.heldBytes += output.bytes;
    if (pair.heldBytes > mostHeldBytes) pair.run.pause(choked);
    said();
  };
}

/** @returns what left the guest since it was asked for last. */
export function takeSince(pair: Pair): readonly Output[] {
  const outputs = pair.since;
  pair.since = [];
  return outputs;
}

/** Lets it go. */
export function release(pair: Pair, outputs: readonly Output[]): void {
  for (const { bytes, go } of outputs) {
    pair.heldBytes -= bytes;
    go();
  }
  if (pair.heldBytes <= mostHeldBytes) pair.run.unpause(choked);
}

/** Lets all go, and holds nothing any more. */
export function releaseAll(pair: Pair): void {
  unhold(pair, pair.run.nics);
  const waiting = pair.underWay.splice(0).flatMap(({ outputs }) => outputs);
  release(pair, [...waiting, ...takeSince(pair)]);
  pair.run.unpause(choked);
}

/** What waits never leaves; nor does what it says from now on. */
export function dropAll(pair: Pair): void {
  pair.run.nics.gate = () => undefined;
  pair.underWay.length = 0;
  pair.since = [];
  pair.heldBytes = 0;
  pair.run.unpause(choked);
}

function unhold(pair: Pair, nics: GuestNics): void {
  pair.holding = false;
  nics.gate = undefined;
}
