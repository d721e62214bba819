import { badRequest } from '../errors.ts';
import { isFields } from '../values.ts';
import type { Fields } from '../values.ts';
import { orderItems } from './order.ts';
import type { PatchSchema } from './schema.ts';
import { below, itemsOf } from './schema.ts';

const elementOrder = '$setElementOrder/';
const fromPrimitives = '$deleteFromPrimitiveList/';

/**
 * A strategic merge patch over `target`, as the built-in kinds take it: lists with a patchMergeKey are merged item by item.
 * `schema` says which lists those are. Neither `target` nor `patch` is changed.
 * @throws {ApiError} 400 for a directive that can't be followed.
 */
export function strategicPatch(target: unknown, patch: unknown, schema: PatchSchema | undefined): unknown {
  if (!isFields(patch)) return patch;
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw badRequest(`unrecognized type of $patch directive: ${JSON.stringify(directive)}`);
  const result = retained(isFields(target) ? target : {}, patch['$retainKeys']);
  for (const [name, value] of Object.entries(patch)) {
    if (name === '__proto__' || name === '$patch' || name === '$retainKeys' || name.startsWith(elementOrder)) continue;
    if (name.startsWith(fromPrimitives)) removePrimitives(result, name.slice(fromPrimitives.length), value);
    else merge(result, name, value, below(schema, name), orderOf(patch, name));
  }
  for (const name of Object.keys(patch)) reorder(result, patch, name, schema);
  return result;
}

function retained(target: Fields, keys: unknown): Fields {
  if (!Array.isArray(keys)) return { ...target };
  const kept: ReadonlySet<unknown> = new Set(keys);
  return Object.fromEntries(Object.entries(target).filter(([name]) => kept.has(name)));
}

function orderOf(patch: Fields, name: string): unknown[] | undefined {
  const order = patch[`${elementOrder}${name}`];
  return Array.isArray(order) ? order : undefined;
}

/** An order may stand without any change of its list: then the list is just put in that order. */
function reorder(result: Fields, patch: Fields, name: string, schema: PatchSchema | undefined): void {
  if (!name.startsWith(elementOrder)) return;
  const list = name.slice(elementOrder.length);
  const order = orderOf(patch, list);
  const items = result[list];
  if (Object.hasOwn(patch, list) || order === undefined || !Array.isArray(items)) return;
  result[list] = orderItems(items, order, below(schema, list)?.['x-kubernetes-patch-merge-key']);
}

function merge(result: Fields, name: string, value: unknown, schema: PatchSchema | undefined, order: readonly unknown[] | undefined): void {
  if (value === null) delete result[name];
  else if (Array.isArray(value)) result[name] = mergeList(result[name], value, schema, order);
  else if (isFields(value) && replaces(schema)) result[name] = withoutDirectives(value);
  else result[name] = isFields(value) ? strategicPatch(result[name], value, schema) : value;
}

function replaces(schema: PatchSchema | undefined): boolean {
  const strategies = (schema?.['x-kubernetes-patch-strategy'] ?? '').split(',');
  return strategies.includes('replace');
}

function mergeList(
  target: unknown,
  patch: readonly unknown[],
  schema: PatchSchema | undefined,
  order: readonly unknown[] | undefined,
): unknown[] {
  const merges = (schema?.['x-kubernetes-patch-strategy'] ?? '').split(',').includes('merge');
  if (!merges || schema === undefined || patch.some((item) => isFields(item) && item['$patch'] === 'replace')) return replaced(patch);
  const before = Array.isArray(target) ? target : [];
  const key = schema['x-kubernetes-patch-merge-key'];
  const merged = key === undefined ? union(before, patch) : mergeItems(before, patch, key, itemsOf(schema));
  return order === undefined ? merged : orderItems(merged, order, key);
}

function replaced(patch: readonly unknown[]): unknown[] {
  return patch.filter((item) => !(isFields(item) && item['$patch'] !== undefined && Object.keys(item).length === 1)).map(withoutDirectives);
}

function union(before: readonly unknown[], patch: readonly unknown[]): unknown[] {
  return [...new Set([...before, ...patch])];
}

function mergeItems(before: readonly unknown[], patch: readonly unknown[], key: string, schema: PatchSchema | undefined): unknown[] {
  const result = [...before];
  for (const item of patch) {
    if (!isFields(item)) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const id = item[key];
    if (id === undefined) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const at = result.findIndex((candidate) => isFields(candidate) && candidate[key] === id);
    if (item['$patch'] === 'delete') {
      if (at >= 0) result.splice(at, 1);
    } else if (at >= 0) result[at] = strategicPatch(result[at], item, schema);
    else result.push(strategicPatch({}, item, schema));
  }
  return result;
}

function removePrimitives(result: Fields, name: string, values: unknown): void {
  const before = result[name];
  if (!Array.isArray(values) || !Array.isArray(before)) return;
  const gone: ReadonlySet<unknown> = new Set(values);
  result[name] = before.filter((item) => !gone.has(item));
}

/** What is put whole keeps none of the directives and none of the nulls that it came with. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isFields(value)) return value;
  const kept = Object.entries(value).filter(([name, item]) => item !== null && !name.startsWith('$'));
  return Object.fromEntries(kept.map(([name, item]) => [name, withoutDirectives(item)]));
}
