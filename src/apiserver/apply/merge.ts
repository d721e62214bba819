import type { Json } from '../../meta/objects.ts';
import type { JsonObject } from './json.ts';
import { equalJson, equalLists, isObject, member, setMember } from './json.ts';
import { mergeItems } from './merge-list.ts';
import type { ListShape, MapShape, Type } from './type.ts';
import { listShapeOf, mapShapeOf, memberType } from './type.ts';

/**
 * `live` with what `patch` says put over it. Nothing is removed. What does not change is shared with `live`: the result is `live` itself
 * exactly when the patch changes nothing.
 */
export function merge(type: Type, live: Json, patch: Json): Json {
  if (live === patch) return live;
  if (patch === null) return keepsContents(type, live) ? live : null;
  if (isObject(live) && isObject(patch)) return mergeMaps(mapShapeOf(type), live, patch);
  if (Array.isArray(live) && Array.isArray(patch)) return mergeLists(listShapeOf(type), live, patch);
  return patch;
}

/** A null says nothing of the contents of a container that has parts with owners. */
function keepsContents(type: Type, live: Json): boolean {
  if (Array.isArray(live)) return live.length > 0 && !listShapeOf(type).atomic;
  return isObject(live) && Object.keys(live).length > 0 && !mapShapeOf(type).atomic;
}

function mergeMaps(shape: MapShape, live: JsonObject, patch: JsonObject): Json {
  if (shape.atomic) return equalJson(live, patch) ? live : patch;
  let result: Record<string, Json> | undefined;
  for (const key in patch) {
    const mine = member(live, key);
    const theirs = patch[key];
    if (theirs === undefined) continue;
    const merged = mine === undefined ? theirs : merge(memberType(shape, key), mine, theirs);
    if (merged === mine) continue;
    result ??= { ...live };
    setMember(result, key, merged);
  }
  return result ?? live;
}

function mergeLists(shape: ListShape, live: Json[], patch: Json[]): Json {
  if (shape.atomic || live.length === 0) return equalLists(live, patch) ? live : patch;
  const merged = mergeItems(shape, live, patch, merge) ?? patch;
  return merged.length === live.length && merged.every((item, i) => item === live[i]) ? live : merged;
}
