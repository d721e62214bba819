import type { UnknownObject } from '../../../meta/objects.ts';
import { decodeBody } from '../body.ts';
import { badRequest } from '../errors.ts';
import { withPodCondition } from '../kinds/pod.ts';
import { json } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import { fieldsAt, isFields, listAt, textAt } from '../values.ts';
import { deleteOne } from '../verbs/delete.ts';
import { change } from '../write/commit.ts';
import { checkPreconditions } from '../write/begin-delete.ts';
import { strictProblems } from '../write/decode.ts';
import { optionsOf } from '../write/delete-options.ts';
import type { DeleteOptions } from '../write/delete-options.ts';
import { writeOptions } from '../write/options.ts';
import type { WriteOptions } from '../write/options.ts';

const disruption = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' };

/** POST of an Eviction: says on the Pod why it goes, and deletes it. There are no disruption budgets here, so nothing forbids it. */
export async function evict(call: Call): Promise<Answer> {
  const write = writeOptions(call.query, call.headers, 'CreateOptions');
  const eviction = decodeEviction(call, write.strictness);
  if (textAt(eviction, 'metadata', 'name') !== call.name) throw badRequest('name in URL does not match name in Eviction object');
  const options = optionsOf(fieldsAt(eviction, 'deleteOptions'));
  const asked = { ...options, dryRun: options.dryRun || write.dryRun };
  await mark(call, asked);
  // The condition has changed the version that a precondition may have named.
  const others = { ...asked };
  delete others.resourceVersion;
  await deleteOne(call, others);
  return json(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

const fields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'deleteOptions']);
const versions: ReadonlySet<string> = new Set(['', 'policy/v1', 'policy/v1beta1']);

/** @throws {ApiError} 400 when it is no Eviction. */
function decodeEviction(call: Call, strictness: WriteOptions['strictness']): unknown {
  const { value, duplicates } = decodeBody(call.body, call.headers['content-type'], 'Eviction');
  const [kind, apiVersion] = [textAt(value, 'kind') || 'Eviction', textAt(value, 'apiVersion')];
  const refuse = (why: string): Error => {
    const version = JSON.stringify(apiVersion.split('/').at(-1) ?? '');
    return badRequest(`${kind} in version ${version} cannot be handled as a Eviction: ${why}`);
  };
  if (kind !== 'Eviction' || !versions.has(apiVersion))
    throw refuse(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    );
  const unknown = isFields(value) ? Object.keys(value).filter((field) => !fields.has(field)) : [];
  const problems = strictness === 'Ignore' ? [] : strictProblems(unknown, duplicates());
  if (strictness === 'Strict' && problems.length > 0) throw refuse(`strict decoding error: ${problems.join(', ')}`);
  problems.forEach((problem) => call.warn(problem));
  return value;
}

/** The condition is the server's own: no manager is named for it. */
async function mark(call: Call, options: DeleteOptions): Promise<void> {
  await change(call, options.dryRun, (before) => {
    checkPreconditions(call.resource, before.metadata, options);
    return isMarked(before) ? before : withPodCondition(before, disruption, call.server.runtime.clock.now());
  });
}

function isMarked(pod: UnknownObject): boolean {
  return listAt(pod, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === disruption.type && textAt(condition, 'status') === 'True',
  );
}
