import type { UnknownObject } from '../../../meta/objects.ts';
import type { Change, Stored } from '../../store/types.ts';
import type { Resource } from '../registry/resource.ts';
import { shown } from '../registry/resource.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** A change as the watchers of one resource see it; what is made of it for one of them is kept for the others. */
export interface WatchEvent {
  readonly change: Change;
  /** The object after the change, in the version of the resource. */
  readonly after: UnknownObject;
  /** The object before it; undefined when it was added. */
  readonly before: UnknownObject | undefined;
  /** The bytes for `type` in the form that `form` names, made once. */
  encoded(type: EventType, form: string, encode: (object: UnknownObject, text: () => string) => Uint8Array): Uint8Array;
}

export function watchEvent(resource: Resource, change: Change): WatchEvent {
  const made = new Map<string, Uint8Array>();
  const after = shown(resource, change.object);
  const before = change.before === undefined ? undefined : resource.conversion.fromStored(change.before.object);
  return {
    change,
    after: after.object,
    before,
    encoded: (type, form, encode) => {
      const key = `${type} ${form}`;
      const known = made.get(key);
      if (known !== undefined) return known;
      const leaves = type === 'DELETED' && change.type !== 'DELETED';
      const object = leaves ? left(before ?? after.object, change.object) : after.object;
      const bytes = encode(object, () => (leaves ? JSON.stringify(object) : after.text));
      made.set(key, bytes);
      return bytes;
    },
  };
}

/** What a watcher sees last of an object that it no longer selects: how it was, with the version of the change. */
function left(before: UnknownObject, { revision }: Stored): UnknownObject {
  return { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } };
}
