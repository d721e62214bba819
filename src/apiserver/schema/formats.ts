import { isMapped, parseCidr, parseIp } from '../../base/ip-address.ts';
import { parseUrl } from './url.ts';

/** What a `format` of a string accepts. */
export type FormatCheck = (text: string) => boolean;

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?([0-9a-f])[0-9a-f]{3}-?([0-9a-f])[0-9a-f]{3}-?[0-9a-f]{12}$/i;

function uuidOf(version: string, variant: RegExp): FormatCheck {
  return (text) => {
    const match = uuid.exec(text);
    return match !== null && match[1] === version && variant.test(match[2] ?? '');
  };
}

const shortName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const isShortName = (text: string): boolean => text.length <= 63 && shortName.test(text);

/** The formats of strings that Kubernetes checks, by name without dashes (`datetime` is `date-time` too); any other is ignored. */
const checks: ReadonlyMap<string, FormatCheck> = new Map<string, FormatCheck>([
  ['bsonobjectid', (text) => /^[0-9a-fA-F]{24}$/.test(text)],
  ['uri', (text) => parseUrl(text) !== undefined],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', isIpv4],
  ['ipv6', (text) => text.includes(':') && parseIp(text) !== undefined],
  ['cidr', (text) => parseCidr(text, true) !== undefined],
  ['mac', (text) => macs.some((pattern) => pattern.test(text))],
  ['uuid', (text) => uuid.test(text)],
  ['uuid3', uuidOf('3', /./)],
  ['uuid4', uuidOf('4', /[89ab]/i)],
  ['uuid5', uuidOf('5', /[89ab]/i)],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text)],
  ['rgbcolor', isRgbColor],
  ['byte', isBase64],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', isShortName],
  ['k8slongname', (text) => text.length <= 253 && text.split('.').every((part) => shortName.test(part))],
]);

/** The check of `format`; undefined when it is none that Kubernetes knows. */
export function formatCheck(format: string): FormatCheck | undefined {
  return checks.get(format.replaceAll('-', ''));
}

function isIpv4(text: string): boolean {
  const address = parseIp(text, true);
  return address !== undefined && (address.family === 4 || (isMapped(address) && text.includes('.')));
}

const fullDate = /^\d{4}-\d{2}-\d{2}$/;

/** RFC 3339 full-date. */
export function isDate(text: string): boolean {
  if (!fullDate.test(text)) return false;
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= days;
}

const dateTime = /^.{10}[tT]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[zZ]|[+-]\d{2}:\d{2})$/;

/** RFC 3339 date-time. */
export function isDateTime(text: string): boolean {
  if (!dateTime.test(text) || !isDate(text.slice(0, 10))) return false;
  return text.slice(11, 13) <= '23' && text.slice(14, 16) <= '59' && text.slice(17, 19) <= '59';
}

/** Go's duration, or whole numbers with units as Scala writes them (`3 days`). */
function isDuration(text: string): boolean {
  if (/^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) return true;
  return /\d\s*(ns|us|µs|ms|s|m|h|d|w|hr|wk|nano[a-z]*|micro[a-z]*|milli[a-z]*|sec[a-z]*|min[a-z]*|hour[a-z]*|day[a-z]*|week[a-z]*)(?![A-Za-z])/i.test(
    text,
  );
}

function isHostname(text: string): boolean {
  if (text.length > 255 || text.split('.').some((part) => part.length > 63)) return false;
  return /^[a-zA-Z0-9\p{S}\p{L}]([a-zA-Z0-9\p{S}\p{L}.-]*[a-zA-Z0-9\p{S}\p{L}])?$/u.test(text) && !/\.[-.]|-\./.test(text);
}

function isEmail(text: string): boolean {
  const bare = /^[^<>]*<([^<>]*)>$/.exec(text)?.[1] ?? text;
  const at = bare.lastIndexOf('@');
  return at > 0 && /^[^\s@]+$/.test(bare.slice(0, at)) && /^[^\s@.]+(\.[^\s@.]+)*$/.test(bare.slice(at + 1));
}

const macs: readonly RegExp[] = [6, 8, 20].flatMap((bytes) => [
  new RegExp(`^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){${String(bytes - 1)}}$`),
  new RegExp(`^[0-9a-fA-F]{2}(-[0-9a-fA-F]{2}){${String(bytes - 1)}}$`),
  new RegExp(`^[0-9a-fA-F]{4}(\\.[0-9a-fA-F]{4}){${String(bytes / 2 - 1)}}$`),
]);

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = [...digits].reduce((total, digit, i) => total + (i + 1) * (digit === 'X' ? 10 : Number(digit)), 0);
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{13}$/.test(digits)) return false;
  return [...digits].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  const issuer =
    /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;
  if (!issuer.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const doubled = i % 2 === 0 ? Number(digit) : Number(digit) * 2;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

function isRgbColor(text: string): boolean {
  const match = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text);
  return match?.slice(1).every((part) => Number(part) <= 255) === true;
}

/** Padded base64 of the standard alphabet. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
