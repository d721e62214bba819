import { object, text } from '../words.ts';
import type { PatchSchema } from '../../patch/schema.ts';

/** core/v1 ObjectReference. */
export function objectReference(description: string): PatchSchema {
  return {
    ...object(description, {
      kind: text('Kind of the object.'),
      namespace: text('Namespace of the object.'),
      name: text('Name of the object.'),
      uid: text('UID of the object.'),
      apiVersion: text('API version of the object.'),
      resourceVersion: text('The version of the object that is meant.'),
      fieldPath: text('The part of the object that is meant.'),
    }),
    'x-kubernetes-map-type': 'atomic',
  };
}

/** core/v1 LocalObjectReference. */
export function localReference(description: string): PatchSchema {
  return { ...object(description, { name: text('Name of the object, in the same namespace.') }), 'x-kubernetes-map-type': 'atomic' };
}
