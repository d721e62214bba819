import { forbidden, invalid, required, tooLong } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import type { ObjectMeta, OwnerReference, UnknownObject } from '../../../meta/objects.ts';
import type { Resource } from '../registry/resource.ts';
import { textAt } from '../values.ts';
import { labelValueRule, qualifiedName } from './names.ts';
import type { NameRule } from './names.ts';

const maxAnnotations = 256 * 1024;
/** The only finalizers without a domain; kube-apiserver knows them from before the rule. */
const standardFinalizers: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** What is wrong with the metadata of a new object. */
export function validateMetadata(meta: Partial<ObjectMeta>, { namespaced, strategy, custom }: Resource): Cause[] {
  return [...validateName(meta, strategy.nameRule), ...validateNamespace(meta, namespaced), ...validateRest(meta, custom)];
}

/** Custom resources may have finalizers without a domain: it is only said that this is not wise. */
export function finalizerWarnings({ custom }: Resource, next: UnknownObject, before?: UnknownObject): string[] {
  if (!custom) return [];
  const known = new Set([...standardFinalizers, ...(before?.metadata.finalizers ?? [])]);
  const added = (next.metadata.finalizers ?? []).filter((name) => !known.has(name) && !name.includes('/')).sort();
  const why = 'prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers';
  return added.map((name) => `metadata.finalizers: ${JSON.stringify(name)}: ${why}`);
}

/** What is wrong with the metadata of a changed one. */
export function validateMetadataUpdate(next: ObjectMeta, before: ObjectMeta, custom: boolean): Cause[] {
  return [...validateRest(next, custom), ...validateFixed(next, before), ...validateFinalizersUpdate(next, before)];
}

function validateName(meta: Partial<ObjectMeta>, rule: NameRule): Cause[] {
  const generate = meta.generateName ?? '';
  const causes = generate === '' ? [] : rule(maskTrailingDash(generate)).map((why) => invalid('metadata.generateName', generate, why));
  if ((meta.name ?? '') === '') return [...causes, required('metadata.name', 'name or generateName is required')];
  return [...causes, ...rule(meta.name ?? '').map((why) => invalid('metadata.name', meta.name ?? '', why))];
}

/** A prefix may end with what a name may not: characters will follow. */
function maskTrailingDash(prefix: string): string {
  return prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix;
}

function validateNamespace(meta: Partial<ObjectMeta>, namespaced: boolean): Cause[] {
  const namespace = meta.namespace ?? '';
  if (namespaced) return namespace === '' ? [required('metadata.namespace')] : [];
  return namespace === '' ? [] : [forbidden('metadata.namespace', 'not allowed on this type')];
}

function validateRest(meta: Partial<ObjectMeta>, custom: boolean): Cause[] {
  return [
    ...validateLabels(meta.labels ?? {}),
    ...validateAnnotations(meta.annotations ?? {}),
    ...validateOwners(meta.ownerReferences ?? []),
    ...validateFinalizers(meta.finalizers ?? [], custom),
  ];
}

function validateLabels(labels: Readonly<Record<string, string>>): Cause[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedName(key).map((why) => invalid('metadata.labels', key, why)),
    ...labelValueRule(value).map((why) => invalid('metadata.labels', value, why)),
  ]);
}

function validateAnnotations(annotations: Readonly<Record<string, string>>): Cause[] {
  const causes: Cause[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    causes.push(...qualifiedName(key.toLowerCase()).map((why) => invalid('metadata.annotations', key, why)));
    size += key.length + value.length;
  }
  return size > maxAnnotations ? [...causes, tooLong('metadata.annotations', maxAnnotations)] : causes;
}

function validateOwners(owners: readonly OwnerReference[]): Cause[] {
  const causes = owners.flatMap((owner, i) => validateOwner(owner, `metadata.ownerReferences[${String(i)}]`));
  const controllers = owners.filter((owner) => owner.controller === true);
  if (controllers.length < 2) return causes;
  const names = controllers.map((owner) => `${owner.kind}/${owner.name}`).slice(0, 2);
  const why = `Only one reference can have Controller set to true. Found "true" in references for ${names.join(' and ')}`;
  return [...causes, invalid('metadata.ownerReferences', '', why)];
}

function validateOwner(owner: OwnerReference, path: string): Cause[] {
  const causes: Cause[] = [];
  if (textAt(owner, 'apiVersion') === '') causes.push(invalid(`${path}.apiVersion`, '', 'version must not be empty'));
  if (owner.apiVersion === 'v1' && owner.kind === 'Event')
    causes.push(invalid(path, 'Event', '/v1, Kind=Event is disallowed from being an owner'));
  if (textAt(owner, 'uid') === '') causes.push(required(`${path}.uid`, 'must not be empty'));
  for (const field of ['kind', 'name'] as const) {
    if (textAt(owner, field) === '') causes.push(invalid(`${path}.${field}`, '', `${field} must not be empty`));
  }
  return causes;
}

function validateFinalizers(finalizers: readonly string[], custom: boolean): Cause[] {
  const causes = finalizers.flatMap((name, i) => validateFinalizer(name, `metadata.finalizers[${String(i)}]`, custom));
  if (!finalizers.includes('orphan') || !finalizers.includes('foregroundDeletion')) return causes;
  return [...causes, invalid('metadata.finalizers', [...finalizers], 'finalizer orphan and foregroundDeletion cannot be both set')];
}

function validateFinalizer(name: string, path: string, custom: boolean): Cause[] {
  if (standardFinalizers.has(name)) return [];
  // As kube-apiserver has it: what is no qualified name at all is reported of the list, the other of the item.
  const causes = qualifiedName(name).map((why) => invalid('metadata.finalizers', name, why));
  if (causes.length > 0 || name.includes('/') || custom) return causes;
  return [invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

const fixed = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

function validateFixed(next: ObjectMeta, before: ObjectMeta): Cause[] {
  return fixed
    .filter((field) => next[field] !== before[field])
    .map((field) => invalid(`metadata.${field}`, next[field] ?? null, 'field is immutable'));
}

function validateFinalizersUpdate(next: ObjectMeta, before: ObjectMeta): Cause[] {
  if (before.deletionTimestamp === undefined) return [];
  const known = new Set(before.finalizers ?? []);
  const added = (next.finalizers ?? []).filter((name) => !known.has(name));
  if (added.length === 0) return [];
  const list = added.map((name) => JSON.stringify(name)).join(', ');
  return [
    forbidden(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
    ),
  ];
}
