/**
 * The words in which a kind is written down, once: each gives the TypeScript type and the piece of structural OpenAPI schema at the same time.
 * A property is required unless it is `optional` or has a default; one with a default is always there when read.
 */
import { Type, type Static, type TSchema, type TUnsafe } from 'typebox';

export type { Static, TSchema } from 'typebox';

/** A CEL rule. `fieldPath` starts with a dot and is relative to where the rule stands. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  readonly fieldPath?: string;
}

type Properties = Record<string, TSchema>;

function described<T>(description: string, keywords: object): TUnsafe<T> {
  return Type.Unsafe<T>({ description, ...keywords });
}

/** An object of fixed properties. */
export function object<P extends Properties>(description: string, properties: P, rules: readonly Rule[] = []) {
  return Type.Object(properties, { description, ...(rules.length === 0 ? {} : { 'x-kubernetes-validations': rules }) });
}

/** May be absent. */
export function optional<T extends TSchema>(schema: T) {
  return Type.Optional(schema);
}

/** May be left out when written; the server puts `value` there. Never inside a list's items. */
export function defaulted<T extends TSchema>(schema: T, value: unknown): T {
  return { ...schema, default: value };
}

/** `schema` with CEL rules of its own, besides those that it has. */
export function ruled<T extends TSchema>(schema: T, ...rules: readonly Rule[]): T {
  const before: readonly unknown[] = [Reflect.get(schema, 'x-kubernetes-validations') ?? []].flat();
  return { ...schema, 'x-kubernetes-validations': [...before, ...rules] };
}

/** Free text of at most `maxLength` characters. */
export function text(description: string, maxLength: number, pattern?: string): TUnsafe<string> {
  return described(description, { type: 'string', maxLength, ...(pattern === undefined ? {} : { pattern }) });
}

/** A whole number. */
export function integer(description: string, minimum: number, maximum: number): TUnsafe<number> {
  return described(description, { type: 'integer', format: maximum > 2 ** 31 - 1 ? 'int64' : 'int32', minimum, maximum });
}

export function boolean(description: string): TUnsafe<boolean> {
  return described(description, { type: 'boolean' });
}

/** One of a few words. */
export function choice<const V extends string>(description: string, ...values: readonly V[]): TUnsafe<V> {
  return described(description, { type: 'string', enum: values });
}

