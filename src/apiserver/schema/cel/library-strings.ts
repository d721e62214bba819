import type { Environment } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { isDateValue } from '../../../base/time.ts';
import { goNumber, goQuote } from '../field-errors.ts';
import type { Pattern } from '../regex.ts';
import { celError, define, defineNamespace } from './define.ts';

/** Strings beyond the engine's own: regular expressions by RE2, `replace`, `charAt`, `format`, … `patternOf` compiles and remembers. */
export function addStrings(environment: Environment, patternOf: (source: string) => Pattern): void {
  const pattern = (source: string): Pattern => {
    try {
      return patternOf(source);
    } catch (error) {
      throw celError(`Illegal regex: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  define(environment, 'string.m_tches(string): bool', (text: string, source: string) => pattern(source).test(text));
  define(environment, 'm_tches(string, string): bool', (text: string, source: string) => pattern(source).test(text));
  define(environment, 'string.find(string): string', (text: string, source: string) => pattern(source).find(text) ?? '');
  define(environment, 'string.findAll(string): list<string>', (text: string, source: string) => pattern(source).findAll(text, -1));
  define(environment, 'string.findAll(string, int): list<string>', (text: string, source: string, limit: bigint) =>
    pattern(source).findAll(text, Number(limit)),
  );
  define(environment, 'string.lower_scii(): string', (text: string) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase()));
  define(environment, 'string.upper_scii(): string', (text: string) => text.replace(/[a-z]+/g, (part) => part.toUpperCase()));
  define(environment, 'string.charAt(int): string', charAt);
  define(environment, 'string.replace(string, string): string', (text: string, from: string, to: string) => replace(text, from, to, -1n));
  define(environment, 'string.replace(string, string, int): string', replace);
  define(environment, 'string.reverse(): string', (text: string) => [...text].reverse().join(''));
  define(environment, 'string.format(list): string', format);
  defineNamespace(environment, 'strings', 'kubernetes.StringsNamespace');
  define(environment, 'kubernetes.StringsNamespace.quote(string): string', (_: unknown, text: string) => goQuote(text));
  define(environment, 'string(google.protobuf.Timestamp): string', textOf);
  define(environment, 'string(google.protobuf.Duration): string', textOf);
  define(environment, 'int(google.protobuf.Timestamp): int', (time: { getTime(): number }) => BigInt(Math.floor(time.getTime() / 1000)));
}

function charAt(text: string, index: bigint): string {
  const characters = [...text];
  if (index < 0n || index > BigInt(characters.length)) throw celError(`index out of range: ${String(index)}`);
  return characters[Number(index)] ?? '';
}

function replace(text: string, from: string, to: string, limit: bigint): string {
  const pieces = text.split(from);
  const count = limit < 0n ? pieces.length - 1 : Math.min(Number(limit), pieces.length - 1);
  return [pieces.slice(0, count + 1).join(to), ...pieces.slice(count + 1)].join(from);
}

const directive = /%(%|(?:\.(\d+))?([sdfeboxX]))/g;

function format(template: string, values: readonly unknown[]): string {
  let next = 0;
  const text = template.replace(directive, (whole, _part: string, precision: string | undefined, verb: string | undefined) => {
    if (verb === undefined) return '%';
    if (next >= values.length) throw celError(`index ${String(next)} out of range`);
    const value = values[next++];
    const written = write(value, verb, precision === undefined ? 6 : Number(precision));
    if (written === undefined) throw celError(`error during formatting: ${whole} does not fit its argument`);
    return written;
  });
  return text;
}

/** `value` as `verb` writes it; undefined when it cannot. */
function write(value: unknown, verb: string, precision: number): string | undefined {
  if (verb === 's') return textOf(value);
  if (verb === 'X') return write(value, 'x', precision)?.toUpperCase();
  if (verb === 'd' || verb === 'e' || verb === 'f') return isNumber(value) ? writeNumber(value, verb, precision) : undefined;
  return writeDigits(value, verb);
}

function writeDigits(value: unknown, verb: string): string | undefined {
  if (typeof value === 'bigint') return value.toString(verb === 'b' ? 2 : verb === 'o' ? 8 : 16);
  if (verb === 'b' && typeof value === 'boolean') return value ? '1' : '0';
  return verb === 'x' && typeof value === 'string' ? hexOf(new TextEncoder().encode(value)) : undefined;
}

function writeNumber(value: number | bigint, verb: 'd' | 'e' | 'f', precision: number): string {
  if (verb === 'f') return Number(value).toFixed(precision);
  if (verb === 'd') return typeof value === 'bigint' ? String(value) : goNumber(value);
  return Number(value)
    .toExponential(precision)
    .replace(/e([+-])(\d)$/, 'e$10$2');
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** A value as `%s` writes it. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'number') return goNumber(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (value instanceof Duration) return `${goNumber(Number(value.seconds) + value.nanos / 1e9)}s`;
  if (isDateValue(value))
    return value
      .toISOString()
      .replace(/\.000Z$/, 'Z')
      .replace(/(\.\d*?)0+Z$/, '$1Z');
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${textOf(key)}: ${textOf(item)}`).join(', ')}}`;
  if (typeof value === 'object') return textOf(new Map(Object.entries(value)));
  return '';
}
