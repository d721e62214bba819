import { equal } from '../../src/base/equal.ts';
import type { KubeObject } from '../../src/meta/objects.ts';

/** In words: made, gone, or which of its parts changed, and by whom. */
export function whatChanged(before: KubeObject | undefined, after: KubeObject | undefined): string {
  if (before === undefined) return `made: ${reasonOf(after)}`;
  if (after === undefined) return 'gone';
  if (after.metadata.deletionTimestamp !== before.metadata.deletionTimestamp) return 'deleted';
  const [was, is] = [partsOf(before), partsOf(after)];
  const parts = [...new Set([...was.keys(), ...is.keys()])].filter((part) => !equal(was.get(part), is.get(part)));
  return `${parts.join('+')} by ${managersOf(before, after).join('+')}`;
}

function partsOf({ metadata, ...rest }: KubeObject): ReadonlyMap<string, unknown> {
  const { labels, annotations, finalizers } = metadata;
  return new Map<string, unknown>(Object.entries({ ...rest, labels, annotations, finalizers }));
}

/** Whose entries of managed fields are others than before. */
function managersOf({ metadata: before }: KubeObject, { metadata: after }: KubeObject): string[] {
  const known = new Set(before.managedFields?.map((entry) => JSON.stringify(entry)));
  const changed = after.managedFields?.filter((entry) => !known.has(JSON.stringify(entry))) ?? [];
  return [...new Set(changed.map(({ manager }) => manager ?? ''))];
}

/** Of an event, what it tells. */
function reasonOf(object: KubeObject | undefined): string {
  return object !== undefined && 'reason' in object ? String(object.reason) : '';
}
