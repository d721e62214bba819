import { kinds } from '../../api/kinds.ts';
import { Unreachable } from '../../base/errors.ts';
import { Namespace } from '../../meta/core.ts';
import type { UnknownObject } from '../../meta/objects.ts';
import { apiVersionOf, type Kind } from '../../meta/resource.ts';
import type { Manifest } from '../install.ts';

/** The kind of an object that the trial brings: a Namespace, or one of ours. */
export function kindOf(object: Manifest): Kind<UnknownObject> {
  const known = [Namespace, ...kinds].find((kind) => kind.kind === object.kind && apiVersionOf(kind) === object.apiVersion);
  if (known === undefined) throw new Unreachable(`no kind ${object.kind}`);
  const { group, version, kind, plural, namespaced } = known;
  return { group, version, kind, plural, namespaced };
}
