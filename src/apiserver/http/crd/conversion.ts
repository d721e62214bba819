import type { UnknownObject } from '../../../meta/objects.ts';
import { apiVersionOf } from '../../../meta/resource.ts';
import type { ResourceType } from '../../../meta/resource.ts';
import { jsonOf, kubeObjectOf } from '../objects.ts';
import type { KindSchema } from '../registry/kind-schema.ts';
import type { Conversion } from '../registry/resource.ts';

/**
 * Conversion strategy None: the apiVersion differs, and fields that only one of the versions has are lost. What is stored is read by the
 * schema that its version has now, whatever that was when it was stored: what it has forgotten goes, and its defaults come.
 */
export function conversionOf(type: ResourceType, stored: ResourceType, schemas: ReadonlyMap<string, KindSchema>): Conversion {
  // Objects of the store never change in place, and are asked for again and again.
  const known = new WeakMap<UnknownObject, UnknownObject>();
  const show = (object: UnknownObject): UnknownObject => asVersion(type, schemas, read(object, type, schemas));
  return {
    toStored: (object) => asVersion(stored, schemas, object),
    fromStored: (object) => {
      const found = known.get(object) ?? show(object);
      known.set(object, found);
      return found;
    },
  };
}

/** An object as its own version has it now; one whose version is no more stays as it is. */
function read(object: UnknownObject, { group }: ResourceType, schemas: ReadonlyMap<string, KindSchema>): UnknownObject {
  const schema = schemas.get(object.apiVersion.slice(group.length + 1));
  return schema === undefined ? object : kubeObjectOf(schema.complete(schema.prune(jsonOf(object))));
}

function asVersion(type: ResourceType, schemas: ReadonlyMap<string, KindSchema>, object: UnknownObject): UnknownObject {
  const apiVersion = apiVersionOf(type);
  if (object.apiVersion === apiVersion) return object;
  const named = { ...object, apiVersion };
  const schema = schemas.get(type.version);
  return schema === undefined ? named : kubeObjectOf(schema.prune(jsonOf(named)));
}
