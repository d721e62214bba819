/** The words in which schemas of the built-in kinds are written. */
import type { Json } from '../../../meta/objects.ts';
import type { PatchSchema } from '../patch/schema.ts';

type Properties = Record<string, PatchSchema>;

function described(description: string, schema: PatchSchema): PatchSchema {
  return description === '' ? schema : { description, ...schema };
}

export function text(description = '', more: PatchSchema = {}): PatchSchema {
  return described(description, { type: 'string', ...more });
}

export function integer(description = '', more: PatchSchema = {}): PatchSchema {
  return described(description, { type: 'integer', format: 'int32', ...more });
}

export function long(description = '', more: PatchSchema = {}): PatchSchema {
  return described(description, { type: 'integer', format: 'int64', ...more });
}

export function boolean(description = '', more: PatchSchema = {}): PatchSchema {
  return described(description, { type: 'boolean', ...more });
}

/** RFC 3339. */
export function time(description = ''): PatchSchema {
  return described(description, { type: 'string', format: 'date-time' });
}

export function intOrString(description = ''): PatchSchema {
  return described(description, { 'x-kubernetes-int-or-string': true });
}

/** resource.Quantity: a string, or a number. */
export function quantity(description = ''): PatchSchema {
  return described(description, { 'x-kubernetes-int-or-string': true });
}

export function object(description: string, properties: Properties, ...requiredNames: readonly string[]): PatchSchema {
  return described(description, { type: 'object', properties, ...(requiredNames.length === 0 ? {} : { required: [...requiredNames] }) });
}

/** An object that one applier owns whole. */
export function atomicObject(description: string, properties: Properties, ...requiredNames: readonly string[]): PatchSchema {
  return { ...object(description, properties, ...requiredNames), 'x-kubernetes-map-type': 'atomic' };
}

export function mapOf(values: PatchSchema, description = ''): PatchSchema {
  return described(description, { type: 'object', additionalProperties: values });
}

export function textMap(description = ''): PatchSchema {
  return mapOf({ type: 'string' }, description);
}

export function quantityMap(description = ''): PatchSchema {
  return mapOf(quantity(), description);
}

/** A list that one applier owns whole. */
export function listOf(items: PatchSchema, description = ''): PatchSchema {
  return described(description, { type: 'array', items, 'x-kubernetes-list-type': 'atomic' });
}

/** A list without repeats, merged by strategic patches too. */
export function setOf(items: PatchSchema, description = ''): PatchSchema {
  return described(description, { type: 'array', items, 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': 'merge' });
}

/** A list whose items are told apart by `keys`; a strategic patch knows them by the first. */
export function keyed(items: PatchSchema, keys: readonly [string, ...string[]], description = ''): PatchSchema {
  return described(description, {
    type: 'array',
    items,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': [...keys],
    'x-kubernetes-patch-strategy': 'merge',
    'x-kubernetes-patch-merge-key': keys[0],
  });
}

/** An object of which this server knows the place and not the inside: it is kept as it is. */
export function opaque(description = ''): PatchSchema {
  return described(description, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
}

export function defaulted(schema: PatchSchema, value: Json): PatchSchema {
  return { ...schema, default: value };
}
