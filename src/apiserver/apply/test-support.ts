import assert from 'node:assert/strict';
import type { Json, ManagedFieldsEntry, UnknownObject } from '../../meta/objects.ts';
import type { StatusCause } from '../../meta/status.ts';
import type { ApplyResult } from './apply-patch.ts';
import { applyPatch } from './apply-patch.ts';
import { objectType } from './compile-type.ts';
import { printPath } from './element.ts';
import { pathsOf } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { parseFieldSet } from './field-set-text.ts';
import { asObject } from './json.ts';
import type { OpenApiSchema } from './openapi-schema.ts';
import { trackUpdate } from './track-update.ts';
import type { Type } from './type.ts';

export const text: OpenApiSchema = { type: 'string' };
export const number: OpenApiSchema = { type: 'integer' };
export const textSet: OpenApiSchema = { type: 'array', items: text, 'x-kubernetes-list-type': 'set' };
export const textMap: OpenApiSchema = { type: 'object', additionalProperties: text };
export const open: OpenApiSchema = { 'x-kubernetes-preserve-unknown-fields': true };

export function object(properties: Record<string, OpenApiSchema>): OpenApiSchema {
  return { type: 'object', properties };
}

export function keyedList(keys: string[], properties: Record<string, OpenApiSchema>): OpenApiSchema {
  return { type: 'array', items: object(properties), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
}

export function atomic(schema: OpenApiSchema): OpenApiSchema {
  return schema.type === 'array' ? { ...schema, 'x-kubernetes-list-type': 'atomic' } : { ...schema, 'x-kubernetes-map-type': 'atomic' };
}

const part = object({ a: number, b: number, inner: object({ d: text, e: text }), tags: textSet });

/** One of everything. */
export const gadgetSchema: OpenApiSchema = object({
  size: number,
  name: text,
  on: { type: 'boolean' },
  tags: textSet,
  disks: keyedList(['name'], { name: text, size: number, labels: textMap, tags: textSet }),
  ports: keyedList(['port', 'protocol'], { port: number, protocol: { type: 'string', default: 'TCP' }, note: text }),
  words: atomic({ type: 'array', items: text }),
  selector: atomic(textMap),
  part,
  labels: textMap,
  parts: { type: 'object', additionalProperties: part },
  tagsByName: { type: 'object', additionalProperties: textSet },
  anything: open,
  status: object({ phase: text, conditions: keyedList(['type'], { type: text, status: text }) }),
});

export type Fields = Readonly<Record<string, unknown>>;
const apiVersion = 'test.example/v1';

/** A gadget as a client writes it. */
export function gadget(fields: Fields): Record<string, unknown> {
  const { metadata, ...others } = fields;
  return { apiVersion, kind: 'Gadget', metadata: { name: 'g', namespace: 'shop', ...(isFields(metadata) ? metadata : {}) }, ...others };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

interface Options {
  readonly force?: boolean;
  readonly subresource?: string;
  readonly resetFields?: FieldSet;
}

/** One object and what is done to it; each step is a minute after the last. */
export class Story {
  object: UnknownObject | undefined;
  type: Type;
  now = Date.parse('2026-03-01T12:00:00Z');

  /** @param schema null for a kind that has none. */
  constructor(schema: OpenApiSchema | null = gadgetSchema) {
    this.type = objectType(schema ?? undefined);
  }

  tryApply(manager: string, fields: Fields, { force = false, ...options }: Options = {}): ApplyResult {
    this.now += 60_000;
    const result = applyPatch({
      live: this.object,
      patch: gadget(fields),
      manager,
      force,
      apiVersion,
      now: this.now,
      type: this.type,
      ...options,
    });
    if ('object' in result) this.object = result.object;
    return result;
  }

  apply(manager: string, fields: Fields, options: Options = {}): this {
    const result = this.tryApply(manager, fields, options);
    assert.ok('object' in result, 'refusal' in result ? result.refusal.message : '');
    return this;
  }

  force(manager: string, fields: Fields): this {
    return this.apply(manager, fields, { force: true });
  }

  /** The causes of the refusal, as `message: field`. */
  conflicts(manager: string, fields: Fields, options: Options = {}): string[] {
    const result = this.tryApply(manager, fields, options);
    assert.ok('refusal' in result, 'the apply went through');
    assert.equal(result.refusal.code, 409);
    return (result.refusal.details?.causes ?? []).map((cause: StatusCause) => `${cause.message ?? ''}: ${cause.field ?? ''}`);
  }

  /** The message of a refusal that is no conflict. */
  refused(manager: string, fields: Fields): string {
    const result = this.tryApply(manager, fields);
    assert.ok('refusal' in result, 'the apply went through');
    assert.equal(result.refusal.code, 400);
    return result.refusal.message ?? '';
  }

  /** Writes the whole object. Metadata of the server is as it was. */
  update(manager: string, fields: Fields, options: Omit<Options, 'force'> = {}): this {
    this.now += 60_000;
    const after = asObject(gadget(fields));
    const managedFields = trackUpdate({ before: this.object, after, manager, apiVersion, now: this.now, type: this.type, ...options });
    this.object = { ...after, metadata: { ...after.metadata, managedFields } };
    return this;
  }

  /** What the object says, without what every object has. */
  get fields(): Fields {
    const { apiVersion: version, kind, metadata, ...others } = asObject(JSON.parse(JSON.stringify(this.object)));
    assert.deepEqual([version, kind], [apiVersion, 'Gadget']);
    const { name, namespace, managedFields, ...own } = metadata;
    assert.deepEqual([name, namespace, Array.isArray(managedFields ?? [])], ['g', 'shop', true]);
    return Object.keys(own).length === 0 ? others : { metadata: own, ...others };
  }

  get managers(): ManagedFieldsEntry[] {
    return this.object?.metadata.managedFields ?? [];
  }

  entry(manager: string, operation: 'Apply' | 'Update' = 'Apply'): ManagedFieldsEntry | undefined {
    return this.managers.find((entry) => entry.manager === manager && entry.operation === operation);
  }

  /** The fields of a manager, one path after another. */
  owns(manager: string, operation: 'Apply' | 'Update' = 'Apply'): string {
    return printFields(this.entry(manager, operation)?.fieldsV1);
  }
}

/** A set as its paths: `.a .a.b`. */
export function printFields(fields: Json | FieldSet | undefined): string {
  return pathsOf(parseFieldSet(fields)).map(printPath).join(' ');
}
