import { isApiError } from '../../../meta/status.ts';
import { jsonText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import { selectionOf } from '../selectors/selection.ts';
import type { Call } from '../server.ts';
import { deleteOptions } from '../write/delete-options.ts';
import type { DeleteOptions } from '../write/delete-options.ts';
import { deleteOne } from './delete.ts';
import { listOptions } from './list-options.ts';
import { render } from './list.ts';
import { select } from './select.ts';

/** How many deletions of one collection are under way at once. */
const width = 64;

/** DELETE of a collection: what is selected, one by one. Answers with what it found. */
export async function removeCollection(call: Call): Promise<Answer> {
  const { resource, server, query } = call;
  const options = deleteOptions(call);
  const selected = select(call, selectionOf(resource, call.namespace, query), listOptions(query, server.store.revision()));
  for (let from = 0; from < selected.items.length; from += width) {
    const batch = selected.items.slice(from, from + width);
    await Promise.all(batch.map(({ object: { metadata } }) => removeOne(call, metadata, options)));
  }
  return jsonText(200, render(call, selected, { as: 'Object', version: 'v1' }));
}

/** One that is gone already is as good as deleted. */
async function removeOne(call: Call, { name, namespace }: { name: string; namespace?: string }, options: DeleteOptions): Promise<void> {
  try {
    await deleteOne({ ...call, name, ...(namespace === undefined ? {} : { namespace }) }, options);
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}
