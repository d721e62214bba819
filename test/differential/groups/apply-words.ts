/** The words in which scenarios of server-side apply are written. */
import { suiteGroup } from '../definitions.ts';
import { apply, quietly } from '../scenario.ts';
import type { RequestStep } from '../scenario.ts';

export const widgets = `/apis/${suiteGroup}/v1/namespaces/{id}/widgets`;
export const at = `${widgets}/{id}`;
export const captured = { rv: '/metadata/resourceVersion', uid: '/metadata/uid' };

export function widget(spec: object | undefined, more: { readonly metadata?: object; readonly [field: string]: unknown } = {}): object {
  const { metadata, ...fields } = more;
  return {
    apiVersion: `${suiteGroup}/v1`,
    kind: 'Widget',
    metadata: { name: '{id}', ...metadata },
    ...(spec === undefined ? {} : { spec }),
    ...fields,
  };
}

export const one = (spec: object | undefined, query = '', more = {}): RequestStep => apply('one', `${at}${query}`, widget(spec, more));
export const two = (spec: object | undefined, query = '', more = {}): RequestStep => apply('two', `${at}${query}`, widget(spec, more));
export const made = (spec: object): RequestStep => quietly({ ...one(spec), capture: captured });
export const red = { colour: 'red' };
