import type { UnknownObject } from '../../../meta/objects.ts';
import { invalid } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import type { Resource } from '../registry/resource.ts';
import type { Door } from '../registry/strategy.ts';
import { isFields } from '../values.ts';

/** What the scale of a custom resource could not be read from: besides its schema, which may forbid less. */
export function validateScale({ subresources }: Resource, object: UnknownObject, door: Door): Cause[] {
  const scale = subresources.get('scale');
  if (scale?.name !== 'scale') return [];
  const { specReplicas, statusReplicas, selector } = scale.paths;
  if (door !== 'status') return replicasAt(object, specReplicas);
  return [...replicasAt(object, statusReplicas), ...(selector === undefined ? [] : textIn(object, selector))];
}

const most = 2 ** 31 - 1;

function replicasAt(object: UnknownObject, path: readonly string[]): Cause[] {
  const field = `.${path.join('.')}`;
  const found = look(object, path, 'int64', (value) => typeof value === 'number' && Number.isInteger(value));
  if (typeof found === 'string') return [invalid(field, 0, found)];
  const { value } = found;
  if (typeof value !== 'number') return [];
  if (value < 0) return [invalid(field, value, 'should be a non-negative integer')];
  return value > most ? [invalid(field, value, `should be less than or equal to ${String(most)}`)] : [];
}

function textIn(object: UnknownObject, path: readonly string[]): Cause[] {
  const found = look(object, path, 'string', (value) => typeof value === 'string');
  return typeof found === 'string' ? [invalid(`.${path.join('.')}`, '', found)] : [];
}

/** The value at `path`, if there is one; or why it can not be looked up, in the words of apimachinery's helpers for unstructured objects. */
function look(
  object: unknown,
  path: readonly string[],
  type: string,
  fits: (value: unknown) => boolean,
): { readonly value: unknown } | string {
  let value = object;
  for (const [i, name] of path.entries()) {
    if (!isFields(value)) return accessorError(path.slice(0, i + 1), value, 'map[string]interface{}');
    value = value[name];
    if (value === undefined) return { value };
  }
  return fits(value) ? { value } : accessorError(path, value, type);
}

function accessorError(path: readonly string[], value: unknown, expected: string): string {
  return `.${path.join('.')} accessor error: ${shown(value)} is of the type ${goType(value)}, expected ${expected}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map[string]interface {}';
}
