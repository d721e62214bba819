import { RE2JS } from 're2js';

/** A pattern of RE2, the syntax of Kubernetes, matched in time linear in the text: whoever writes patterns cannot stop the server. */
export interface Pattern {
  /** Whether it is found anywhere in `text`. */
  test(text: string): boolean;
  /** The first piece of `text` that matches. */
  find(text: string): string | undefined;
  /** The pieces that match, from left to right, not overlapping; at most `limit` when it is not negative. */
  findAll(text: string, limit: number): string[];
}

/** @throws {Error} when `source` is not in RE2's syntax. */
export function compilePattern(source: string): Pattern {
  const compiled = RE2JS.compile(source);
  const findAll = (text: string, limit: number): string[] => {
    const found: string[] = [];
    const matcher = compiled.matcher(text);
    while ((limit < 0 || found.length < limit) && matcher.find()) found.push(matcher.group() ?? '');
    return found;
  };
  return { test: (text) => compiled.test(text), find: (text) => findAll(text, 1)[0], findAll };
}

/** Why `source` is not a pattern; undefined when it is one. */
export function patternError(source: string): string | undefined {
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Keeps compiled patterns, at most `capacity` of them: those not used for longest go first. */
export function patternCache(capacity = 256): (source: string) => Pattern {
  const kept = new Map<string, Pattern>();
  return (source) => {
    const pattern = kept.get(source) ?? compilePattern(source);
    kept.delete(source);
    kept.set(source, pattern);
    const oldest = kept.size > capacity ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    return pattern;
  };
}
