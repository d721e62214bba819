import type { UnknownObject } from '../../../meta/objects.ts';
import { badRequest } from '../errors.ts';
import type { Query } from '../query.ts';
import type { FieldReader, Resource } from '../registry/resource.ts';
import { parseFieldSelector } from './fields.ts';
import { parseLabelSelector } from './labels.ts';

/** Which objects of a kind a list or a watch is about. */
export interface Selection {
  readonly namespace?: string;
  /** Everything in the namespace. */
  readonly all: boolean;
  /** Whether `object`, in the version of the request, is selected. The namespace is not looked at. */
  matches(object: UnknownObject): boolean;
  /** The one name that can match, when there is just one. */
  readonly name?: string;
  /** A field that must have one value, by which objects can be found fast. */
  readonly exact?: { readonly field: string; readonly value: string; readonly read: FieldReader };
}

/** The selectors of `query` for `resource`. @throws {ApiError} 400 for one that can't be read, or a field that can't be selected by. */
export function selectionOf(resource: Resource, namespace: string | undefined, query: Query): Selection {
  const labels = parseLabelSelector(query.get('labelSelector'));
  const terms = parseFieldSelector(query.get('fieldSelector')).map((term) => ({ ...term, read: readerOf(resource, term.field) }));
  const exact = terms.find((term) => term.equal && !term.field.startsWith('metadata.'));
  const name = terms.find((term) => term.equal && term.field === 'metadata.name')?.value;
  const scope = namespace ?? terms.find((term) => term.equal && term.field === 'metadata.namespace' && resource.namespaced)?.value;
  return {
    ...(scope === undefined ? {} : { namespace: scope }),
    ...(name === undefined ? {} : { name }),
    ...(exact === undefined ? {} : { exact }),
    all: labels === undefined && terms.length === 0,
    matches: (object) => {
      if (labels !== undefined && !labels(object.metadata.labels)) return false;
      return terms.every((term) => (term.read(object) === term.value) === term.equal);
    },
  };
}

const metadataFields: Readonly<Record<string, FieldReader>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

function quoted(fields: Readonly<Record<string, FieldReader>>): string {
  return Object.keys(fields)
    .map((name) => JSON.stringify(name))
    .join(', ');
}

function readerOf(resource: Resource, field: string): FieldReader {
  const reader = Object.hasOwn(metadataFields, field) ? metadataFields[field] : resource.selectable.get(field);
  if (reader !== undefined) return reader;
  // Kinds with no fields of their own have other words for it.
  const simple = !resource.custom && resource.selectable.size === 0;
  throw badRequest(
    simple
      ? `${JSON.stringify(field)} is not a known field selector: only ${quoted(metadataFields)}`
      : `field label not supported: ${field}`,
  );
}
