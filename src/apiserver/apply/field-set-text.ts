import { UserError } from '../../base/errors.ts';
import { canonicalElement } from './element.ts';
import type { FieldSet } from './field-set.ts';
import { asMember, emptySet, leaf, ordered } from './field-set.ts';
import { union } from './field-algebra.ts';
import { isObject } from './json.ts';

/**
 * FieldsV1 as a client wrote it, as a set. Elements of unknown kinds are left out, as a later version may know them.
 * @throws {UserError} when it is not FieldsV1.
 */
export function parseFieldSet(fields: unknown): FieldSet {
  if (fields === null || fields === undefined) return emptySet;
  return ordered(readNode(fields).children);
}

interface Node {
  readonly children: FieldSet;
  readonly own: boolean;
}

function readNode(fields: unknown): Node {
  if (!isObject(fields)) throw new UserError('fieldsV1 must be made of objects');
  const children: Record<string, FieldSet> = {};
  for (const key of Object.keys(fields)) {
    if (key === '.') continue;
    const element = canonicalElement(key);
    if (element === undefined) continue;
    const node = nodeOf(readNode(fields[key]));
    const before = children[element];
    children[element] = before === undefined ? node : (union({ [element]: before }, { [element]: node })[element] ?? leaf);
  }
  return { children: ordered(children), own: Object.hasOwn(fields, '.') };
}

function nodeOf(node: Node): FieldSet {
  if (Object.keys(node.children).length === 0) return leaf;
  return node.own ? asMember(node.children) : node.children;
}

/** Tells a set from other JSON by its outermost form. For sets that this server made itself, as those of stored objects. */
export function isFieldSet(fields: unknown): fields is FieldSet {
  return isObject(fields);
}
