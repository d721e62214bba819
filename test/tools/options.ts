import { parseArgs } from 'node:util';

export interface Options {
  /** Only the checks whose name, and the test files whose path, contain this. */
  readonly only: string | undefined;
  /** The end-to-end suite alone, instead of all else. */
  readonly e2e: boolean;
  /** The end-to-end suite and all else that wants a real control plane, on one, instead of all else. */
  readonly real: boolean;
  /** The long versions of the tests: full counts of kills, seeds and hosts. */
  readonly full: boolean;
  readonly help: boolean;
}

export const usage = `npm test [-- options]

  --only PATTERN   only the checks whose name, and the test files whose path, contain PATTERN
  --e2e            the end-to-end suite alone; it needs kubectl on the PATH
  --real           the end-to-end suite and the tests below test/real/ on a real control plane, which Go builds first (16 minutes once)
  --full           the long versions of the tests: all kills, seeds and hosts
  --help           this text
`;

/** @throws {TypeError} when a flag is unknown or lacks its value; the message names it. */
export function parseOptions(args: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ args: [...args], options: { only: { type: 'string' }, e2e: flag, real: flag, full: flag, help: flag } });
  return { only: values.only, e2e: values.e2e, real: values.real, full: values.full, help: values.help };
}
