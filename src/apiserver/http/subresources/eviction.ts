import type { UnknownObject } from '../../../meta/objects.ts';
import { decodeBody } from '../body.ts';
import { badRequest } from '../errors.ts';
import { withPodCondition } from '../kinds/pod.ts';
import { json } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import { fieldsAt, listAt, textAt } from '../values.ts';
import { deleteOne } from '../verbs/delete.ts';
import { change } from '../write/commit.ts';
import { optionsOf } from '../write/delete-options.ts';
import { nextVersion } from '../write/next.ts';
import { jsonOf } from '../objects.ts';
import { writeOptions } from '../write/options.ts';

const disruption = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' };

/** POST of an Eviction: says on the Pod why it goes, and deletes it. There are no disruption budgets here, so nothing forbids it. */
export async function evict(call: Call): Promise<Answer> {
  const { value } = decodeBody(call.body, call.headers['content-type'], 'Eviction');
  const name = textAt(value, 'metadata', 'name');
  if (name !== '' && name !== call.name)
    throw badRequest(`name in URL does not match name in Eviction object: ${call.name ?? ''} and ${name}`);
  const given = fieldsAt(value, 'deleteOptions');
  const options = optionsOf({ ...given, dryRun: [...listAt(given, 'dryRun'), ...call.query.all('dryRun')] });
  await mark(call, options.dryRun);
  // The condition has changed the version that a precondition may have named.
  const others = { ...options };
  delete others.resourceVersion;
  await deleteOne(call, others);
  return json(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

async function mark(call: Call, dryRun: boolean): Promise<void> {
  const writing = { call, options: writeOptions(call.query, call.headers, 'CreateOptions'), door: 'status', through: 'status' } as const;
  await change(call, dryRun, (before) => {
    if (before.metadata.deletionTimestamp !== undefined || isMarked(before)) return before;
    const marked = withPodCondition(before, disruption, call.server.runtime.clock.now());
    return nextVersion(writing, jsonOf(marked), before);
  });
}

function isMarked(pod: UnknownObject): boolean {
  return listAt(pod, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === disruption.type && textAt(condition, 'status') === 'True',
  );
}
