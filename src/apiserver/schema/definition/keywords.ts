import { forbidden, invalid, notSupported, required, type Cause } from '../field-errors.ts';
import type { JsonSchema } from '../schema.ts';
import { asJson, at, childPath, keyPath, type Located } from './walk.ts';

interface Place {
  readonly root: boolean;
  /** Why defaults may not stand here; undefined where they may. */
  readonly noDefaults: string | undefined;
}

const types: readonly string[] = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Keywords that a CRD's schema may not have, or not together. */
export function keywordCauses(schema: JsonSchema, path: string, place: Place = { root: true, noDefaults: undefined }): Cause[] {
  const causes = [
    ...typeKeywordCauses(schema, path, place),
    ...unsupported(schema, path),
    ...mapTypeCauses(schema, path),
    ...listTypeCauses(schema, path),
  ];
  for (const { located, inner } of childrenOf(schema, path, place)) causes.push(...keywordCauses(located.schema, located.path, inner));
  return causes;
}

function childrenOf(schema: JsonSchema, path: string, place: Place): { located: Located; inner: Place }[] {
  const same: Place = { ...place, root: false };
  const { additionalProperties, items, not } = schema;
  const children = Object.entries(schema.properties ?? {}).map(([name, child]) => ({
    located: { schema: child, path: keyPath(childPath(path, 'properties'), name) },
    inner: place.root && metaFields.has(name) ? { root: false, noDefaults: `in top-level ${name}` } : same,
  }));
  const others: Located[] = [
    ...(typeof additionalProperties === 'object' ? [{ schema: additionalProperties, path: childPath(path, 'additionalProperties') }] : []),
    ...(items !== undefined && !Array.isArray(items) ? [{ schema: items, path: childPath(path, 'items') }] : []),
    ...(not === undefined ? [] : [{ schema: not, path: childPath(path, 'not') }]),
    ...(['allOf', 'oneOf', 'anyOf'] as const).flatMap((junctor) => at(schema[junctor], childPath(path, junctor))),
  ];
  return [...children, ...others.map((located) => ({ located, inner: same }))];
}

const foreign = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;

function typeKeywordCauses(schema: JsonSchema, path: string, place: Place): Cause[] {
  const causes: Cause[] = [];
  const { type = '' } = schema;
  const typePath = childPath(path, 'type');
  if (type === 'null') causes.push(forbidden(typePath, 'type cannot be set to null, use nullable as an alternative'));
  if (type !== '' && !types.includes(type)) causes.push(notSupported(typePath, type, types));
  if (schema.default !== undefined && place.noDefaults !== undefined) {
    causes.push(forbidden(childPath(path, 'default'), `must not be set ${place.noDefaults}`));
  }
  if (place.root && schema.nullable === true) causes.push(forbidden(childPath(path, 'nullable'), 'nullable cannot be true at the root'));
  return causes;
}

