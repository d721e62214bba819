import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UserError } from '../base/errors.ts';

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
  // Not `strict`, which speaks in words of its own.
  const { values, tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    const mistake = mistakeIn(token, flags);
    if (mistake !== undefined) throw new UserError(`${mistake}\n\n${helpOf(flags)}`);
  }
  return Object.fromEntries(Object.keys(flags).map((name) => [name, one(values[name])]));
}

type Token = ReturnType<
  typeof parseArgs<{ args: string[]; options: NonNullable<ParseArgsConfig['options']>; strict: false; tokens: true }>
>['tokens'][number];

function mistakeIn(token: Token, flags: Flags): string | undefined {
  if (token.kind === 'positional') return `${token.value}: only flags are taken here`;
  if (token.kind === 'option-terminator') return undefined;
  const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
  if (flag === undefined || !token.rawName.startsWith('--')) return `${token.rawName}: there is no such flag`;
  if (flag.type === 'boolean') return token.value === undefined ? undefined : `${token.rawName}=${token.value}: it takes no value`;
  // What looks like the next flag is one: a value that begins so is written --name=--value.
  const given = token.value !== undefined && (token.inlineValue || !token.value.startsWith('--'));
  return given ? undefined : `${token.rawName} needs a value: ${token.rawName} ${flag.value ?? 'VALUE'}`;
}

function one(value: string | boolean | (string | boolean)[] | undefined): string | boolean | undefined {
  return Array.isArray(value) ? value.at(-1) : value;
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
