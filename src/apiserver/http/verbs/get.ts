import { describeCause } from '../../schema/field-errors.ts';
import { notFound, tooLargeResourceVersion, unreasoned } from '../errors.ts';
import { shown, storageKey } from '../registry/resource.ts';
import { jsonText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import type { Saved } from '../write/commit.ts';
import { notAVersion, versionOf } from './list-options.ts';
import { present } from './present.ts';

/** GET of one object. */
export function get(call: Call): Answer {
  const text = call.query.get('resourceVersion');
  if (!/^\d*$/.test(text)) throw unreasoned(describeCause(notAVersion(text)));
  const wanted = versionOf(call.query) ?? 0;
  const current = call.server.store.revision();
  if (wanted > current) throw tooLargeResourceVersion(wanted, current);
  return jsonText(200, present(call, find(call)));
}

/** The object that `call` names. @throws {ApiError} 404. */
export function find(call: Call): Saved {
  const { resource, server } = call;
  const name = call.name ?? '';
  const stored = server.store.get(storageKey(resource.storage, call.namespace, name));
  if (stored === undefined) throw notFound(resource, name);
  return shown(resource, stored);
}
