import { describeCause, forbidden, notSupported } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { invalidObject, unreasoned } from '../errors.ts';
import type { Query } from '../query.ts';
import { isVersion, notAVersion, versionOf } from './list-options.ts';

/** What the query of a watch says. */
export interface WatchOptions {
  /** Changes after this revision; undefined: what there is now comes first. */
  readonly from?: number;
  /** What comes first is at least as new as this revision. */
  readonly notOlderThan?: number;
  /** What there is now is followed by a bookmark that says so. */
  readonly marksInitialEnd: boolean;
  readonly bookmarks: boolean;
  /** Seconds until the watch ends. */
  readonly timeout?: number;
}

/** @param current the newest revision. @throws {ApiError} 422 for what does not go together, 400 and 500 for what can't be read. */
export function watchOptions(query: Query, current: number): WatchOptions {
  const timeout = query.integer('timeoutSeconds');
  query.integer('limit');
  const asked = initialAsked(query);
  const causes = [...check(asked), ...(asked.match !== '' && query.get('continue') !== '' ? [forbidden(field, noContinue)] : [])];
  if (causes.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
  // As a real server has it: the word for the same mistake in a list is another.
  if (!isVersion(query)) throw unreasoned(describeCause(notAVersion(query.get('resourceVersion'))));
  const version = versionOf(query) ?? 0;
  const bookmarks = query.flag('allowWatchBookmarks');
  return {
    ...((asked.initial ?? version === 0) ? { notOlderThan: version } : { from: version === 0 ? current : version }),
    marksInitialEnd: asked.initial === true && bookmarks,
    bookmarks,
    ...(timeout === undefined || timeout <= 0 ? {} : { timeout }),
  };
}

interface Asked {
  readonly initial: boolean | undefined;
  readonly match: string;
}

/** Who names no version, or any, and says nothing else, asks for what there is to begin with. */
function initialAsked(query: Query): Asked {
  const match = query.get('resourceVersionMatch');
  if (query.has('sendInitialEvents')) return { initial: query.flag('sendInitialEvents'), match };
  const any = ['', '0'].includes(query.get('resourceVersion'));
  return match === '' && any ? { initial: true, match: newest } : { initial: undefined, match };
}

const field = 'resourceVersionMatch';
const newest = 'NotOlderThan';
const noContinue = 'resourceVersionMatch is forbidden when continue is provided';

function check({ initial, match }: Asked): Cause[] {
  const causes: Cause[] = [];
  if (initial !== undefined && match !== newest)
    causes.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  if (match === '') return causes;
  if (initial === undefined)
    causes.push(forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  if (match !== newest) causes.push(notSupported(field, match, [newest]));
  return causes;
}
