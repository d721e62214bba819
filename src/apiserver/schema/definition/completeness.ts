import { required, type Cause } from '../field-errors.ts';
import type { JsonSchema } from '../schema.ts';
import { at, childPath, keyPath, type Located } from './walk.ts';

/** Fields and items that value validation speaks of though the structure does not know them. */
export function completenessCauses(schema: JsonSchema, path: string): Cause[] {
  return branchesOf({ schema, path }).flatMap((branch) => missing(branch, { schema, path }));
}

function branchesOf({ schema, path }: Located): Located[] {
  return [
    ...(schema.not === undefined ? [] : [{ schema: schema.not, path: childPath(path, 'not') }]),
    ...at(schema.allOf, childPath(path, 'allOf')),
    ...at(schema.anyOf, childPath(path, 'anyOf')),
    ...at(schema.oneOf, childPath(path, 'oneOf')),
  ];
}

function missing(branch: Located, spine: Located): Cause[] {
  const causes = branchesOf(branch).flatMap((inner) => missing(inner, spine));
  const { items } = branch.schema;
  if (items !== undefined && !Array.isArray(items)) {
    causes.push(...below({ schema: items, path: childPath(branch.path, 'items') }, spine.schema.items, childPath(spine.path, 'items')));
  }
  for (const [name, child] of Object.entries(branch.schema.properties ?? {})) {
    const place = keyPath(childPath(branch.path, 'properties'), name);
    const counterpart = keyPath(childPath(spine.path, 'properties'), name);
    causes.push(...below({ schema: child, path: place }, spine.schema.properties?.[name], counterpart));
  }
  return causes;
}

function below(branch: Located, counterpart: JsonSchema | JsonSchema[] | undefined, path: string): Cause[] {
  if (counterpart === undefined || Array.isArray(counterpart)) return [required(path, `because it is defined in ${branch.path}`)];
  return missing(branch, { schema: counterpart, path });
}
