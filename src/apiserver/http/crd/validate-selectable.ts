import { messageOf } from '../../../base/errors.ts';
import { fieldAt } from '../../schema/cel/field-path.ts';
import { duplicate, invalid, required, tooMany } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { structural } from '../../schema/structural.ts';
import type { SchemaNode } from '../../schema/structural.ts';
import { plainPath } from '../subresources/plain-path.ts';
import type { DefinitionVersion } from './definition.ts';

const most = 8;
const scalars = ['string', 'boolean', 'integer'];

/** What is wrong with a version's selectable fields, which stand at `place`: each is a scalar that the schema knows, outside of metadata. */
export function validateSelectable({ selectableFields: fields = [], schema }: DefinitionVersion, place: string): Cause[] {
  if (fields.length === 0) return [];
  const root = structural(schema?.openAPIV3Schema ?? {}, true);
  const causes = fields.flatMap(({ jsonPath }, i) => {
    const field = `${place}[${String(i)}].jsonPath`;
    const repeated = fields.slice(0, i).some((other) => other.jsonPath === jsonPath);
    return [...fieldCauses(field, jsonPath, root), ...(repeated ? [duplicate(field, jsonPath)] : [])];
  });
  return fields.length > most ? [...causes, tooMany(place, fields.length, most)] : causes;
}

function fieldCauses(field: string, jsonPath: string, root: SchemaNode): Cause[] {
  if (jsonPath === '') return [required(field)];
  try {
    const [first] = plainPath(jsonPath);
    const { node } = fieldAt(jsonPath, root);
    return [
      ...(first === 'metadata' ? [invalid(field, jsonPath, 'must not point to fields in metadata')] : []),
      ...(scalars.includes(node.type) ? [] : [invalid(field, jsonPath, notScalar)]),
    ];
  } catch (error) {
    return [invalid(field, jsonPath, `is an invalid path: ${messageOf(error)}`)];
  }
}

const notScalar = 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
