import type { Signs } from '../api/signs.ts';

/**
 * The direct heartbeat, as one operator hears it. It may be late: what came while its process stood still is heard a moment after it goes on, so a
 * silence says nothing before it was watched for a while.
 */
export interface Pulse {
  signs(host: string): Signs;
  /** Calls `handler` for each host that has not been heard for `afterMs`, once for each silence. Returns how to stop. */
  onSilence(afterMs: number, handler: (host: string) => void): () => void;
  /** Calls `handler` when a host is heard again. Returns how to stop. */
  onReturn(handler: (host: string) => void): () => void;
}
