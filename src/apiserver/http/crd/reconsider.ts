import { messageOf, Stopped } from '../../../base/errors.ts';
import type { UnknownObject } from '../../../meta/objects.ts';
import { deepEqual } from '../../schema/json.ts';
import { Conflict } from '../../store/types.ts';
import { jsonOf } from '../objects.ts';
import type { Description } from '../registry/resource.ts';
import type { Server } from '../server.ts';
import { definitionsIn, definitionsPrefix } from './customs.ts';
import { hasCondition } from './definition.ts';

/** Decides anew about the definitions of a group some of whose names were taken. */
export type Reconsider = (group: string) => void;

/** `decide` gives a definition with the names that it gets as things are now. One group after another: two definitions may want one name. */
export function reconsidering(server: () => Server, crds: Description, decide: (object: UnknownObject) => UnknownObject): Reconsider {
  let turn: Promise<void> = Promise.resolve();
  return (group) => {
    turn = turn.then(() => reconsiderGroup(server(), crds, group, decide));
  };
}

async function reconsiderGroup(
  server: Server,
  crds: Description,
  group: string,
  decide: (object: UnknownObject) => UnknownObject,
): Promise<void> {
  try {
    const waiting = definitionsIn(server.store).filter(({ spec }) => spec.group === group);
    for (const definition of waiting) {
      if (!hasCondition(definition, 'NamesAccepted')) await rewrite(server, crds, definition.metadata.name, decide);
    }
  } catch (error) {
    if (error instanceof Stopped) return;
    server.runtime.log.error('names of CustomResourceDefinitions were not decided about', { group, error: messageOf(error) });
  }
}

/** Writes the definition as it is decided about; again while somebody else is faster. */
async function rewrite(server: Server, crds: Description, name: string, decide: (object: UnknownObject) => UnknownObject): Promise<void> {
  const key = `${definitionsPrefix}${name}`;
  for (let stored = server.store.get(key); stored !== undefined; stored = server.store.get(key)) {
    const next = decide(stored.object);
    if (deepEqual(jsonOf(next), jsonOf(stored.object))) return;
    try {
      const written = await server.store.put(key, stored.revision, next);
      server.committed(crds, name, written.object);
      return;
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}
