import { rfc3339 } from '../../base/time.ts';
import type { ManagedFieldsEntry, UnknownObject } from '../../meta/objects.ts';
import type { Status } from '../../meta/status.ts';
import { failure } from '../../meta/status.ts';
import { appliedFields } from './applied-fields.ts';
import type { Conflict } from './conflict.ts';
import { conflictsOf, conflictStatus } from './conflict.ts';
import { difference, fieldSet, union } from './field-algebra.ts';
import type { FieldSet } from './field-set.ts';
import { emptySet, equalSets, hasPath } from './field-set.ts';
import type { JsonObject } from './json.ts';
import { asJson, asObject, isObject } from './json.ts';
import { kubectl, lastAppliedFields, withLastApplied } from './last-applied.ts';
import type { Managers, Writer } from './managers.ts';
import { entryOf, fieldsOf, makeEntry, mapFields, putEntry, releaseTo, sameOwnership, sameWriter } from './managers.ts';
import { merge } from './merge.ts';
import { fitToType } from './named-fields.ts';
import { serverWritten } from './object-meta.ts';
import { prune } from './prune.ts';
import { removeFields } from './remove.ts';
import { changeOf, trackUpdate } from './track-update.ts';
import type { Type } from './type.ts';
import { faultsOf } from './validate.ts';

export interface Apply {
  /** The stored object; undefined when there is none, so that the apply creates it. */
  readonly live: UnknownObject | undefined;
  /** What the client sent. Preconditions in it (uid, resourceVersion) are the caller's to check; here they say nothing. */
  readonly patch: Readonly<Record<string, unknown>>;
  /** Who applies. */
  readonly manager: string;
  /** Takes fields from others instead of refusing. */
  readonly force: boolean;
  /** Absent for the object itself. */
  readonly subresource?: string | undefined;
  readonly apiVersion: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** From `objectType`. */
  readonly type: Type;
  /** Fields that this way of writing leaves as they are, whatever the patch says. */
  readonly resetFields?: FieldSet | undefined;
}

export type ApplyResult = Applied | Refused;

/** Shares structure with `live` and `patch`: never change it in place. */
export interface Applied {
  /** The object with its managedFields, not defaulted yet; `live` itself when nothing changed. */
  readonly object: UnknownObject;
  readonly managedFields: ManagedFieldsEntry[];
  /** False when object and ownership are as they were, times included. */
  readonly changed: boolean;
}

export interface Refused {
  /** 409 Conflict with a cause a field, or 400 BadRequest. */
  readonly refusal: Status;
}

/** Server-side apply: what the patch says is the manager's from now on; what it said last time and nobody says now goes. */
export function applyPatch(apply: Apply): ApplyResult {
  const refusal = badRequest(apply);
  if (refusal !== undefined) return { refusal };
  const attempt = tryApply(apply);
  if (attempt.conflicts.length === 0 || apply.force) return finish(apply, attempt);
  const conflicts = apply.manager === kubectl ? notLastApplied(apply, attempt.conflicts) : attempt.conflicts;
  return conflicts.length === 0 ? finish(apply, attempt) : { refusal: conflictStatus(conflicts) };
}

function badRequest({ live, patch, apiVersion, type }: Apply): Status | undefined {
  if (patch['apiVersion'] !== apiVersion || (live !== undefined && patch['kind'] !== live.kind)) {
    return failure(400, 'BadRequest', `invalid object type: ${printKind(patch)}`);
  }
  const metadata = patch['metadata'];
  if (isObject(metadata) && metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) {
    return failure(400, 'BadRequest', 'metadata.managedFields must be nil');
  }
  const faults = faultsOf(type, asJson(patch)).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  if (faults.length === 0) return undefined;
  const list = faults.length === 1 ? faults.join('') : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n');
  return failure(400, 'BadRequest', `failed to create typed patch object (${printObject(patch)}): ${list}`);
}

function printKind(patch: Readonly<Record<string, unknown>>): string {
  const apiVersion = typeof patch['apiVersion'] === 'string' ? patch['apiVersion'] : '';
  const kind = typeof patch['kind'] === 'string' ? patch['kind'] : '';
  return `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`;
}

