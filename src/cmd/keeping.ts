import type { Clock } from '../base/clock.ts';

export interface Kept<T> {
  /** What was found not long ago, else what `ask` finds now. Who asks in the meantime gets the same answer. @throws whatever `ask` does. */
  readonly now: () => Promise<T>;
  /** The next one asks anew. */
  readonly forget: () => void;
}

/** Keeps what `ask` finds for `keepMs`, counted from its answer. */
export function keeping<T>(
  ask: () => Promise<T>,
  { clock, keepMs }: { readonly clock: Pick<Clock, 'monotonic'>; readonly keepMs: number },
): Kept<T> {
  let kept: { readonly value: Promise<T>; until: number } | undefined;
  const forget = (): void => {
    kept = undefined;
  };
  const now = (): Promise<T> => {
    if (kept !== undefined && clock.monotonic() < kept.until) return kept.value;
    const asked = { value: ask(), until: Infinity };
    kept = asked;
    asked.value.then(
      () => (asked.until = clock.monotonic() + keepMs),
      () => {
        if (kept === asked) forget();
      },
    );
    return asked.value;
  };
  return { now, forget };
}
