import type { ControlPlane } from '../../src/meta/control-plane.ts';

/** A control plane that scenarios are played on. */
export interface Stage {
  readonly controlPlane: ControlPlane;
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Gives the server a moment to go on by itself. */
  pause(): Promise<void>;
  /** Makes the server forget its history up to now. */
  compact(): Promise<void>;
  close(): Promise<void>;
}

/** Who asks, on every stage. */
export const userName = 'admin';
/** Its first word is the field manager of writers that name none. */
export const userAgent = 'differential/1.0';
