import type { UnknownObject } from '../../meta/objects.ts';
import type { Stored } from './types.ts';

/** `object` as of `revision`: a copy with that as its resource version. */
export function storedAt(key: string, revision: number, object: UnknownObject): Stored {
  const copy = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
  return { key, revision, object: copy, text: JSON.stringify(copy) };
}

/** What was read from disk. It is parsed when somebody looks: many are only ever listed as text. */
export function storedText(key: string, revision: number, text: string): Stored {
  let parsed: UnknownObject | undefined;
  return {
    key,
    revision,
    text,
    get object() {
      // The checksum has vouched for it: `storedAt` wrote it.
      parsed ??= JSON.parse(text) as UnknownObject;
      return parsed;
    },
  };
}
