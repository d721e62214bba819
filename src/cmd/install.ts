/** Puts YAML manifests on a control plane, as a person with kubectl would. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Clock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import type { Client } from '../kube/types.ts';
import { isTrue } from '../meta/conditions.ts';
import { CustomResourceDefinition, Namespace } from '../meta/core.ts';
import type { ObjectMeta, UnknownObject } from '../meta/objects.ts';
import type { Kind } from '../meta/resource.ts';
import { isApiError } from '../meta/status.ts';

/** An object as a person writes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Partial<ObjectMeta> & { readonly name: string };
  readonly [field: string]: unknown;
}

/** All objects of the YAML files below `directory`, in the order of the files' names. */
export async function manifestsIn(directory: string): Promise<Manifest[]> {
  const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.yaml')).sort();
  const objects: Manifest[] = [];
  for (const file of files) {
    for (const object of loadAll(await readFile(join(directory, file), 'utf8'))) if (isObject(object)) objects.push(object);
  }
  return objects;
}

function isObject(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'kind' in value && 'metadata' in value;
}

const installer = 'hypersphere-installer';

/** Applies CRDs server-side and waits until they are served. A CRD that is as it should be is not written. */
export async function installCrds(client: Client, clock: Clock, crds: readonly Manifest[], signal: AbortSignal): Promise<void> {
  for (const crd of crds) await client.apply(CustomResourceDefinition, { name: crd.metadata.name }, crd, { fieldManager: installer });
  for (const crd of crds) await established(client, clock, crd.metadata.name, signal);
}

async function established(client: Client, clock: Clock, name: string, signal: AbortSignal): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const crd = await client.get(CustomResourceDefinition, { name });
    if (isTrue(crd?.status?.conditions, 'Established')) return;
    await clock.sleep(100, signal);
  }
  throw new UserError(`the API server does not serve ${name}: kubectl describe crd ${name} says why`);
}

/** Makes the namespace if it is not there. */
export async function ensureNamespace(client: Client, name: string): Promise<void> {
  await client.apply(Namespace, { name }, {}, { fieldManager: installer });
}

/**
 * Creates what is not there yet, with the note that kubectl leaves: a later `kubectl apply` of the same files finds nothing to change.
 * @param kindOf finds the kind of an object.
 */
export async function createAsKubectl(
  client: Client,
  objects: readonly Manifest[],
  kindOf: (object: Manifest) => Kind<UnknownObject>,
): Promise<void> {
  for (const object of objects) {
    const note = `${JSON.stringify(sorted({ ...object, metadata: { annotations: {}, ...object.metadata } }))}\n`;
    const annotations = { ...object.metadata.annotations, 'kubectl.kubernetes.io/last-applied-configuration': note };
    try {
      await client.create(
        kindOf(object),
        { ...object, metadata: { ...object.metadata, annotations } },
        { fieldManager: 'kubectl-client-side-apply' },
      );
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }
}

/** With keys in order, as Go prints maps. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
}
