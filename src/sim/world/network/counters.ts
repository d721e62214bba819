import type { PortCounters } from '../../../api/effective-port.ts';

export const noCounters: PortCounters = { receivedFrames: 0, receivedBytes: 0, sentFrames: 0, sentBytes: 0, droppedFrames: 0 };

/** The larger of each. */
export function mostOf(one: PortCounters, other: PortCounters): PortCounters {
  return {
    receivedFrames: Math.max(one.receivedFrames, other.receivedFrames),
    receivedBytes: Math.max(one.receivedBytes, other.receivedBytes),
    sentFrames: Math.max(one.sentFrames, other.sentFrames),
    sentBytes: Math.max(one.sentBytes, other.sentBytes),
    droppedFrames: Math.max(one.droppedFrames, other.droppedFrames),
  };
}