/** A name in a catalogue, or of an object: never a path. */
export function name(description: string, maxLength = 63): TUnsafe<string> {
  return described(description, { type: 'string', minLength: 1, maxLength, pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$' });
}

const nonZero = '([0-9]*[1-9][0-9]*(\\.[0-9]*)?|[0-9]*\\.[0-9]*[1-9][0-9]*)';
const number = '([0-9]+(\\.[0-9]*)?|\\.[0-9]+)';
const unit = '([KMGTPE]i|[mkMGTPE]|[eE][+]?[0-9]{1,2})?';

/** A Kubernetes quantity greater than zero, as a string (`512Mi`, `10G`, `500m`) or a whole number. */
export function quantity(description: string): TUnsafe<string | number> {
  return described(description, {
    'x-kubernetes-int-or-string': true,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    minimum: 1,
    maxLength: 32,
    pattern: `^\\+?${nonZero}${unit}$`,
  });
}

/** A whole quantity within bounds that are quantities too, or `Unlimited`. */
export function quantityOrUnlimited(description: string, from: string, to: string): TUnsafe<string | number> {
  const amount = 'quantity(string(self))';
  return ruled(
    { ...quantity(description), pattern: `^(Unlimited|\\+?${nonZero}${unit})$` },
    {
      rule: `string(self) == 'Unlimited' || (${amount}.isInteger() && ${amount}.compareTo(quantity('${from}')) >= 0 && ${amount}.compareTo(quantity('${to}')) <= 0)`,
      message: `must be a whole number from ${from} to ${to}, such as 100M, or Unlimited`,
    },
  );
}

/** A quantity of bytes, whole ones, within bounds that are quantities too. */
export function byteQuantity(description: string, from: string, to: string): TUnsafe<string | number> {
  const amount = 'quantity(string(self))';
  const schema = from === '0' ? { ...quantity(description), minimum: 0, pattern: `^\\+?${number}${unit}$` } : quantity(description);
  return ruled(schema, {
    rule: `${amount}.isInteger() && ${amount}.compareTo(quantity('${from}')) >= 0 && ${amount}.compareTo(quantity('${to}')) <= 0`,
    message: `must be a whole number of bytes from ${from} to ${to}, such as 512Mi`,
  });
}

const durationPattern = '^([0-9]{1,6}(ms|s|m|h))+$';

/** A number of things, at least one, or a share of them: `3`, `10%`. */
export function countOrPercent(description: string): TUnsafe<string | number> {
  return described(description, {
    'x-kubernetes-int-or-string': true,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    minimum: 1,
    maxLength: 4,
    pattern: '^([1-9][0-9]?|100)%$',
  });
}

/** `30s`, `5m`, `1h30m`. */
export function duration(description: string): TUnsafe<string> {
  return described(description, { type: 'string', maxLength: 16, pattern: durationPattern });
}

/** A duration within bounds, both included. */
export function durationWithin(description: string, from: string, to: string): TUnsafe<string> {
  return ruled(duration(description), {
    // What is no duration has been told so already.
    rule: `!self.matches('${durationPattern}') || (duration(self) >= duration('${from}') && duration(self) <= duration('${to}'))`,
    message: `must be a duration from ${from} to ${to}`,
  });
}

/** RFC 3339. */
export function time(description: string): TUnsafe<string> {
  return described(description, { type: 'string', format: 'date-time', maxLength: 40 });
}

const labelWord = '([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)';
const labelKeyPattern = `^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?${labelWord}$`;
/** A DNS subdomain, a slash, and 63 characters. */
const longestLabelKey = 317;

/** The key of a label or a taint: `zone`, `topology.kubernetes.io/zone`. */
export function labelKey(description: string): TUnsafe<string> {
  return text(description, longestLabelKey, labelKeyPattern);
}

/** The value of a label or a taint; may be empty. */
export function labelValue(description: string): TUnsafe<string> {
  return text(description, 63, `^${labelWord}?$`);
}

/** Label keys and values. */
export function labels(description: string): TUnsafe<Record<string, string>> {
  const keys = described<Record<string, string>>(description, {
    type: 'object',
    maxProperties: 64,
    additionalProperties: { type: 'string', maxLength: 63, pattern: `^${labelWord}?$` },
  });
  return ruled(keys, {
    rule: `self.all(key, key.size() <= ${String(longestLabelKey)} && key.matches('${labelKeyPattern}'))`,
    message: 'keys must be those of labels, such as zone or topology.kubernetes.io/zone',
  });
}

/** Names of a catalogue, each with a text. */
export function textsByName(
  description: string,
  maxProperties: number,
  maxLength: number,
  pattern: string,
): TUnsafe<Record<string, string>> {
  const texts = described<Record<string, string>>(description, {
    type: 'object',
    maxProperties,
    additionalProperties: { type: 'string', maxLength, pattern },
  });
  return ruled(texts, {
    rule: "self.all(key, key.size() <= 63 && key.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$'))",
    message: 'keys must be names of lower-case letters, digits, dots and dashes',
  });
}

/** A list whose items are told apart by `keys`: each applier owns its own items. */
export function mapOf<T extends TSchema>(description: string, item: T, keys: readonly string[], maxItems: number) {
  return Type.Unsafe<Static<T>[]>({
    description,
    type: 'array',
    items: item,
    maxItems,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
  });
}

/** A list without repeats. */
export function setOf<T extends TSchema>(description: string, item: T, maxItems: number) {
  return Type.Unsafe<Static<T>[]>({ description, type: 'array', items: item, maxItems, 'x-kubernetes-list-type': 'set' });
}

/** A list that one applier owns whole; its order counts. */
export function listOf<T extends TSchema>(description: string, item: T, maxItems: number) {
  return Type.Unsafe<Static<T>[]>({ description, type: 'array', items: item, maxItems, 'x-kubernetes-list-type': 'atomic' });
}
