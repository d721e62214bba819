import { EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js';
import { restoreNames } from './source.ts';

/** An error of compilation as cel-go words it: the place, the line, and a caret below the column. */
export function describeError(error: unknown, expression: string): string {
  if (!isCelError(error)) return error instanceof Error ? error.message : String(error);
  const at = Math.min(error.range?.start ?? 0, expression.length);
  const lines = expression.slice(0, at).split('\n');
  const column = lines.at(-1)?.length ?? 0;
  const line = expression.split('\n')[lines.length - 1] ?? '';
  const words = compileWords(error);
  return `ERROR: <input>:${String(lines.length)}:${String(column + 1)}: ${words}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

function isCelError(error: unknown): error is ParseError | TypeError | EvaluationError {
  return error instanceof ParseError || error instanceof TypeError || error instanceof EvaluationError;
}

function compileWords(error: ParseError | TypeError | EvaluationError): string {
  const summary = restoreNames(error.summary);
  if (error instanceof ParseError) return `Syntax error: ${summary}`;
  const missing = /^No such key: (.*)$/.exec(summary);
  if (missing !== null) return `undefined field '${missing[1] ?? ''}'`;
  const unknown = /^Unknown variable: (.*)$/.exec(summary);
  if (unknown !== null) return `undeclared reference to '${unknown[1] ?? ''}' (in container '')`;
  const binary = /^no such overload: (.+) (==|!=|<|<=|>|>=|\+|-|\*|\/|%|in) (.+)$/.exec(summary);
  if (binary === null) return typeNames(summary);
  const [, left = '', operator = '', right = ''] = binary;
  const name = operator === 'in' ? '@in' : `_${operator}_`;
  return typeNames(`found no matching overload for '${name}' applied to '(${left}, ${right})'`);
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
