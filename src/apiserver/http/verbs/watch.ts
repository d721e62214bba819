import { Stopped } from '../../../base/errors.ts';
import type { UnknownObject } from '../../../meta/objects.ts';
import { ApiError } from '../../../meta/status.ts';
import type { Status } from '../../../meta/status.ts';
import { Compacted, FutureRevision } from '../../store/types.ts';
import { negotiate } from '../accept.ts';
import { expired, tooLargeResourceVersion } from '../errors.ts';
import { shown } from '../registry/resource.ts';
import { jsonType } from '../respond.ts';
import type { Answer } from '../respond.ts';
import { selectionOf } from '../selectors/selection.ts';
import type { Selection } from '../selectors/selection.ts';
import type { Call, Server } from '../server.ts';
import type { EventType, WatchEvent } from '../watch/event.ts';
import { eventForm, line } from '../watch/form.ts';
import type { EventForm } from '../watch/form.ts';
import type { Watcher } from '../watch/roster.ts';
import { outbox } from '../watch/outbox.ts';
import type { Outbox } from '../watch/outbox.ts';
import { select } from './select.ts';
import { watchOptions } from './watch-options.ts';
import type { WatchOptions } from './watch-options.ts';

/** Bytes that may wait for a client before its watch is ended. */
const backlog = 8_000_000;
/** Seconds that a watch lasts at least, unless its client says otherwise. */
const usualTimeout = 1800;

/** GET of a collection with `watch`. */
export function watch(call: Call): Answer {
  const { resource, server, query } = call;
  const { clock } = server.runtime;
  const form = eventForm(resource, negotiate(call.headers['accept']), query, () => clock.now());
  const selection = selectionOf(resource, call.namespace, query);
  const options = watchOptions(query, server.store.revision());
  const hub = server.hubs.of(resource);
  const over = new AbortController();
  const out = outbox(backlog, () => {
    hub.remove(watcher);
    over.abort();
  });
  const teller = tellerOf(form, out);
  const watcher = watcherOf(selection, teller, options, out, resource.namespaced);
  try {
    hub.add(watcher, options.from ?? sendInitial(call, selection, options, teller));
  } catch (error) {
    out.push(line('ERROR', JSON.stringify(goneStatus(error))));
    out.end();
  }
  endWith(call.signal, over.signal, out);
  void endAfter(server, options.timeout ?? usualTimeout * (1 + server.runtime.random.next()), over.signal, out);
  return { status: 200, headers: { 'content-type': jsonType }, body: out };
}

/** Writes to one watcher, in the form that it asked for. */
interface Teller {
  tell(type: EventType, object: UnknownObject, text: () => string): void;
  /** An event that others may be told in the same bytes. */
  share(type: EventType, event: WatchEvent): void;
  bookmark(revision: number, initialEnd: boolean): void;
}

function tellerOf(first: EventForm, out: Outbox): Teller {
  let form = first;
  const push = (bytes: Uint8Array, initial?: 'initial'): void => {
    out.push(bytes, initial);
    form = form.later ?? form;
  };
  return {
    tell: (type, object, text) => push(form.encode(type, object, text), 'initial'),
    share: (type, event) => push(event.encoded(type, form.key, (object, text) => form.encode(type, object, text))),
    bookmark: (revision, initialEnd) => push(form.bookmark(revision, initialEnd), initialEnd ? 'initial' : undefined),
  };
}

/** Sends what there is, and gives the revision that it is of. @throws {ApiError} 504 when it is to be newer than there is. */
function sendInitial(call: Call, selection: Selection, { notOlderThan = 0, marksInitialEnd }: WatchOptions, teller: Teller): number {
  const current = call.server.store.revision();
  if (notOlderThan > current) throw tooLargeResourceVersion(notOlderThan, current);
  const { items, revision } = select(call, selection, {});
  for (const stored of items) {
    const { object, text } = shown(call.resource, stored);
    teller.tell('ADDED', object, () => text);
  }
  if (marksInitialEnd) teller.bookmark(revision, true);
  return revision;
}

function watcherOf(selection: Selection, teller: Teller, options: WatchOptions, out: Outbox, namespaced: boolean): Watcher {
  const selects = (object: UnknownObject): boolean =>
    (!namespaced || selection.namespace === undefined || object.metadata.namespace === selection.namespace) && selection.matches(object);
  return {
    selection,
    deliver: (event) => {
      const type = typeFor(event, selects);
      if (type !== undefined) teller.share(type, event);
    },
    bookmark: (revision) => {
      if (options.bookmarks) teller.bookmark(revision, false);
    },
    end: () => out.end(),
  };
}

/** What an event is to somebody who sees only part of the objects: one that comes to match is added, one that no longer does is deleted. */
function typeFor(event: WatchEvent, selects: (object: UnknownObject) => boolean): EventType | undefined {
  const before = event.before !== undefined && selects(event.before);
  const after = event.change.type !== 'DELETED' && selects(event.after);
  if (after) return before ? 'MODIFIED' : 'ADDED';
  return before ? 'DELETED' : undefined;
}

function goneStatus(error: unknown): Status {
  if (error instanceof ApiError) return error.status;
  if (error instanceof Compacted)
    return expired(`too old resource version: ${String(error.requested)} (${String(error.compactedAt)})`).status;
  if (error instanceof FutureRevision) return expired(`resource version ${String(error.requested)} has not been reached: list anew`).status;
  throw error;
}

function endWith(signal: AbortSignal, over: AbortSignal, out: Outbox): void {
  if (signal.aborted) out.end();
  else signal.addEventListener('abort', () => out.end(), { once: true, signal: over });
}

async function endAfter({ runtime }: Server, seconds: number, over: AbortSignal, out: Outbox): Promise<void> {
  try {
    await runtime.clock.sleep(seconds * 1000, over);
    out.end();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
}
