import { isApiError } from '../../../meta/status.ts';
import { json, jsonText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import { beginDelete } from '../write/begin-delete.ts';
import { change } from '../write/commit.ts';
import type { Saved } from '../write/commit.ts';
import { deleteOptions } from '../write/delete-options.ts';
import type { DeleteOptions } from '../write/delete-options.ts';
import { isOver } from '../write/ending.ts';
import { present } from './present.ts';

/** DELETE of one object. */
export async function remove(call: Call): Promise<Answer> {
  const options = deleteOptions(call);
  const { saved, gone } = await deleteOne(call, options);
  if (gone && !call.resource.strategy.returnsDeleted) return json(200, success(call, saved));
  const cascades = !gone && options.orphans === false;
  return jsonText(cascades ? 202 : 200, present(call, saved));
}

/** Deletes the object of `call`, or begins to. `gone`: nothing kept it. */
export async function deleteOne(call: Call, options: DeleteOptions): Promise<{ readonly saved: Saved; readonly gone: boolean }> {
  const { resource } = call;
  const done = { gone: false };
  const saved = await change(call, options.dryRun, (before) => {
    const step = beginDelete(resource, before, options, call.server.runtime.clock.now());
    done.gone = !('metadata' in step);
    return step;
  });
  if (done.gone || !resource.strategy.graceful || !isOver(resource, saved.object)) return { saved, gone: done.gone };
  return { saved: options.dryRun ? saved : await finish(call, saved), gone: true };
}

/** It has been seen to be deleted, and nothing keeps it any more. */
async function finish(call: Call, marked: Saved): Promise<Saved> {
  try {
    return await change(call, false, (now) => (isOver(call.resource, now) ? { last: now } : now));
  } catch (error) {
    if (isApiError(error, 'NotFound')) return marked;
    throw error;
  }
}

function success({ resource }: Call, { object }: Saved): object {
  const { name, uid } = object.metadata;
  const group = resource.group === '' ? {} : { group: resource.group };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name, ...group, kind: resource.plural, uid } };
}