function printObject(patch: Readonly<Record<string, unknown>>): string {
  const metadata = isObject(patch['metadata']) ? patch['metadata'] : {};
  const [namespace, name] = [metadata['namespace'], metadata['name']].map((part) => (typeof part === 'string' ? part : ''));
  return `${namespace ?? ''}/${name ?? ''}; ${printKind(patch)}`;
}

/** What an apply would do, whatever it would take from others. */
interface Attempt {
  readonly merged: JsonObject;
  readonly conflicts: readonly Conflict[];
  readonly fields: FieldSet;
  readonly writer: Writer;
  /** Who owns what before. */
  readonly managers: Managers;
}

function tryApply(apply: Apply): Attempt {
  const { type } = apply;
  const writer: Writer = { manager: apply.manager, operation: 'Apply', apiVersion: apply.apiVersion, subresource: apply.subresource };
  const patch = effective(apply);
  const managers = mapFields(managersBefore(apply), (fields) => fitToType(type, fields));
  const last = fieldsOf(entryOf(managers, writer));
  const said = difference(appliedFields(type, patch), metadataItself);
  const fields = equalSets(said, last) ? last : said;
  const others = managers.filter((entry) => !sameWriter(entry, writer));
  const owned = others.map(fieldsOf).reduce(union, fields);
  const merged = merge(type, startOf(apply), patch);
  // Of a container that pruning emptied the patch may say that it is null: hence once more.
  const pruned = merge(type, prune(type, merged, last, owned), patch);
  const changed = changeOf(type, apply.live, pruned, apply.resetFields)?.changed ?? emptySet;
  return { merged: asJson(pruned), conflicts: conflictsOf(others, writer, changed), fields, writer, managers };
}

const metadataItself = fieldSet(['f:metadata']);

/** What the patch may say. */
function effective({ patch, type, resetFields }: Apply): JsonObject {
  const said = { ...asJson(patch) };
  if (isObject(said['metadata'])) {
    said['metadata'] = Object.fromEntries(
      Object.entries(said['metadata']).filter(([key]) => !serverWritten.has(key) && key !== 'managedFields'),
    );
  }
  return resetFields === undefined ? said : asJson(removeFields(type, said, resetFields, 'empty'));
}

function startOf({ live, patch }: Apply): JsonObject {
  return live === undefined
    ? { apiVersion: asJson(patch)['apiVersion'] ?? '', kind: asJson(patch)['kind'] ?? '', metadata: {} }
    : asJson(live);
}

/** Of an object that nobody tracked until now, everything is owned by `before-first-apply`, so that no apply takes or removes it unasked. */
function managersBefore({ live, subresource, apiVersion, now, type, resetFields }: Apply): Managers {
  const managers = live?.metadata.managedFields ?? [];
  if (live === undefined || managers.length > 0) return managers;
  return trackUpdate({ before: undefined, after: live, manager: 'before-first-apply', subresource, apiVersion, now, type, resetFields });
}

function notLastApplied({ live, type, apiVersion }: Apply, conflicts: readonly Conflict[]): Conflict[] {
  const allowed = live === undefined ? emptySet : lastAppliedFields(type, live, apiVersion);
  return conflicts.filter(({ path }) => !hasPath(allowed, path));
}

function finish(apply: Apply, { merged, fields, writer, managers }: Attempt): Applied {
  const changes = apply.live === undefined || merged !== asJson(apply.live);
  const before = entryOf(managers, writer);
  const mine = makeEntry(writer, fields, changes ? rfc3339(apply.now) : before?.time);
  const change = changeOf(apply.type, apply.live, merged, apply.resetFields);
  const claimed = putEntry(managers, mine);
  const after = change === undefined ? claimed : releaseTo(writer, claimed, change);
  const object = apply.manager === kubectl ? withLastApplied(merged, asJson(apply.patch)) : merged;
  return settle(apply.live, object, after);
}

function settle(live: UnknownObject | undefined, object: JsonObject, managers: Managers): Applied {
  const stored = live?.metadata.managedFields ?? [];
  if (live !== undefined && object === asJson(live) && sameOwnership(managers, stored))
    return { object: live, managedFields: stored, changed: false };
  return { object: withManagers(object, managers), managedFields: managers, changed: true };
}

function withManagers(object: JsonObject, managedFields: Managers): UnknownObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  return asObject({ ...object, metadata: { ...metadata, managedFields } });
}
