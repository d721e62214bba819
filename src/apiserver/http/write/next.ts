import { rfc3339 } from '../../../base/time.ts';
import type { ManagedFieldsEntry, ObjectMeta, UnknownObject } from '../../../meta/objects.ts';
import { apiVersionOf } from '../../../meta/resource.ts';
import { trackUpdate } from '../../apply/track-update.ts';
import { deepEqual } from '../../schema/json.ts';
import type { JsonObject } from '../../schema/json.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { invalidObject } from '../errors.ts';
import { jsonOf, kubeObjectOf } from '../objects.ts';
import type { Verdict } from '../registry/kind-schema.ts';
import type { Resource } from '../registry/resource.ts';
import { withField } from '../registry/strategy.ts';
import type { Door } from '../registry/strategy.ts';
import type { Call } from '../server.ts';
import { textAt } from '../values.ts';
import { validateScale } from '../validate/scale.ts';
import { finalizerWarnings, validateMetadata, validateMetadataUpdate } from '../validate/metadata.ts';
import { cannotBeHandled } from './decode.ts';
import type { WriteOptions } from './options.ts';
import { resetFields } from './reset-fields.ts';

/** One write under way. */
export interface Writing {
  readonly call: Call;
  readonly options: WriteOptions;
  readonly door: Door;
  /** The subresource that managedFields name. */
  readonly through?: string;
  /** What an apply has worked out: then nothing is tracked here. */
  readonly managedFields?: ManagedFieldsEntry[];
  /** What is said when a field of a built-in kind has the wrong type; else that the object can not be handled. */
  readonly refuse?: (why: string) => Error;
}

/**
 * A new object as it will be stored, from what its creator sent. It has its name.
 * @throws {ApiError} 422 when it is not valid.
 */
export function firstVersion(writing: Writing, candidate: JsonObject): UnknownObject {
  const { call } = writing;
  const { resource, server } = call;
  const now = server.runtime.clock.now();
  const sent = kubeObjectOf(candidate);
  const made: UnknownObject = { ...sent, metadata: newMetadata(sent.metadata, call, now) };
  const prepared = resource.strategy.prepareCreate(made, now);
  const object = kubeObjectOf(resource.kindSchema.complete(jsonOf(prepared)));
  const inMetadata = validateMetadata(object.metadata, resource);
  const verdict = resource.kindSchema.validate(jsonOf(object), undefined, inMetadata);
  refuseMistyped(writing, schemaCauses(resource, verdict));
  const causes = [
    ...inMetadata,
    ...schemaCauses(resource, verdict),
    ...validateScale(resource, object, 'main'),
    ...resource.strategy.validate(object),
    ...resource.strategy.validateCreate(object),
  ];
  admit(writing, textAt(object, 'metadata', 'name'), { causes, warnings: [...verdict.warnings, ...finalizerWarnings(resource, object)] });
  return resource.strategy.admitted(withoutDefaultStatus(resource, withManagers(object, managersOf(writing, undefined, object))));
}

/**
 * The object as it will be stored next, from what a writer wants; `before` itself when nothing changes.
 * @throws {ApiError} 422 when it is not valid.
 */
export function nextVersion(writing: Writing, candidate: JsonObject, before: UnknownObject): UnknownObject {
  const { call, door } = writing;
  const { resource } = call;
  const { strategy, custom } = resource;
  const sent = kubeObjectOf(candidate);
  const wanted = strategy.isolate({ ...sent, metadata: keptMetadata(sent.metadata, before.metadata) }, before, door);
  const object = kubeObjectOf(resource.kindSchema.complete(jsonOf(wanted)));
  const inMetadata = validateMetadataUpdate(object.metadata, before.metadata, custom);
  const verdict = resource.kindSchema.validate(jsonOf(object), jsonOf(before), inMetadata);
  refuseMistyped(writing, schemaCauses(resource, verdict));
  const causes = [
    // A real server of custom resources looks twice.
    ...(custom ? [...inMetadata, ...inMetadata] : inMetadata),
    ...(custom && door === 'status' ? verdict.causes.map(seenFromStatus) : schemaCauses(resource, verdict)),
    ...validateScale(resource, object, door),
    ...strategy.validate(object),
    ...strategy.validateUpdate(object, before, door),
  ];
  admit(writing, before.metadata.name, { causes, warnings: [...verdict.warnings, ...finalizerWarnings(resource, object, before)] });
  const counted = strategy.generations && changesSpec(object, before, resource.subresources.has('status')) ? grown(object) : object;
  const tracked = withManagers(counted, managersOf(writing, before, counted));
  return deepEqual(jsonOf(tracked), jsonOf(before)) ? before : tracked;
}

