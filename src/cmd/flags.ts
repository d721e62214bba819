import { parseArgs, type ParseArgsConfig } from 'node:util';
import { messageOf, UserError } from '../base/errors.ts';

export interface Flag {
  readonly type: 'string' | 'boolean';
  /** What stands behind it in the help: `N`, `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;
export type FlagValues = Readonly<Record<string, string | boolean | undefined>>;

/** @throws {UserError} for a flag that is not there or lacks its value, with all that there are. */
export function readFlags(args: readonly string[], flags: Flags): FlagValues {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    Object.entries(flags).map(([name, { type }]) => [name, { type }]),
  );
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values as FlagValues;
  } catch (error) {
    const words = messageOf(error).split('. ')[0] ?? '';
    throw new UserError(`${words}\n\n${helpOf(flags)}`);
  }
}

export function helpOf(flags: Flags): string {
  const rows = Object.entries(flags).map(
    ([name, { value, help }]) => [`--${name}${value === undefined ? '' : ` ${value}`}`, help] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return ['Flags:', ...rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`)].join('\n');
}

/** The value of a flag that is text. */
export function textFlag(values: FlagValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** A whole number within bounds. @throws {UserError} that names the flag. */
export function numberFlag(values: FlagValues, name: string, bounds: { readonly from: number; readonly to: number }): number | undefined {
  const text = textFlag(values, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= bounds.from && value <= bounds.to) return value;
  throw new UserError(`--${name} ${text}: it must be a whole number from ${String(bounds.from)} to ${String(bounds.to)}`);
}

/** `host:port`. @throws {UserError} that names the flag. */
export function addressFlag(values: FlagValues, name: string, fallback: string): { host: string; port: number } {
  const text = textFlag(values, name) ?? fallback;
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && port !== undefined && Number(port) <= 65_535)
    return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
  throw new UserError(`--${name} ${text}: it must be an address and a port, such as 127.0.0.1:8081`);
}
