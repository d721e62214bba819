import { Duration } from '@marcbachmann/cel-js/evaluator';
import { dateOf, parseTime } from '../../../base/time.ts';
import type { Json } from '../../../meta/objects.ts';
import { isArray, isObject, type JsonObject } from '../json.ts';
import { isDate, isDateTime } from '../formats.ts';
import { parseNanoseconds } from './duration.ts';

/** Makes what rules see of a JSON value. @throws {InvalidData} when the value is not of its schema's type. */
export type Convert = (value: Json) => unknown;

/** The value is not what its schema says, so no rule can be judged on it. */
export class InvalidData extends Error {
  override name = 'InvalidData';
}

/** An object as rules see it: fields are converted when they are first read. */
export class ObjectValue {
  readonly #raw: JsonObject;
  readonly #converted = new Map<string, unknown>();
  constructor(raw: JsonObject) {
    this.#raw = raw;
  }
  static converter(type: new (raw: JsonObject) => ObjectValue): Convert {
    return (value) => {
      if (!isObject(value)) throw mismatch('a map', value);
      return new type(value);
    };
  }
  /** The JSON behind it. */
  static rawOf(value: ObjectValue): JsonObject {
    return value.#raw;
  }
  /** The field `name`; undefined when absent. */
  static read(value: ObjectValue, name: string, convert: Convert): unknown {
    if (value.#converted.has(name)) return value.#converted.get(name);
    const raw = Object.hasOwn(value.#raw, name) ? (value.#raw[name] ?? null) : undefined;
    const converted = raw === undefined ? undefined : convert(raw);
    value.#converted.set(name, converted);
    return converted;
  }
}

/** A field of an object type: the name in JSON, the identifier in rules. */
export interface FieldBinding {
  readonly name: string;
  readonly identifier: string;
  readonly convert: () => Convert;
}

/** The class of an object type, with one getter a field. */
export function objectClass(fields: readonly FieldBinding[]): new (raw: JsonObject) => ObjectValue {
  const type = class extends ObjectValue {};
  for (const { name, identifier, convert } of fields) {
    // The engine finds an object's type by its constructor.
    if (identifier === 'constructor') continue;
    let made: Convert | undefined;
    Object.defineProperty(type.prototype, identifier, {
      get(this: ObjectValue) {
        return ObjectValue.read(this, name, (made ??= convert()));
      },
    });
  }
  return type;
}

function mismatch(wanted: string, value: Json): InvalidData {
  return new InvalidData(`invalid data, expected ${wanted}, got ${isArray(value) ? 'list' : value === null ? 'null' : typeof value}`);
}

export const toInteger: Convert = (value) => {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw mismatch('int', value);
  return BigInt(value);
};

export const toDouble: Convert = (value) => {
  if (typeof value !== 'number') throw mismatch('float', value);
  return value;
};

export const toText: Convert = (value) => {
  if (typeof value !== 'string') throw mismatch('string', value);
  return value;
};

export const toBoolean: Convert = (value) => {
  if (typeof value !== 'boolean') throw mismatch('bool', value);
  return value;
};

export const toIntOrString: Convert = (value) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  throw new InvalidData('invalid data, expected XIntOrString value to be either a string or integer');
};

export const toTimestamp: Convert = (value) => {
  const ms = typeof value === 'string' && (isDate(value) || isDateTime(value)) ? parseTime(value) : undefined;
  if (ms === undefined) throw mismatch('a date or date-time', value);
  return dateOf(ms);
};

export const toDuration: Convert = (value) => {
  const nanoseconds = typeof value === 'string' ? parseNanoseconds(value) : undefined;
  if (nanoseconds === undefined) throw mismatch('a duration', value);
  return durationOf(nanoseconds);
};

export function durationOf(nanoseconds: bigint): Duration {
  return new Duration(nanoseconds / 1_000_000_000n, Number(nanoseconds % 1_000_000_000n));
}

export const toBytes: Convert = (value) => {
  if (typeof value !== 'string') throw mismatch('base64', value);
  return decodeBase64(value);
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function decodeBase64(text: string): Uint8Array {
  const digits = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const digit of digits) {
    const value = alphabet.indexOf(digit);
    if (value < 0) throw new InvalidData('invalid data, expected base64');
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = (bits >> held) & 0xff;
  }
  return bytes;
}

/** Items that need no conversion are seen as they stand in the JSON. */
export function toList(items: Convert, asIs: boolean): Convert {
  return (value) => {
    if (!isArray(value)) throw mismatch('an array', value);
    return asIs ? value : value.map(items);
  };
}

export function toMap(values: Convert, asIs: boolean): Convert {
  return (value) => {
    if (!isObject(value)) throw mismatch('a map', value);
    // A key of `constructor` would hide what the engine knows a map by.
    if (asIs && !Object.hasOwn(value, 'constructor')) return value;
    return new Map(Object.keys(value).map((key) => [key, values(value[key] ?? null)] as const));
  };
}

/** Null where null is allowed. */
export function nullable(convert: Convert): Convert {
  return (value) => (value === null ? null : convert(value));
}
