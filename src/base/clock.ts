/** Time as the rooms see it. The trial's clock is the machine's; a test's or the simulation's is virtual. */
export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01T00:00:00Z. May jump and be skewed: never use it to measure a span. */
  now(): number;
  /** Milliseconds since an arbitrary moment; never goes back. For spans and time-outs. */
  monotonic(): number;
  /**
   * Settles after `ms` milliseconds of this clock's time.
   * @throws {Stopped} as soon as `signal` is aborted.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `act` after `ms` milliseconds of this clock's time, unless what it returns is called before: for what is mostly taken back. */
  after(ms: number, act: () => void): () => void;
}
