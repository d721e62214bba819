import { EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js';
import { restoreNames } from './source.ts';

/** An error of compilation as cel-go words it: the place, the line, and a caret below the column. */
export function describeError(error: unknown, expression: string): string {
  if (!isCelError(error)) return error instanceof Error ? error.message : String(error);
  const start = error.range?.start ?? 0;
  const words = compileWords(error);
  // A missing field is told at the dot before it.
  return located(words, words.startsWith('undefined field') && expression[start - 1] === '.' ? start - 1 : start, expression);
}

/** `words` with where in `expression` they apply. */
export function located(words: string, start: number, expression: string): string {
  const before = expression.slice(0, start).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = expression.split('\n')[before.length - 1] ?? '';
  return `ERROR: <input>:${String(before.length)}:${String(column + 1)}: ${words}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

function isCelError(error: unknown): error is ParseError | TypeError | EvaluationError {
  return error instanceof ParseError || error instanceof TypeError || error instanceof EvaluationError;
}

type Rewording = readonly [pattern: RegExp, words: (...parts: string[]) => string];

/** The engine's words for errors of types, and cel-go's. */
const rewordings: readonly Rewording[] = [
  [/^No such key: (.*)$/, (field) => `undefined field '${field}'`],
  [/^Unknown variable: (.*)$/, (name) => `undeclared reference to '${name}' (in container '')`],
  [/^no such overload: (.+) in (.+)$/, (left, right) => `found no matching overload for '@in' applied to '(${left}, ${right})'`],
  [
    /^no such overload: (.+) (==|!=|<=?|>=?|[-+*/%]) (.+)$/,
    (left, operator, right) => `found no matching overload for '_${operator}_' applied to '(${left}, ${right})'`,
  ],
  [/^no such overload: ([-!])(.+)$/, (operator, type) => `found no matching overload for '${operator}_' applied to '(${type})'`],
  [
    /^found no matching overload for '(?:(.+)\.)?(\w+)\((.*)\)'$/,
    (receiver, name, types) => `found no matching overload for '${name}' applied to '${receiver === '' ? '' : `${receiver}.`}(${types})'`,
  ],
  [/^Cannot index type '(.*)'$/, (type) => `type '${type}' does not support field selection`],
  [/^(?:List|Map) .*, (expected type .*)$/, (words) => words],
];

function compileWords(error: ParseError | TypeError | EvaluationError): string {
  const summary = restoreNames(error.summary);
  if (error instanceof ParseError) return `Syntax error: ${summary}`;
  for (const [pattern, words] of rewordings) {
    const match = pattern.exec(summary);
    if (match !== null) return typeNames(words(...match.slice(1).map((part: string | undefined) => part ?? '')));
  }
  return typeNames(summary);
}

/** Object types have no names that a rule's author would know. */
function typeNames(words: string): string {
  return words.replace(/\bobject\d+(\.metadata)?/g, 'object');
}

/** An error of evaluation, in cel-go's words as far as they differ. */
export function runtimeWords(error: unknown): string {
  const summary = isCelError(error) ? restoreNames(error.summary) : error instanceof Error ? error.message : String(error);
  const outOfBounds = /^No such key: index out of bounds, index (-?\d+)/.exec(summary);
  if (outOfBounds !== null) return `index out of bounds: ${outOfBounds[1] ?? ''}`;
  return typeNames(summary.replace(/^No such key: /, 'no such key: '));
}
