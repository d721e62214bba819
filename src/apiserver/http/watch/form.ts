import { apiVersionOf } from '../../../meta/resource.ts';
import type { UnknownObject } from '../../../meta/objects.ts';
import type { Form } from '../accept.ts';
import { kubeObjectOf } from '../objects.ts';
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
  /** The form of all events after the first, where that is another. */
  readonly later?: EventForm;
}

/** One event of a watch: a line of JSON. */
export function line(type: string, object: string): Uint8Array {
  return encoder.encode(`{"type":"${type}","object":${object}}\n`);
}

/** The form that a client asked for. `now` tells the time for ages. */
export function eventForm(resource: Resource, form: Form, query: Query, now: () => number): EventForm {
  if (form.as === 'Object') {
    return {
      key: '',
      encode: (type, _object, text) => line(type, text()),
      bookmark: (...at) => line('BOOKMARK', JSON.stringify(bookmarkOf(resource, ...at))),
    };
  }
  if (form.as === 'PartialObjectMetadata') {
    const encode = (type: string, object: UnknownObject): Uint8Array => line(type, partialText(object, form.version));
    return { key: `partial ${form.version}`, encode, bookmark: (...at) => encode('BOOKMARK', bookmarkOf(resource, ...at)) };
  }
  const { version, include } = tableForm(query, form);
  const tables = (columns: boolean): EventForm => {
    const told = (type: string, { metadata }: UnknownObject, row: string): Uint8Array =>
      line(type, tableText(columns ? resource.table : undefined, { resourceVersion: metadata.resourceVersion }, [row], version));
    return {
      key: `table ${version} ${include} ${columns ? 'first' : 'later'}`,
      encode: (type, object, text) =>
        told(type, object, rowText(resource.table, object, include === 'Object' ? text() : '', { version, include }, now())),
      bookmark: (...at) => {
        const object = bookmarkOf(resource, ...at);
        // The cells of an object that has no name.
        const nameless = { ...object, metadata: { ...object.metadata, name: '' } };
        const text = include === 'Object' ? JSON.stringify(object) : partialText(object, version);
        const whole = include === 'None' ? include : 'Object';
        return told('BOOKMARK', object, rowText(resource.table, nameless, text, { version, include: whole }, now()));
      },
    };
  };
  // The columns are told once.
  return { ...tables(true), later: tables(false) };
}

function bookmarkOf(resource: Resource, revision: number, end: boolean): UnknownObject {
  const annotations = end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return kubeObjectOf({
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata: { resourceVersion: String(revision), ...annotations },
  });
}
