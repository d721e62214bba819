/** What listeners have been told, and whether it made sense. */
import { keyOf, type KubeObject } from '../../src/meta/objects.ts';

export interface Ledger {
  /** What is there, by what was told. */
  readonly there: ReadonlyMap<string, KubeObject>;
  /** What made no sense. */
  readonly wrong: string[];
  events(): number;
  added(object: KubeObject): void;
  changed(object: KubeObject): void;
  deleted(object: KubeObject): void;
}

/**
 * Holds that nothing is added that is there, nothing changes or goes that is not, and no object goes back in time, not even over its own end:
 * what was deleted does not come back as of old.
 */
export function ledger(): Ledger {
  const there = new Map<string, KubeObject>();
  const newest = new Map<string, number>();
  const wrong: string[] = [];
  let events = 0;
  const note = (object: KubeObject, key: string, problem: string | undefined): void => {
    events++;
    const version = Number(object.metadata.resourceVersion);
    const before = newest.get(key) ?? 0;
    if (problem !== undefined) wrong.push(`${key}@${String(version)} ${problem}`);
    newest.set(key, Math.max(version, before));
  };
  const isNew = (object: KubeObject, key: string): string | undefined => {
    const before = newest.get(key) ?? 0;
    return Number(object.metadata.resourceVersion) > before ? undefined : `comes after @${String(before)}`;
  };
  return {
    there,
    wrong,
    events: () => events,
    added: (object) => {
      const key = keyOf(object.metadata);
      note(object, key, there.has(key) ? 'was added, and is there' : isNew(object, key));
      there.set(key, object);
    },
    changed: (object) => {
      const key = keyOf(object.metadata);
      note(object, key, there.has(key) ? isNew(object, key) : 'changed, and is not there');
      there.set(key, object);
    },
    deleted: (object) => {
      const key = keyOf(object.metadata);
      note(object, key, there.delete(key) ? undefined : 'was deleted, and is not there');
    },
  };
}
