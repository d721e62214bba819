import type { ParseResult } from '@marcbachmann/cel-js';
import { parseTime } from '../../../base/time.ts';
import { patternError } from '../regex.ts';
import { parseNanoseconds } from './duration.ts';

/** A literal that can never be what it stands for, and where. */
export interface BadLiteral {
  readonly words: string;
  readonly start: number;
}

interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** The first pattern, duration or time in an expression that is none: what would fail whenever it is met is told beforehand. */
export function badLiteral(parsed: ParseResult): BadLiteral | undefined {
  return search(parsed.ast, new Set());
}

function search(value: unknown, seen: Set<unknown>): BadLiteral | undefined {
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  const here = inCall(callOf(value));
  if (here !== undefined) return here;
  // Expressions hang on each other's arguments, in lists and, in comprehensions, by name.
  const inner: readonly unknown[] = Array.isArray(value) ? value : 'args' in value ? [value.args] : Object.values(value);
  for (const child of inner) {
    const found = search(child, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function callOf(node: object): Call | undefined {
  if (!('op' in node) || !('args' in node) || !Array.isArray(node.args)) return undefined;
  const [name, first, second] = node.args as unknown[];
  const args = node.op === 'rcall' ? second : node.op === 'call' ? first : undefined;
  return typeof name === 'string' && Array.isArray(args) ? { name, args } : undefined;
}

function inCall(call: Call | undefined): BadLiteral | undefined {
  const last = call?.args.at(-1);
  const text = literalOf(call?.name === 'findAll' ? call.args[0] : last);
  if (call === undefined || text === undefined) return undefined;
  const bad = (words: string): BadLiteral => ({ words, start: startOf(last) });
  switch (call.name) {
    case 'm_tches':
    case 'find':
    case 'findAll':
      return patternError(text) === undefined ? undefined : bad(`invalid ${call.name === 'm_tches' ? 'matches' : call.name} argument`);
    case 'duration':
      return parseNanoseconds(text) === undefined ? bad('invalid duration argument') : undefined;
    case 'timestamp':
      return parseTime(text) === undefined ? bad('invalid timestamp argument') : undefined;
    default:
      return undefined;
  }
}

function literalOf(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null || !('op' in node) || !('args' in node)) return undefined;
  return node.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}

function startOf(node: unknown): number {
  return typeof node === 'object' && node !== null && 'start' in node && typeof node.start === 'number' ? node.start : 0;
}
