import { UserError } from './errors.ts';

/** `metav1.Time`: whole seconds, UTC, such as `2026-03-01T12:00:00Z`. */
export function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** `metav1.MicroTime`, as Leases and Events have it: six digits after the point. */
export function rfc3339Micro(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 23)}000Z`;
}

/** Milliseconds since 1970, or undefined when `text` is not a date and time. */
export function parseTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Go's duration syntax without fractions and signs (`30s`, `5m`, `1h30m`), in milliseconds. @throws {UserError} for anything else. */
export function parseDuration(text: string): number {
  if (!/^(\d+(ms|s|m|h))+$/.test(text)) {
    throw new UserError(`"${text}" is not a duration: write a whole number with ms, s, m or h, such as 30s or 1h30m`);
  }
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h)/g)) total += Number(count) * (units[unit ?? ''] ?? 0);
  return total;
}

/** A Date, for libraries that speak of time so. */
export function dateOf(ms: number): Date {
  return new Date(ms);
}

/** Whether `value` is a Date. */
export function isDateValue(value: unknown): value is Date {
  return value instanceof Date;
}

/** An HTTP date, such as `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString();
}

/** Milliseconds in the syntax that `parseDuration` reads: exact below ten seconds, else in whole seconds. `1300` → `1300ms`, `90000` → `1m30s`. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 10_000 && whole % 1000 !== 0) return `${String(whole)}ms`;
  const seconds = Math.round(whole / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ];
  const said = parts.flatMap(([count, unit]) => (count > 0 ? [`${String(count)}${unit}`] : []));
  return said.length === 0 ? '0s' : said.join('');
}
