import type { Json } from '../../meta/objects.ts';
import { appliedFields } from './applied-fields.ts';
import { difference, fieldSet, intersection, union } from './field-algebra.ts';
import type { FieldSet } from './field-set.ts';
import { isEmpty } from './field-set.ts';
import { withNamedFields } from './named-fields.ts';
import { removeFields } from './remove.ts';
import type { Type } from './type.ts';

/** Nobody need own an object's metadata: there is no object without. */
const always: FieldSet = fieldSet(['f:metadata']);

/**
 * `merged` without what its applier applied last time (`last`) and nobody owns now (`owned`: all managers, this one with what it applies
 * now). What nobody ever owned stays, unless it is in something that goes.
 */
export function prune(type: Type, merged: Json, last: FieldSet, owned: FieldSet): Json {
  if (isEmpty(difference(last, owned))) return merged;
  const all = withNamedFields(type, appliedFields(type, merged));
  const claimed = withNamedFields(type, last);
  const kept = union(fieldsWithout(type, merged, claimed), withNamedFields(type, owned));
  const left = fieldsWithout(type, merged, difference(all, union(kept, always)));
  return removeFields(type, merged, intersection(difference(all, union(left, always)), claimed), 'empty');
}

/** The fields of `value` once `gone` are removed. A container that is empty then counts as one of them: hence null, which is a leaf. */
function fieldsWithout(type: Type, value: Json, gone: FieldSet): FieldSet {
  return withNamedFields(type, appliedFields(type, removeFields(type, value, gone, 'null')));
}
