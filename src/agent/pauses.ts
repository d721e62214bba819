const shortest = 10;
const longest = 2_000;

/** Milliseconds to wait, while a guest stands still, before the arbiter is asked again: first short, since every one of them counts. */
export function pauseMs(attempt: number): number {
  return Math.min(longest, shortest * 2 ** attempt);
}
