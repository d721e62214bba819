import { cruise as runCruise, type ICruiseResult } from 'dependency-cruiser';
import config from '../../.dependency-cruiser.mjs';

export interface Violation {
  readonly rule: string;
  /** The importing file, from the top of the tree. */
  readonly from: string;
  /** What it imports: a file, or a package's or a built-in module's path. */
  readonly to: string;
}

/** What the tool saw: for each file the specifiers that it imports, without `node:`. */
export type Seen = ReadonlyMap<string, ReadonlySet<string>>;

export interface Cruise {
  readonly violations: readonly Violation[];
  readonly seen: Seen;
}

/** Looks at all that stands in `folders` of `top`, by the project's own rules. */
export async function cruise(top: string, folders: readonly string[]): Promise<Cruise> {
  const options = { ...config.options, baseDir: top, validate: true, ruleSet: { forbidden: config.forbidden ?? [] } };
  const { output } = await runCruise([...folders], options);
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with a text where its result was asked for');
  return { violations: violationsOf(output), seen: seenBy(output) };
}

function violationsOf({ summary }: ICruiseResult): Violation[] {
  return summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}

function seenBy({ modules }: ICruiseResult): Seen {
  return new Map(modules.map(({ source, dependencies }) => [source, new Set(dependencies.map(({ module }) => plain(module)))]));
}

/** One name for a built-in module, which has two. */
export function plain(specifier: string): string {
  return specifier.replace(/^node:/, '');
}
