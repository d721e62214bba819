import { apiVersionOf } from '../../../meta/resource.ts';
import type { UnknownObject } from '../../../meta/objects.ts';
import type { Form } from '../accept.ts';
import type { Query } from '../query.ts';
import type { Resource } from '../registry/resource.ts';
import { partialText, rowText, tableText } from '../table/table.ts';
import { tableForm } from '../verbs/present.ts';

const encoder = new TextEncoder();

/** How the objects of a watch are written. */
export interface EventForm {
  /** Equal keys write equally. */
  readonly key: string;
  encode(type: string, object: UnknownObject, text: () => string): Uint8Array;
  bookmark(revision: number, initialEventsEnd: boolean): Uint8Array;
}

/** One event of a watch: a line of JSON. */
export function line(type: string, object: string): Uint8Array {
  return encoder.encode(`{"type":"${type}","object":${object}}\n`);
}

/** The form that a client asked for. `now` tells the time for ages. */
export function eventForm(resource: Resource, form: Form, query: Query, now: () => number): EventForm {
  const bookmark = (revision: number, end: boolean): Uint8Array => line('BOOKMARK', JSON.stringify(bookmarkOf(resource, revision, end)));
  if (form.as === 'Object') return { key: '', encode: (type, _object, text) => line(type, text()), bookmark };
  if (form.as === 'PartialObjectMetadata') {
    return { key: `partial ${form.version}`, encode: (type, object) => line(type, partialText(object, form.version)), bookmark };
  }
  const table = tableForm(query, form);
  return {
    key: `table ${form.version} ${table.include}`,
    encode: (type, object, text) => {
      const row = rowText(resource.table, object, table.include === 'Object' ? text() : '', table, now());
      return line(type, tableText(resource.table, { resourceVersion: object.metadata.resourceVersion }, [row], form.version));
    },
    bookmark,
  };
}

function bookmarkOf(resource: Resource, revision: number, end: boolean): object {
  const annotations = end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata: { resourceVersion: String(revision), creationTimestamp: null, ...annotations },
  };
}
