import { compileRuleTree } from '../cel/rules.ts';
import { checkRules } from '../cel/check.ts';
import { invalid, type Cause } from '../field-errors.ts';
import { deepEqual } from '../json.ts';
import { duplicateItems } from '../list-types.ts';
import { prune } from '../prune.ts';
import type { JsonSchema } from '../schema.ts';
import { structural } from '../structural.ts';
import { makeValidator } from '../validate.ts';
import { causesOf, placeFaults } from '../validation-errors.ts';
import { childPath, keyPath } from './walk.ts';

/** Defaults that their own schema refuses. A default must be valid as written: those further in are not filled into it first. */
export function defaultCauses(schema: JsonSchema, path: string): Cause[] {
  const causes = ownDefault(schema, childPath(path, 'default'));
  const { items } = schema;
  if (items !== undefined && !Array.isArray(items)) causes.push(...defaultCauses(items, childPath(path, 'items')));
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    causes.push(...defaultCauses(child, keyPath(childPath(path, 'properties'), name)));
  }
  return causes;
}

function ownDefault(schema: JsonSchema, path: string): Cause[] {
  const value = schema.default ?? null;
  if (value === null) return [];
  const node = structural(schema);
  const causes = deepEqual(prune(value, node, []), value) ? [] : [invalid(path, value, 'must not have unknown fields')];
  const faults = makeValidator(schema)(value);
  causes.push(...causesOf(placeFaults(faults, value), path), ...duplicateItems(value, node, path));
  const rules = causes.length === 0 ? compileRuleTree(node) : undefined;
  if (rules === undefined) return causes;
  return checkRules(rules, value, undefined).causes.map((cause) => ({
    ...cause,
    field: cause.field === '<nil>' ? path : childPath(path, cause.field),
  }));
}
