import type { FieldSet } from './field-set.ts';
import { asMember, hasChildren, leaf } from './field-set.ts';
import type { Type } from './type.ts';

/** `fields` with every container that the schema names and of which a part is in the set. Appliers own such parts, not the container. */
export function withNamedFields(type: Type | undefined, fields: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const element in fields) {
    const node = fields[element];
    if (node === undefined) continue;
    result[element] = hasChildren(node) ? withNamedPart(type, element, node) : node;
  }
  return result;
}

function withNamedPart(type: Type | undefined, element: string, node: FieldSet): FieldSet {
  const inner = withNamedFields(typeAt(type, element), node);
  const named = element.startsWith('f:') && type?.map?.fields.has(element.slice(2)) === true;
  return named ? asMember(inner) : inner;
}

/** The type below one element of a path; undefined where the schema says nothing of it. */
function typeAt(type: Type | undefined, element: string): Type | undefined {
  if (element.startsWith('f:')) return type?.map?.fields.get(element.slice(2)) ?? type?.map?.others;
  return element.startsWith('k:') ? type?.list?.item : undefined;
}

/**
 * `fields` as the type of today owns them: what was owned in parts and is atomic now is owned as a whole. (A schema may change under the
 * objects that are stored. What was atomic and has parts now needs nothing: it stays one field until it is written again.)
 */
export function fitToType(type: Type, fields: FieldSet): FieldSet {
  let result: Record<string, FieldSet> | undefined;
  for (const element in fields) {
    const node = fields[element];
    if (node === undefined || !hasChildren(node)) continue;
    const fitted = fitNode(typeAt(type, element), node);
    if (fitted !== node) (result ??= { ...fields })[element] = fitted;
  }
  return result ?? fields;
}

function fitNode(type: Type | undefined, node: FieldSet): FieldSet {
  if (type === undefined || (type.map !== undefined && type.list !== undefined)) return node;
  return type.map?.atomic === true || type.list?.atomic === true ? leaf : fitToType(type, node);
}
