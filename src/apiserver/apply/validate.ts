import type { Json } from '../../meta/objects.ts';
import { printElement } from './element.ts';
import { isObject } from './json.ts';
import { itemElement, itemFault } from './list-items.ts';
import type { ListShape, MapShape, ScalarKind, Type } from './type.ts';

/** Something of a value that its type does not allow. */
export interface Fault {
  /** Such as `.spec.disks[name="root"].size`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** So that a hostile value gives no endless message. */
const most = 100;

/**
 * Where `value` does not have the form of its type; the first hundred. Null has every form. Says nothing of the values of scalars:
 * validation does.
 */
export function faultsOf(type: Type, value: Json): Fault[] {
  const faults: Fault[] = [];
  check(type, value, '', faults);
  return faults.slice(0, most);
}

function check(type: Type, value: Json, path: string, faults: Fault[]): void {
  if (value === null || faults.length >= most) return;
  if (Array.isArray(value)) {
    if (type.list === undefined) faults.push({ path, message: `expected ${expected(type)}, got a list` });
    else checkItems(type.list, value, path, faults);
  } else if (isObject(value)) {
    if (type.map === undefined) faults.push({ path, message: `expected ${expected(type)}, got a map` });
    else checkMembers(type.map, value, path, faults);
  } else if (!fits(type.scalar, value)) {
    faults.push({ path, message: `expected ${expected(type)}, got ${JSON.stringify(value)}` });
  }
}

function checkMembers(shape: MapShape, value: Readonly<Record<string, Json>>, path: string, faults: Fault[]): void {
  for (const [key, part] of Object.entries(value)) {
    const type = shape.fields.get(key) ?? shape.others;
    if (type === undefined) faults.push({ path: `${path}.${key}`, message: 'field not declared in schema' });
    else check(type, part, `${path}.${key}`, faults);
  }
}

function checkItems(shape: ListShape, items: readonly Json[], path: string, faults: Fault[]): void {
  const seen = new Set<string>();
  items.forEach((item, i) => {
    const element = shape.atomic ? `i:${String(i)}` : itemElement(shape, item);
    if (element === undefined) {
      faults.push({ path, message: `element ${String(i)}: ${itemFault(shape, item) ?? 'has no key'}` });
      return;
    }
    if (seen.has(element)) faults.push({ path, message: `duplicate entries for key ${printElement(element)}` });
    seen.add(element);
    check(shape.item, item, `${path}${printElement(element)}`, faults);
  });
}

function fits(scalar: ScalarKind | undefined, value: string | number | boolean): boolean {
  switch (scalar) {
    case undefined:
      return false;
    case 'string':
      return typeof value === 'string';
    case 'numeric':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'untyped':
      return true;
  }
}

function expected(type: Type): string {
  if (type.map !== undefined) return 'map';
  if (type.list !== undefined) return 'list';
  if (type.scalar === 'numeric') return 'numeric (int or float)';
  return type.scalar === 'untyped' ? 'any scalar' : (type.scalar ?? 'nothing');
}
