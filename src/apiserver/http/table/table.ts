import type { UnknownObject } from '../../../meta/objects.ts';
import type { TableDefinition } from './columns.ts';

/** What of an object stands in its row: `includeObject` of the query. */
export type Include = 'None' | 'Metadata' | 'Object';

export interface TableForm {
  readonly version: 'v1' | 'v1beta1';
  readonly include: Include;
}

/** One row of a table, as JSON. `text` is the object's own JSON, when the row includes the whole of it. */
export function rowText(definition: TableDefinition, object: UnknownObject, text: string, form: TableForm, now: number): string {
  const cells = JSON.stringify(definition.cells(object, now));
  if (form.include === 'None') return `{"cells":${cells},"object":null}`;
  const included = form.include === 'Object' ? text : partialText(object, form.version);
  return `{"cells":${cells},"object":${included}}`;
}

/** The object as metav1.PartialObjectMetadata. */
export function partialText(object: UnknownObject, version: string): string {
  return JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata });
}

/** metav1.Table of rows that are JSON already. Without `definition` the columns are left out, as in a watch's later events. */
export function tableText(definition: TableDefinition | undefined, listMeta: object, rows: readonly string[], version: string): string {
  const columns = JSON.stringify(definition?.columns ?? null);
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":${JSON.stringify(listMeta)},"columnDefinitions":${columns},"rows":[${rows.join(',')}]}`;
}
