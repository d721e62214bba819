import type { UnknownObject } from '../../../meta/objects.ts';
import { forbidden, invalid, tooLong } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { deepEqual } from '../../schema/json.ts';
import { jsonOf } from '../objects.ts';
import { plainStrategy } from '../registry/strategy.ts';
import { since } from '../table/ages.ts';
import { ageColumn, column, nameColumn } from '../table/columns.ts';
import { configMapKey, dnsSubdomain } from '../validate/names.ts';
import { fieldsAt, valueAt } from '../values.ts';
import { builtIn } from './builtin.ts';
import { configMapSchema } from './schemas/config.ts';

const maxSize = 1024 * 1024;

export const configMaps = builtIn({
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  shortNames: ['cm'],
  schema: configMapSchema,
  strategy: plainStrategy(dnsSubdomain, {
    validate: (object) => {
      const data = fieldsAt(object, 'data');
      const both = Object.keys(fieldsAt(object, 'binaryData')).filter((key) => Object.hasOwn(data, key));
      return [
        ...both.map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
        ...validateData(object, 'data', 'binaryData'),
      ];
    },
    validateUpdate: (next, before) => validateImmutable(next, before, 'data', 'binaryData'),
  }),
  table: {
    columns: [nameColumn, column('Data', 'string', 'How many keys there are.'), ageColumn],
    cells: (object, now) => [object.metadata.name, countOf(object, 'data', 'binaryData'), since(object.metadata.creationTimestamp, now)],
  },
});

export function countOf(object: UnknownObject, ...maps: readonly string[]): number {
  return maps.reduce((sum, map) => sum + Object.keys(fieldsAt(object, map)).length, 0);
}

/** Keys and the size of all values together. */
export function validateData(object: UnknownObject, ...maps: readonly string[]): Cause[] {
  const causes: Cause[] = [];
  let size = 0;
  for (const map of maps) {
    for (const [key, value] of Object.entries(fieldsAt(object, map))) {
      causes.push(...configMapKey(key).map((why) => invalid(`${map}[${key}]`, key, why)));
      size += typeof value === 'string' ? value.length : 0;
    }
  }
  return size > maxSize ? [...causes, tooLong('', maxSize)] : causes;
}

/** What an `immutable: true` forbids. */
export function validateImmutable(next: UnknownObject, before: UnknownObject, ...maps: readonly string[]): Cause[] {
  if (valueAt(before, 'immutable') !== true) return [];
  const causes = valueAt(next, 'immutable') === true ? [] : [forbidden('immutable', 'field is immutable when `immutable` is set')];
  const changed = maps.filter((map) => !deepEqual(jsonOf(fieldsAt(next, map)), jsonOf(fieldsAt(before, map))));
  return [...causes, ...changed.map((map) => forbidden(map, 'field is immutable when `immutable` is set'))];
}
