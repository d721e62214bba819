import type { UnknownObject } from '../../../meta/objects.ts';
import type { ApiError } from '../../../meta/status.ts';
import type { Cause } from '../../schema/field-errors.ts';
import type { NameRule } from '../validate/names.ts';

/** Through which door a write comes: the object itself, or one of its subresources. */
export type Door = 'main' | 'status' | 'finalize' | 'resize';

/** What is particular to a kind. Objects are never changed in place: each step returns the next one. */
export interface Strategy {
  readonly nameRule: NameRule;
  /** A PUT without resourceVersion takes the newest. */
  readonly unconditionalUpdate: boolean;
  /** A PUT of what is not there makes it. */
  readonly createOnUpdate: boolean;
  /** `metadata.generation` counts changes outside metadata and status. */
  readonly generations: boolean;
  /** A creator may write the status too. */
  readonly createsStatus: boolean;
  /** A delete answers with the object rather than with a Status. */
  readonly returnsDeleted: boolean;
  /** Objects end by themselves: before one is gone it is seen to be deleted, even if it is given no time. */
  readonly graceful: boolean;
  /** Defaults that no schema can say, and what a creator may not write. `now` in milliseconds since 1970. */
  prepareCreate(object: UnknownObject, now: number): UnknownObject;
  /** What a real server's admission adds to a new object: nobody is its manager. */
  admitted(object: UnknownObject): UnknownObject;
  /** `next` with everything that may not be written through `door` as it was. */
  isolate(next: UnknownObject, before: UnknownObject, door: Door): UnknownObject;
  validate(object: UnknownObject): readonly Cause[];
  /** What is wrong with a new object besides. */
  validateCreate(object: UnknownObject): readonly Cause[];
  validateUpdate(next: UnknownObject, before: UnknownObject, door: Door): readonly Cause[];
  /** Refuses a delete before anything is done. */
  refuseDelete(object: UnknownObject): ApiError | undefined;
  /** How many seconds the object gets to end by itself; 0: it goes at once. `requested` is the client's wish. */
  gracePeriod(object: UnknownObject, requested: number | undefined): number;
  /** What else changes when a deletion begins. */
  beginDelete(object: UnknownObject, now: number): UnknownObject;
  /** How a precondition of a delete is refused, where the kind itself looks at them. */
  readonly wordsOfConflict: ((field: 'UID' | 'ResourceVersion', wanted: string, found: string) => string) | undefined;
  /** Something other than metadata.finalizers still holds a deleted object. */
  isHeld(object: UnknownObject): boolean;
}

/** A kind without particularities; the others are made from it. */
export function plainStrategy(nameRule: NameRule, particular: Partial<Strategy> = {}): Strategy {
  return {
    nameRule,
    unconditionalUpdate: true,
    createOnUpdate: false,
    generations: false,
    createsStatus: false,
    returnsDeleted: false,
    graceful: false,
    prepareCreate: (object) => object,
    admitted: (object) => object,
    isolate: (next) => next,
    validate: () => [],
    validateCreate: () => [],
    validateUpdate: () => [],
    refuseDelete: () => undefined,
    gracePeriod: () => 0,
    beginDelete: (object) => object,
    wordsOfConflict: undefined,
    isHeld: () => false,
    ...particular,
  };
}

/** The door rules of a kind whose status is a subresource: each door writes its own part. */
export function isolateStatus(next: UnknownObject, before: UnknownObject, door: Door): UnknownObject {
  if (door === 'status') return withField({ ...before, metadata: { ...before.metadata, ...managed(next) } }, 'status', next['status']);
  return withField(next, 'status', before['status']);
}

function managed(object: UnknownObject): object {
  return object.metadata.managedFields === undefined ? {} : { managedFields: object.metadata.managedFields };
}

/** The object with `value` at `name`, or without the field when `value` is undefined. */
export function withField(object: UnknownObject, name: string, value: unknown): UnknownObject {
  if (value === undefined) {
    if (!Object.hasOwn(object, name)) return object;
    const copy = { ...object };
    delete copy[name];
    return copy;
  }
  return { ...object, [name]: value };
}
