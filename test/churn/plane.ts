/** A control plane as the churn needs it. */
export interface Plane {
  /** `https://127.0.0.1:port`; the same after a restart. */
  readonly url: string;
  /** PEM text. */
  readonly ca: string;
  /** The bearer token of one who may do everything. */
  readonly token: string;
  /** Forgets the history up to now: who wants to resume from before is told 410. */
  compact(): Promise<void>;
  /** Ends the server, in one way or another, and starts it again on the same data. */
  restart(): Promise<void>;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
}
