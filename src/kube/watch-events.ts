import type { KubeObject } from '../meta/objects.ts';
import type { Kind } from '../meta/resource.ts';
import { ApiError, failure } from '../meta/status.ts';
import { Garbled, isRecord, isStatus, objectOf } from './answers.ts';

export type WatchEvent<T extends KubeObject> =
  { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T } | { readonly type: 'BOOKMARK'; readonly revision: string };

/**
 * One line of a watch.
 * @throws {ApiError} for what the server says went wrong, such as 410. @throws {Garbled} for what is no event: the stream is garbled.
 */
export function watchEvent<T extends KubeObject>(kind: Kind<T>, line: string): WatchEvent<T> {
  const event = parse(line);
  const object = event.object;
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: event.type, object: objectOf(kind, object) };
    case 'BOOKMARK':
      // Only its revision means anything; it may have no name.
      return { type: 'BOOKMARK', revision: revisionOf(object) };
    case 'ERROR':
      throw new ApiError(isStatus(object) ? object : failure(500, 'Unknown', 'the watch failed'));
    default:
      throw new Garbled('an event of unknown type');
  }
}

function parse(line: string): Record<string, unknown> {
  try {
    const event: unknown = JSON.parse(line);
    if (isRecord(event)) return event;
  } catch {
    // Said below.
  }
  throw new Garbled('an event that is not JSON');
}

function revisionOf(object: unknown): string {
  const metadata = isRecord(object) ? object.metadata : undefined;
  const revision = isRecord(metadata) ? metadata.resourceVersion : undefined;
  if (typeof revision !== 'string') throw new Garbled('a bookmark without a revision');
  return revision;
}
