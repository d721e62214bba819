import { kinds } from '../../../src/api/kinds.ts';
import { apiVersionOf } from '../../../src/meta/resource.ts';
import { badManifests } from '../../manifests/bad.ts';
import type { BadManifest } from '../../manifests/bad.ts';
import { create, get, quietly, remove, scenario, update } from '../scenario.ts';
import type { Group, Scenario } from '../scenario.ts';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function isManifest(object: object): object is Manifest {
  return 'apiVersion' in object && 'kind' in object && 'metadata' in object;
}

/** The manifest as one of the scenario's own namespace, where it has one. */
function placed(object: object): Manifest {
  if (!isManifest(object)) throw new Error('that is no manifest');
  const { namespace, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace: '{id}' }) } };
}

function collectionOf({ apiVersion, kind, metadata }: Manifest): string {
  const type = kinds.find((candidate) => candidate.kind === kind && apiVersionOf(candidate) === apiVersion);
  if (type === undefined) throw new Error(`there is no kind ${kind} of ${apiVersion}`);
  return `/apis/${apiVersion}${metadata.namespace === undefined ? '' : '/namespaces/{id}'}/${type.plural}`;
}

const refused = { show: ['/message', '/reason', '/code', '/details'] };

/** Sent as kubectl sends it; and, where another manifest stands there before, as an update of that. */
function badScenario({ what, object, before }: BadManifest): Scenario {
  const manifest = placed(object);
  const collection = collectionOf(manifest);
  const path = `${collection}/${manifest.metadata.name}`;
  const strict = '?fieldValidation=Strict';
  if (before === undefined) {
    const bare = scenario(what, create(`${collection}${strict}`, manifest, refused));
    return { ...bare, clusterWide: manifest.metadata.namespace === undefined };
  }
  return scenario(
    what,
    quietly(create(`${collection}${strict}`, placed(before), { capture: { rv: '/metadata/resourceVersion' } })),
    update(`${path}${strict}`, { ...manifest, metadata: { ...manifest.metadata, resourceVersion: '{rv}' } }, refused),
    get(path, { show: ['/spec'] }),
    quietly(remove(path)),
  );
}

/** Our own manifests that no control plane may take: the same refusal of each, word by word. */
export const badGroup: Group = { name: 'bad', scenarios: badManifests.map(badScenario) };
