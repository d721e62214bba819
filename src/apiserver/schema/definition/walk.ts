import type { Json } from '../../../meta/objects.ts';
import type { JsonSchema } from '../schema.ts';

/** A piece of schema and where it stands in the CRD. */
export interface Located {
  readonly schema: JsonSchema;
  readonly path: string;
}

export function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

export function keyPath(path: string, key: string): string {
  return `${path}[${key}]`;
}

/** The branches of an allOf, anyOf or oneOf that stands at `path`. */
export function at(branches: readonly JsonSchema[] | undefined, path: string): Located[] {
  return (branches ?? []).map((schema, i) => ({ schema, path: `${path}[${String(i)}]` }));
}

/** A schema is JSON; its TypeScript type just does not say so. */
export function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
