/** What a folder of manifests comes to, without kustomize: as much of it as ours use. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { applyPatch, type Operation } from 'rfc6902';
import { root } from '../../scripts/tool.ts';

/** Any object of a manifest. */
export interface Applied {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
}

interface Kustomization {
  readonly kind: 'Kustomization';
  readonly resources: readonly string[];
  readonly patches?: readonly Patch[];
}

/** RFC 6902 operations, as YAML. */
interface Patch {
  readonly target: { readonly kind: string; readonly name: string };
  readonly patch: string;
}

/** The kustomization of a folder, given from the top of the repository. */
export function kustomizationOf(folder: string): Kustomization {
  const [only, ...others] = yamlOf(join(folder, 'kustomization.yaml'));
  if (others.length > 0) throw new Error(`${folder}/kustomization.yaml holds more than one document`);
  return only as Kustomization;
}

/** All that a `kubectl apply -k FOLDER` applies, but for the labels that kustomize adds. @throws {Error} naming a resource that is not there, or twice. */
export function objectsOf(folder: string): Applied[] {
  const { resources, patches = [] } = kustomizationOf(folder);
  const objects = resources.flatMap((resource) => {
    const path = join(folder, resource);
    if (!existsSync(join(root, path))) throw new Error(`${folder}/kustomization.yaml names ${resource}, which is not there`);
    return statSync(join(root, path)).isDirectory() ? objectsOf(path) : (yamlOf(path) as Applied[]);
  });
  const names = objects.map(nameOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${folder} has ${twice} twice`);
  for (const patch of patches) apply(patch, objects, folder);
  return objects;
}

function apply({ target, patch }: Patch, objects: readonly Applied[], folder: string): void {
  const object = objects.find(({ kind, metadata }) => kind === target.kind && metadata.name === target.name);
  if (object === undefined) throw new Error(`${folder}/kustomization.yaml patches ${target.kind} ${target.name}, which is not there`);
  const failed = applyPatch(object, load(patch) as Operation[]).find((error) => error !== null);
  if (failed !== undefined) throw failed;
}

export function nameOf({ kind, metadata }: Applied): string {
  return [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join(' ');
}

/** The objects of one kind. */
export function ofKind<T extends Applied>(objects: readonly Applied[], kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}

/** All folders below `folder` that have a kustomization. */
export function kustomizationsBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'kustomization.yaml')
    .map((entry) => relative(root, entry.parentPath));
}

function yamlOf(file: string): unknown[] {
  return loadAll(readFileSync(join(root, file), 'utf8'));
}
