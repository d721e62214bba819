import { fieldSet } from '../../apply/field-algebra.ts';
import type { FieldSet } from '../../apply/field-set.ts';
import type { Resource } from '../registry/resource.ts';
import type { Door } from '../registry/strategy.ts';

const ownMetadata = ['labels', 'annotations', 'finalizers', 'ownerReferences'].map((field) => ['f:metadata', `f:${field}`]);
const identity: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** What a write through `door` leaves as it is, whatever it says: of it a writer owns nothing. */
export function resetFields(resource: Resource, door: Door): FieldSet | undefined {
  if (door === 'status') {
    const fields = Object.keys(resource.schema.properties ?? {}).filter((field) => !identity.has(field));
    return fieldSet(...fields.map((field) => [`f:${field}`]), ...(resource.custom ? ownMetadata : []));
  }
  return resource.subresources.has('status') ? fieldSet(['f:status']) : undefined;
}