/** @throws {ApiError} 400 where a built-in kind has another type: its decoder gets no further. */
function refuseMistyped({ call: { resource }, refuse }: Writing, causes: readonly Cause[]): void {
  const mistake = refuse ?? ((why: string) => cannotBeHandled(resource, why));
  const mistyped = resource.custom ? undefined : causes.find((cause) => cause.reason === 'FieldValueTypeInvalid');
  if (mistyped !== undefined) throw mistake(`json: cannot unmarshal ${mistyped.field}: ${mistyped.message}`);
}

/** @throws {ApiError} 422 for what is wrong. */
function admit({ call: { resource, warn } }: Writing, name: string, { causes, warnings }: Verdict): void {
  if (causes.length > 0) throw invalidObject(resource, name, causes);
  warnings.forEach(warn);
}

/** The metadata of built-in kinds has checks of its own. */
function schemaCauses({ custom }: Resource, { causes }: Verdict): readonly Cause[] {
  return custom ? causes : causes.filter(({ field }) => !field.startsWith('metadata.'));
}

/** The default of a status is shown, but not stored before somebody writes the object again: that write then changes what is stored. */
function withoutDefaultStatus({ custom, subresources }: Resource, object: UnknownObject): UnknownObject {
  return custom && subresources.has('status') ? withField(object, 'status', undefined) : object;
}

/** Through the status' own door only the status is looked at, and a message speaks from there. */
function seenFromStatus(cause: Cause): Cause {
  return { ...cause, message: cause.message.replace(/\bstatus\.?(?=\S* in body )/, '') };
}

function newMetadata(sent: ObjectMeta, call: Call, now: number): ObjectMeta {
  const metadata: ObjectMeta = {
    ...sent,
    ...(call.namespace === undefined ? {} : { namespace: call.namespace }),
    uid: call.server.runtime.random.uuid(),
    creationTimestamp: rfc3339(now),
    resourceVersion: '',
  };
  if (!call.resource.namespaced) delete metadata.namespace;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  return withoutSelfLink(call.resource.strategy.generations ? { ...metadata, generation: 1 } : metadata);
}

/** What a writer leaves out of what only the server writes stays as it was. */
function keptMetadata(sent: ObjectMeta, before: ObjectMeta): ObjectMeta {
  const { namespace, deletionTimestamp, deletionGracePeriodSeconds } = before;
  const metadata: ObjectMeta = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
    ...sent,
    // A deletion that has begun is neither taken back nor put off.
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(namespace === undefined ? {} : { namespace: sent.namespace === '' ? namespace : (sent.namespace ?? namespace) }),
    name: sent.name || before.name,
    uid: sent.uid || before.uid,
    creationTimestamp: before.creationTimestamp,
    resourceVersion: before.resourceVersion,
  };
  if (namespace === undefined) delete metadata.namespace;
  if (before.generation === undefined) delete metadata.generation;
  else metadata.generation = before.generation;
  return withoutSelfLink(metadata);
}

function withoutSelfLink(metadata: ObjectMeta): ObjectMeta {
  if (!Object.hasOwn(metadata, 'selfLink')) return metadata;
  const copy: ObjectMeta & { selfLink?: unknown } = { ...metadata };
  delete copy.selfLink;
  return copy;
}

const apart: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Whether what is desired changes. Without a status subresource, status is no different from the rest. */
function changesSpec(next: UnknownObject, before: UnknownObject, hasStatus: boolean): boolean {
  const counts = (field: string): boolean => !apart.has(field) && !(hasStatus && field === 'status');
  const [a, b] = [jsonOf(next), jsonOf(before)];
  const fields = new Set([...Object.keys(a), ...Object.keys(b)].filter(counts));
  return [...fields].some((field) => !deepEqual(a[field], b[field]));
}

function grown(object: UnknownObject): UnknownObject {
  return { ...object, metadata: { ...object.metadata, generation: (object.metadata.generation ?? 0) + 1 } };
}

function managersOf(writing: Writing, before: UnknownObject | undefined, after: UnknownObject): ManagedFieldsEntry[] {
  if (writing.managedFields !== undefined) return writing.managedFields;
  const { call, options, through } = writing;
  return trackUpdate({
    before,
    after,
    manager: options.manager,
    ...(through === undefined ? {} : { subresource: through }),
    apiVersion: apiVersionOf(call.resource),
    // A real server forgets the time where the scale is written.
    now: through === 'scale' ? undefined : call.server.runtime.clock.now(),
    zero: call.resource.zero,
    type: call.resource.kindSchema.type(),
    resetFields: resetFields(call.resource, writing.door),
  });
}

function withManagers(object: UnknownObject, managedFields: ManagedFieldsEntry[]): UnknownObject {
  if (managedFields === object.metadata.managedFields) return object;
  const metadata: ObjectMeta = { ...object.metadata, managedFields };
  if (managedFields.length === 0) delete metadata.managedFields;
  return { ...object, metadata };
}
