import { Ajv, type ErrorObject } from 'ajv';
import { must } from '../../base/errors.ts';
import type { Json } from '../../meta/objects.ts';
import { formatOf, toAjvSchema } from './ajv-schema.ts';
import { formatCheck } from './formats.ts';
import { compilePattern } from './regex.ts';
import type { JsonSchema } from './schema.ts';

/** A value's faults, in ajv's words; empty when it has none. */
export type Validator = (value: Json) => readonly ErrorObject[];

/** Compiles the value validation of `schema`. Takes milliseconds: do it once a schema, when it is first needed. */
export function makeValidator(schema: JsonSchema): Validator {
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    verbose: true,
    validateSchema: false,
    addUsedSchema: false,
    meta: false,
    logger: false,
    ownProperties: true,
    code: { regExp: Object.assign((source: string) => neverFailing(source), { code: 'compilePattern' }) },
  });
  for (const [name, check] of numberFormats) ajv.addFormat(name, { type: 'number', validate: check });
  for (const name of stringFormats(schema)) ajv.addFormat(name, must(formatCheck(name), name));
  const validate = ajv.compile(toAjvSchema(schema));
  return (value) => (validate(value) ? [] : (validate.errors ?? []));
}

/** A CRD with a bad pattern is refused when it is made. Should one be there all the same, nothing matches it. */
function neverFailing(source: string): { test(text: string): boolean; toString(): string } {
  // ajv tells patterns apart by their text.
  const toString = (): string => source;
  try {
    return { ...compilePattern(source), toString };
  } catch {
    return { test: () => false, toString };
  }
}

/** A real server tells a fraction twice: it is no integer, and it is not in the range of any. */
const numberFormats: readonly (readonly [string, (value: number) => boolean])[] = [
  ['int32', (value) => isWithin(value, 2 ** 31)],
  ['int64', (value) => isWithin(value, 2 ** 63)],
  ['float', (value) => Number.isFinite(Math.fround(value))],
  ['double', () => true],
];

function isWithin(value: number, end: number): boolean {
  return Number.isInteger(value) && value >= -end && value < end;
}

function stringFormats(schema: JsonSchema, found = new Set<string>()): ReadonlySet<string> {
  const format = formatOf(schema);
  if (format !== undefined && schema.type !== 'integer' && schema.type !== 'number') found.add(format);
  const { additionalProperties, items, not } = schema;
  const nested = [...Object.values(schema.properties ?? {}), ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (typeof additionalProperties === 'object') nested.push(additionalProperties);
  if (items !== undefined && !Array.isArray(items)) nested.push(items);
  if (not !== undefined) nested.push(not);
  for (const child of nested) stringFormats(child, found);
  return found;
}
