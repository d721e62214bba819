import type { Json } from '../../meta/objects.ts';
import type { JsonObject } from './json.ts';
import { isObject } from './json.ts';

/**
 * How values of a field are merged and owned: by the shape that the value itself has. A field whose schema names one type has one shape;
 * one without a type has all three.
 */
export interface Type {
  readonly scalar: ScalarKind | undefined;
  readonly list: ListShape | undefined;
  readonly map: MapShape | undefined;
}

export type ScalarKind = 'string' | 'numeric' | 'boolean' | 'untyped';

export interface ListShape {
  /** Owned and replaced as a whole. */
  readonly atomic: boolean;
  /** The fields by which items are told apart, in order; none: items are scalars, told apart by their value. */
  readonly keys: readonly ListKey[];
  readonly item: Type;
}

export interface ListKey {
  readonly name: string;
  /** The name as elements of paths print it: quoted, with its colon. */
  readonly label: string;
  /** What an item has that does not say. */
  readonly preset: Json | undefined;
}

export interface MapShape {
  readonly atomic: boolean;
  readonly fields: ReadonlyMap<string, Type>;
  /** The type of members that are not in `fields`; undefined where there may be none. */
  readonly others: Type | undefined;
  /** Members that the server alone writes, so that nobody owns them. */
  readonly untracked: ReadonlySet<string>;
}

const noFields: ReadonlyMap<string, Type> = new Map();
const nothing: ReadonlySet<string> = new Set();

/** Values without a schema inside something atomic. */
export const untypedType: Type = untyped(true);

/** Values without a schema: maps are granular, lists atomic. */
export const deducedType: Type = untyped(false);

function untyped(atomicMaps: boolean): Type {
  const list: { atomic: boolean; keys: readonly ListKey[]; item: Type } = { atomic: true, keys: [], item: scalarType('untyped') };
  const map: { -readonly [part in keyof MapShape]: MapShape[part] } = {
    atomic: atomicMaps,
    fields: noFields,
    others: undefined,
    untracked: nothing,
  };
  const type: Type = { scalar: 'untyped', list, map };
  list.item = atomicMaps ? type : untypedType;
  map.others = type;
  return type;
}

export function scalarType(scalar: ScalarKind): Type {
  return { scalar, list: undefined, map: undefined };
}

export function listType(list: ListShape): Type {
  return { scalar: undefined, list, map: undefined };
}

export function mapType(map: Partial<MapShape>): Type {
  return { scalar: undefined, list: undefined, map: { atomic: false, fields: noFields, others: undefined, untracked: nothing, ...map } };
}

/** The granular map that `value` is; undefined when it is none, is atomic or empty, and so is owned as a whole. */
export function mapOf(type: Type, value: Json): JsonObject | undefined {
  return isObject(value) && !mapShapeOf(type).atomic && Object.keys(value).length > 0 ? value : undefined;
}

/** How a map is treated; a map where the schema allows none is treated as if there were no schema. */
export function mapShapeOf(type: Type): MapShape {
  return type.map ?? deducedMap;
}

/** How a list is treated; see `mapShapeOf`. */
export function listShapeOf(type: Type): ListShape {
  return type.list ?? deducedList;
}

const deducedMap: MapShape = { atomic: false, fields: noFields, others: deducedType, untracked: nothing };
const deducedList: ListShape = { atomic: true, keys: [], item: untypedType };

/** The type of a member; what the schema does not know is treated as if there were no schema. */
export function memberType(shape: MapShape, key: string): Type {
  return shape.fields.get(key) ?? shape.others ?? deducedType;
}
