import { forbidden } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { invalidObject, tooLargeResourceVersion } from '../errors.ts';
import type { Query } from '../query.ts';
import { versionOf } from './list-options.ts';

/** What the query of a watch says. */
export interface WatchOptions {
  /** Changes after this revision; undefined: what there is now comes first. */
  readonly from?: number;
  /** What there is now is followed by a bookmark that says so. */
  readonly marksInitialEnd: boolean;
  readonly bookmarks: boolean;
  /** Seconds until the watch ends. */
  readonly timeout?: number;
}

/** @param current the newest revision. @throws {ApiError} 422 for what does not go together, 504 for a revision that is not there yet. */
export function watchOptions(query: Query, current: number): WatchOptions {
  const causes = check(query);
  if (causes.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
  const version = versionOf(query);
  const initial = query.has('sendInitialEvents') ? query.flag('sendInitialEvents') : undefined;
  const bookmarks = query.flag('allowWatchBookmarks');
  if (initial === true && version !== undefined && version > current) throw tooLargeResourceVersion(version, current);
  const timeout = query.integer('timeoutSeconds');
  const first = initial ?? (version === undefined || version === 0);
  return {
    ...(first ? {} : { from: version === undefined || version === 0 ? current : version }),
    marksInitialEnd: initial === true && bookmarks,
    bookmarks,
    ...(timeout === undefined || timeout <= 0 ? {} : { timeout }),
  };
}

function check(query: Query): Cause[] {
  const match = query.get('resourceVersionMatch');
  if (!query.has('sendInitialEvents')) {
    return match === ''
      ? []
      : [forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')];
  }
  if (match === 'NotOlderThan') return [];
  const words = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
  return [forbidden('resourceVersionMatch', words)];
}
