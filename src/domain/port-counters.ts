/** Counters of ports never go back: of two reports the larger figure counts, each on its own. */
import type { PortCounters } from '../api/effective-port.ts';

/** Only the counters, of whatever else stands beside them. */
export function countersOf({ receivedFrames, receivedBytes, sentFrames, sentBytes, droppedFrames }: PortCounters): PortCounters {
  return { receivedFrames, receivedBytes, sentFrames, sentBytes, droppedFrames };
}

export function mostOf(a: PortCounters | undefined, b: PortCounters | undefined): PortCounters | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    receivedFrames: Math.max(a.receivedFrames, b.receivedFrames),
    receivedBytes: Math.max(a.receivedBytes, b.receivedBytes),
    sentFrames: Math.max(a.sentFrames, b.sentFrames),
    sentBytes: Math.max(a.sentBytes, b.sentBytes),
    droppedFrames: Math.max(a.droppedFrames, b.droppedFrames),
  };
}
