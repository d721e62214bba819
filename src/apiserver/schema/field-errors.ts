import type { Json } from '../../meta/objects.ts';
import type { StatusCause } from '../../meta/status.ts';
import { canonicalJson } from './json.ts';

export type CauseReason =
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueRequired'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

/** One thing wrong with one field, as kube-apiserver words it. A `StatusCause` whose parts are all there. */
export interface Cause extends StatusCause {
  reason: CauseReason;
  message: string;
  /** Such as `spec.disks[1].name`; `<nil>` where the fault has no field. */
  field: string;
}

/** The field of a cause that has none. */
export const noField = '<nil>';

/** A value that is not shown, because it is long or says nothing. */
export const omitted: unique symbol = Symbol('omitted');

const text: unique symbol = Symbol('text');

/** A value whose fields stand in the order of a struct of Go. */
interface Printed {
  readonly [text]: string;
}

/** `value` as it stands, its fields in their order. */
export function asPrinted(value: object): Printed {
  return { [text]: JSON.stringify(value) };
}

type Shown = Json | Printed | typeof omitted;

function cause(reason: CauseReason, field: string, words: string, detail: string): Cause {
  return { reason, message: detail === '' ? words : `${words}: ${detail}`, field };
}

function withValue(words: string, value: Shown): string {
  if (value === omitted) return words;
  return `${words}: ${isPrinted(value) ? value[text] : show(value)}`;
}

function isPrinted(value: Json | Printed): value is Printed {
  return typeof value === 'object' && value !== null && text in value;
}

/** As Go's `%v` for numbers and booleans, `%q` for strings, JSON for the rest. */
function show(value: Json): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number') return goNumber(value);
  return canonicalJson(value);
}

export function required(field: string, detail = ''): Cause {
  return cause('FieldValueRequired', field, 'Required value', detail);
}

export function invalid(field: string, value: Shown, detail: string): Cause {
  return cause('FieldValueInvalid', field, withValue('Invalid value', value), detail);
}

export function typeInvalid(field: string, value: Shown, detail: string): Cause {
  return cause('FieldValueTypeInvalid', field, withValue('Invalid value', value), detail);
}

export function notSupported(field: string, value: Json, supported: readonly string[]): Cause {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`;
  return cause('FieldValueNotSupported', field, withValue('Unsupported value', value), detail);
}

export function tooLong(field: string, max: number): Cause {
  return cause('FieldValueTooLong', field, 'Too long', `may not be more than ${String(max)} ${max === 1 ? 'byte' : 'bytes'}`);
}

export function tooMany(field: string, actual: number, max: number): Cause {
  const detail = `must have at most ${String(max)} ${max === 1 ? 'item' : 'items'}`;
  return cause('FieldValueTooMany', field, `Too many: ${String(actual)}`, detail);
}

export function duplicate(field: string, value: Shown): Cause {
  return cause('FieldValueDuplicate', field, withValue('Duplicate value', value), '');
}

export function forbidden(field: string, detail: string): Cause {
  return cause('FieldValueForbidden', field, 'Forbidden', detail);
}

/** `field: message`, as it stands in a Status message. */
export function describeCause(problem: Cause): string {
  return `${problem.field}: ${problem.message}`;
}

/**
 * The words after `… is invalid: ` in a Status: one fault stands alone, several in brackets, the same one only once.
 */
export function aggregate(problems: readonly Cause[]): string {
  const texts = [...new Set(problems.map(describeCause))];
  const [only] = texts;
  return texts.length === 1 && only !== undefined ? only : `[${texts.join(', ')}]`;
}

const goEscapes: Readonly<Record<string, string>> = { '\\u0007': '\\a', '\\u000b': '\\v' };

/** A string as Go's `%q` writes it. */
export function goQuote(text: string): string {
  return JSON.stringify(text)
    .replace(/\\u00([01][0-9a-f])/g, (escape, hex: string) => goEscapes[escape] ?? `\\x${hex}`)
    .replaceAll('\u007f', '\\x7f');
}

/** A number as Go's `%v` writes it: whole ones in full, fractions with an exponent of at least two digits. */
export function goNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (Number.isInteger(value) && magnitude < 2 ** 63) return BigInt(value).toString();
  const text = magnitude !== 0 && magnitude < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
