export interface Mutant {
  readonly name: string;
  /** What the guard is for. */
  readonly guard: string;
  readonly file: string;
  /** A piece of the file that stands there exactly once, and what takes its place. */
  readonly find: string;
  readonly replace: string;
}
