import { UserError } from './errors.ts';

/** `metav1.Time`: whole seconds, UTC, such as `2026-03-01T12:00:00Z`. */
export function rfc3339(ms: number): string {
  return `${toSeconds(ms)}Z`;
}

/** `metav1.MicroTime`, as Leases and Events have it: six digits after the point. */
export function rfc3339Micro(ms: number): string {
  const whole = Math.trunc(ms);
  return `${toSeconds(whole)}.${padded(((whole % 1000) + 1000) % 1000, 3)}000Z`;
}

const dayMs = 86_400_000;
/** The first millisecond of a year that has five digits. */
const lastMs = 253_402_300_800_000;

/** `2026-03-01T12:00:00`, by arithmetic: this is asked for with every write, and a Date with all its parts takes several times as long. */
function toSeconds(ms: number): string {
  if (!(ms >= 0 && ms < lastMs)) return new Date(ms).toISOString().slice(0, 19);
  const days = Math.floor(ms / dayMs);
  const second = Math.floor((ms - days * dayMs) / 1000);
  const minute = Math.floor(second / 60);
  const time = `${padded(Math.floor(minute / 60), 2)}:${padded(minute % 60, 2)}:${padded(second % 60, 2)}`;
  return `${calendarDate(days)}T${time}`;
}

/** The Gregorian date so many days after 1970-01-01, counted in eras of 400 years that begin with March. */
function calendarDate(days: number): string {
  const sinceZero = days + 719_468;
  const era = Math.floor(sinceZero / 146_097);
  const day = sinceZero - era * 146_097;
  const year = Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365);
  const dayOfYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const dayOfMonth = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return `${padded(era * 400 + year + (month <= 2 ? 1 : 0), 4)}-${padded(month, 2)}-${padded(dayOfMonth, 2)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
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
