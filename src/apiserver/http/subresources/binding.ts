import type { UnknownObject } from '../../../meta/objects.ts';
import { required } from '../../schema/field-errors.ts';
import { decodeBody } from '../body.ts';
import { conflict, invalidObject } from '../errors.ts';
import { withPodCondition } from '../kinds/pod.ts';
import { json } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import { fieldsAt, textAt } from '../values.ts';
import { change } from '../write/commit.ts';
import { writeOptions } from '../write/options.ts';

const scheduled = { type: 'PodScheduled', status: 'True' };

/** POST of a Binding: gives the Pod its Node, once. */
export async function bind(call: Call): Promise<Answer> {
  const { dryRun } = writeOptions(call.query, call.headers, 'CreateOptions');
  const { value } = decodeBody(call.body, call.headers['content-type'], 'Binding');
  const node = textAt(value, 'target', 'name');
  if (node === '') throw invalidObject({ group: '', kind: 'Binding' }, call.name ?? '', [required('target.name')]);
  await change(call, dryRun, (pod) => {
    checkFree(pod);
    const bound = { ...pod, spec: { ...fieldsAt(pod, 'spec'), nodeName: node } };
    return withPodCondition(bound, scheduled, call.server.runtime.clock.now());
  });
  return json(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

function checkFree(pod: UnknownObject): void {
  const { name, deletionTimestamp } = pod.metadata;
  const type = { group: '', plural: 'pods/binding', kind: 'Pod' };
  if (deletionTimestamp !== undefined) throw conflict(type, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  const bound = textAt(pod, 'spec', 'nodeName');
  if (bound !== '') throw conflict(type, name, `pod ${name} is already assigned to node "${bound}"`);
}