function unsupported(schema: JsonSchema, path: string): Cause[] {
  const causes: Cause[] = [];
  const forbid = (keyword: string, words: string): void => void causes.push(forbidden(childPath(path, keyword), words));
  const { additionalProperties: additional } = schema;
  for (const keyword of foreign) if (Object.hasOwn(schema, keyword)) forbid(keyword, `${keyword} is not supported`);
  if (Array.isArray(schema.items)) forbid('items', 'items must be a schema object and not an array');
  if (schema.uniqueItems === true) forbid('uniqueItems', quadratic);
  const isMap = additional === false || typeof additional === 'object';
  if (isMap && Object.keys(schema.properties ?? {}).length > 0) {
    forbid('additionalProperties', 'additionalProperties and properties are mutual exclusive');
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    causes.push(invalid(childPath(path, 'x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'));
  }
  return causes;
}

const quadratic = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';

function mapTypeCauses(schema: JsonSchema, path: string): Cause[] {
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return [];
  const causes = wrongType(schema, path, 'object', 'must be object if x-kubernetes-map-type is specified');
  const known = ['atomic', 'granular'];
  return known.includes(mapType) ? causes : [...causes, notSupported(childPath(path, 'x-kubernetes-map-type'), mapType, known)];
}

function wrongType(schema: JsonSchema, path: string, wanted: string, words: string): Cause[] {
  const { type = '' } = schema;
  if (type === wanted) return [];
  return [type === '' ? required(childPath(path, 'type'), words) : invalid(childPath(path, 'type'), type, words)];
}

function listTypeCauses(schema: JsonSchema, path: string): Cause[] {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const place = childPath(path, 'x-kubernetes-list-type');
  const causes: Cause[] = [];
  if (keys.length > 0 && listType !== 'map') {
    const words = 'must be map if x-kubernetes-list-map-keys is non-empty';
    causes.push(listType === undefined ? required(place, words) : invalid(place, listType, words));
  }
  if (listType === undefined) return causes;
  causes.push(...wrongType(schema, path, 'array', 'must be array if x-kubernetes-list-type is specified'));
  const known = ['atomic', 'set', 'map'];
  if (!known.includes(listType)) causes.push(notSupported(place, listType, known));
  const items = Array.isArray(schema.items) ? undefined : schema.items;
  if (listType === 'set' && items !== undefined) causes.push(...setItemCauses(items, childPath(path, 'items')));
  if (listType === 'map') causes.push(...mapKeyCauses(schema, items, keys, path));
  if ((listType === 'set' || listType === 'map') && items?.nullable === true) {
    causes.push(forbidden(childPath(path, 'items.nullable'), `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  }
  return causes;
}

function setItemCauses(items: JsonSchema, path: string): Cause[] {
  const words = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const [listType, mapType] = [items['x-kubernetes-list-type'], items['x-kubernetes-map-type']];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalid(childPath(path, 'x-kubernetes-list-type'), listType, words)];
  }
  if (items.type === 'object' && mapType !== 'atomic') return [invalid(childPath(path, 'x-kubernetes-map-type'), listType ?? null, words)];
  return [];
}

function mapKeyCauses(schema: JsonSchema, items: JsonSchema | undefined, keys: readonly string[], path: string): Cause[] {
  const place = childPath(path, 'x-kubernetes-list-map-keys');
  const causes: Cause[] = [];
  if (keys.length === 0) causes.push(required(place, 'must not be empty if x-kubernetes-list-type is map'));
  if (schema.items === undefined) causes.push(required(childPath(path, 'items'), 'must have a schema if x-kubernetes-list-type is map'));
  if (items === undefined) return causes;
  if (items.type !== 'object') {
    const words = "must be object if parent array's x-kubernetes-list-type is map";
    return [...causes, invalid(childPath(path, 'items.type'), items.type ?? '', words)];
  }
  for (const [i, key] of keys.entries()) {
    const property = items.properties?.[key];
    if (property === undefined) causes.push(invalid(place, asJson(keys), 'entries must all be names of item properties'));
    else causes.push(...keyCauses(property, items, key, keyPath(childPath(path, 'items.properties'), key)));
    if (keys.indexOf(key) !== i) causes.push(invalid(place, asJson(keys), 'must not contain duplicate entries'));
  }
  return causes;
}

function keyCauses(property: JsonSchema, items: JsonSchema, key: string, path: string): Cause[] {
  const causes: Cause[] = [];
  if (property.type === 'array' || property.type === 'object') {
    causes.push(invalid(childPath(path, 'type'), 'object', "must be a scalar type if parent array's x-kubernetes-list-type is map"));
  }
  if (items.required?.includes(key) !== true && property.default === undefined) {
    const words = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
    causes.push(required(childPath(path, 'default'), words));
  }
  if (property.nullable === true) {
    causes.push(forbidden(childPath(path, 'nullable'), 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'));
  }
  return causes;
}
