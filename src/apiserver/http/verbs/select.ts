import { ApiError } from '../../../meta/status.ts';
import { Compacted } from '../../store/types.ts';
import type { Listing, Stored } from '../../store/types.ts';
import { expired } from '../errors.ts';
import { shown, storageKey } from '../registry/resource.ts';
import type { Call } from '../server.ts';
import type { Selection } from '../selectors/selection.ts';
import { encodeContinue, listExpired } from './list-options.ts';
import type { ListOptions } from './list-options.ts';

/** The selected objects, all as of one revision. */
export interface Selected {
  readonly items: readonly Stored[];
  readonly revision: number;
  /** When there may be more: the key after which the next page begins. */
  readonly next?: string;
  /** How many are left; undefined when only looking would tell. */
  readonly remaining?: number;
}

const chunk = 500;

/** Looks up what `selection` selects, a page of it if a limit is given. @throws {ApiError} 410 when the revision that is asked for is gone. */
export function select(call: Call, selection: Selection, options: ListOptions): Selected {
  const one = single(call, selection, options);
  if (one !== undefined) return one;
  const prefix = prefixOf(call, selection);
  const at = options.continued === undefined ? options.exact : options.continued.revision || undefined;
  let page = readPage(call, prefix, { at, after: options.continued?.after, limit: firstLimit(selection, options) });
  if (selection.all) return { items: page.items, revision: page.revision, ...rest(page) };
  const items: Stored[] = [];
  for (;;) {
    for (const [i, stored] of page.items.entries()) {
      if (!selection.matches(shown(call.resource, stored).object)) continue;
      items.push(stored);
      const more = i + 1 < page.items.length || page.next !== undefined;
      if (items.length === options.limit) return { items, revision: page.revision, ...(more ? { next: stored.key } : {}) };
    }
    if (page.next === undefined) return { items, revision: page.revision };
    page = readPage(call, prefix, { at: page.revision, after: page.next, limit: chunk });
  }
}

function rest(page: Listing): Pick<Selected, 'next' | 'remaining'> {
  return page.next === undefined ? {} : { next: page.next, remaining: page.remaining };
}

function firstLimit(selection: Selection, options: ListOptions): number | undefined {
  if (selection.all) return options.limit;
  return options.limit === undefined ? undefined : chunk;
}

/** Where the objects of a selection stand. */
export function prefixOf({ resource }: Call, selection: Selection): string {
  return selection.namespace === undefined || !resource.namespaced
    ? resource.storage.prefix
    : `${resource.storage.prefix}${selection.namespace}/`;
}

/** When there is just one place to look, no list is walked. */
function single(call: Call, selection: Selection, options: ListOptions): Selected | undefined {
  const { resource, server } = call;
  if (selection.name === undefined || options.exact !== undefined || options.continued !== undefined) return undefined;
  if (resource.namespaced && selection.namespace === undefined) return undefined;
  const stored = server.store.get(storageKey(resource.storage, resource.namespaced ? selection.namespace : undefined, selection.name));
  const found = stored !== undefined && selection.matches(shown(resource, stored).object);
  return { items: found ? [stored] : [], revision: server.store.revision() };
}

interface PageWanted {
  readonly at: number | undefined;
  readonly after: string | undefined;
  readonly limit: number | undefined;
}

function readPage(call: Call, prefix: string, { at, after, limit }: PageWanted): Listing {
  try {
    return call.server.store.list(prefix, {
      ...(at === undefined ? {} : { at }),
      ...(after === undefined ? {} : { after }),
      ...(limit === undefined ? {} : { limit }),
    });
  } catch (error) {
    if (!(error instanceof Compacted)) throw error;
    throw after === undefined ? listExpired() : continueExpired(after);
  }
}

/** The client may go on all the same, with a list that no longer agrees with itself. */
function continueExpired(after: string): ApiError {
  const words =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  const { status } = expired(words);
  return new ApiError({ ...status, metadata: { continue: encodeContinue({ revision: 0, after }) } });
}
