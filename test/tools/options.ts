import { parseArgs } from 'node:util';

export interface Options {
  /** Only the checks whose name, and the test files whose path, contain this. */
  readonly only: string | undefined;
  /** The long versions of the tests: full counts of kills, seeds and hosts. */
  readonly full: boolean;
  readonly help: boolean;
}

export const usage = `npm test [-- options]

  --only PATTERN   only the checks whose name, and the test files whose path, contain PATTERN
  --full           the long versions of the tests: all kills, seeds and hosts
  --help           this text
`;

/** @throws {TypeError} when a flag is unknown or lacks its value; the message names it. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, full: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  return { only: values.only, full: values.full, help: values.help };
}
