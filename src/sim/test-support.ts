import { virtualClock, type VirtualClock } from './clock.ts';

/** A virtual clock for tests: it settles by turns of the event loop, which leaves no await behind, however long the chain, and is fast. */
export function testClock(start: number = Date.parse('2026-03-01T12:00:00Z')): VirtualClock {
  return virtualClock(start, setImmediate);
}
