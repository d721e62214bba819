import type { Json } from '../../meta/objects.ts';
import { compileRuleTree, type RuleNode } from './cel/rules.ts';
import type { JsonSchema } from './schema.ts';
import { structural, type SchemaNode } from './structural.ts';
import { makePartValidator } from './part-validator.ts';
import type { Validator } from './validate.ts';

/** The schema of one version of a kind, ready for use. What takes long to make is made when it is first needed, and kept. */
export interface CompiledSchema {
  readonly schema: JsonSchema;
  readonly root: SchemaNode;
  /** Faults of a whole object against the schema's value validation. */
  readonly validate: Validator;
  /** Undefined when there are no rules. */
  rules(): RuleNode | undefined;
}

/** How a kind without a schema is taken: every field is kept, none is checked. */
export const anything: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** Makes the schema of a whole object (of `apiVersion`, `kind`, `metadata` and what else there is) ready for use. */
export function compileSchema(schema: JsonSchema = anything): CompiledSchema {
  const root = structural(schema, true);
  let validator: Validator | undefined;
  let rules: { readonly tree: RuleNode | undefined } | undefined;
  return {
    schema,
    root,
    validate: (value: Json) => (validator ??= makePartValidator(schema))(value),
    rules: () => (rules ??= { tree: compileRuleTree(root) }).tree,
  };
}
