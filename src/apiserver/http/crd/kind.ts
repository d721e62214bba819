import { setCondition } from '../../../meta/conditions.ts';
import type { ConditionInput } from '../../../meta/conditions.ts';
import type { ObjectMeta, UnknownObject } from '../../../meta/objects.ts';
import { builtIn } from '../kinds/builtin.ts';
import { crdSchema } from '../kinds/schemas/crd.ts';
import type { Description } from '../registry/resource.ts';
import { isolateStatus, plainStrategy, withField } from '../registry/strategy.ts';
import { column, nameColumn } from '../table/columns.ts';
import { dnsSubdomain } from '../validate/names.ts';
import { cleanupFinalizer, hasCondition, isDefinition } from './definition.ts';
import type { Definition } from './definition.ts';
import { decideNames, listKind, singular } from './names.ts';
import type { NameConflict } from './names.ts';
import { validateDefinition, validateDefinitionUpdate, validateNewDefinition } from './validate.ts';

/** The kind CustomResourceDefinition. `others`: the definitions that there are, to find out whose names are taken. */
export function customResourceDefinitions(others: () => readonly Definition[], clock: { now(): number }): Description {
  const decided = (object: UnknownObject): UnknownObject => withDecision(object, others(), clock.now());
  return builtIn({
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    schema: crdSchema,
    strategy: plainStrategy(dnsSubdomain, {
      unconditionalUpdate: false,
      generations: true,
      prepareCreate: (object) => decided(withField(object, 'status', undefined)),
      isolate: (next, before, door) => (door === 'status' ? isolateStatus(next, before, door) : decided(isolateStatus(next, before, door))),
      validate: (object) => (isDefinition(object) ? validateDefinition(object) : []),
      validateCreate: (object) => (isDefinition(object) ? validateNewDefinition(object) : []),
      validateUpdate: (next, before, door) =>
        door !== 'status' && isDefinition(next) && isDefinition(before) ? validateDefinitionUpdate(next, before) : [],
      beginDelete: (object, now) => beginDelete(object, now),
    }),
    table: {
      columns: [nameColumn, column('Created At', 'date', 'When it was made.')],
      cells: (object) => [object.metadata.name, object.metadata.creationTimestamp],
    },
    zero: { metadata: {}, spec: { names: {} }, status: {} },
    subresources: [{ name: 'status' }],
  });
}

function withNames(definition: Definition & UnknownObject): Definition & UnknownObject {
  const { names } = definition.spec;
  const full = { ...names, singular: singular(names), listKind: listKind(names) };
  return { ...definition, spec: { ...definition.spec, names: full, conversion: definition.spec.conversion ?? { strategy: 'None' } } };
}

/** The definition with the names that it gets, and whether it is served. */
export function withDecision(object: UnknownObject, others: readonly Definition[], now: number): UnknownObject {
  return isDefinition(object) ? withStatus(withNames(object), others, now) : object;
}

function withStatus(definition: Definition & UnknownObject, others: readonly Definition[], now: number): UnknownObject {
  const { acceptedNames, conflict } = decideNames(definition, others);
  const before = definition.status ?? {};
  const conditions = conditionsOf(definition, conflict).reduce((all, input) => withCondition(all, input, now), before.conditions ?? []);
  const stored = definition.spec.versions.find((version) => version.storage)?.name;
  const storedVersions = [...new Set([...(before.storedVersions ?? []), ...(stored === undefined ? [] : [stored])])];
  return { ...definition, status: { conditions, acceptedNames, storedVersions } };
}

/** What is served once stays so, by the names that it had. */
function conditionsOf(definition: Definition, conflict: NameConflict | undefined): ConditionInput[] {
  const accepted: ConditionInput =
    conflict === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...conflict };
  if (hasCondition(definition, 'Established')) return [accepted];
  const established: ConditionInput =
    conflict === undefined
      ? { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
      : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  return [accepted, established];
}

type Conditions = NonNullable<NonNullable<Definition['status']>['conditions']>;

/** Conditions of definitions name no generation. */
function withCondition(conditions: Conditions, input: ConditionInput, now: number): Conditions {
  return setCondition(conditions, input, 0, now).map((condition) => {
    const copy = { ...condition };
    delete copy.observedGeneration;
    return copy;
  });
}

function beginDelete(object: UnknownObject, now: number): UnknownObject {
  const message = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon';
  const finalizers = [...(object.metadata.finalizers ?? []).filter((name) => name !== cleanupFinalizer), cleanupFinalizer];
  const marked = { ...object, metadata: { ...sameGeneration(object.metadata), finalizers } };
  return withTerminating(marked, { status: 'True', reason: 'InstanceDeletionPending', message }, now);
}

/** The definition with how far its end has come. */
export function withTerminating(object: UnknownObject, how: Omit<ConditionInput, 'type'>, now: number): UnknownObject {
  if (!isDefinition(object)) return object;
  const conditions = withCondition(object.status?.conditions ?? [], { type: 'Terminating', ...how }, now);
  return { ...object, status: { ...object.status, conditions } };
}

/** The end of a definition is no change of what it wants. */
function sameGeneration(metadata: ObjectMeta): ObjectMeta {
  const { generation = 1 } = metadata;
  return { ...metadata, generation: generation - 1 };
}
