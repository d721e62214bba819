import type { Program } from '../cel/compile.ts';
import { normalizeFieldPath } from '../cel/field-path.ts';
import { compileRuleTree, type RuleNode } from '../cel/rules.ts';
import { asPrinted, invalid, notSupported, required, type Cause } from '../field-errors.ts';
import type { JsonSchema, ValidationRule } from '../schema.ts';
import { structural, type SchemaNode } from '../structural.ts';
import { childPath, keyPath } from './walk.ts';

const reasons: readonly string[] = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** What is wrong with the form of the rules, before they are compiled. */
export function ruleFormCauses(node: SchemaNode, path: string): Cause[] {
  const here = node.rules.flatMap((rule, i) => formCauses(rule, node, keyPath(childPath(path, 'x-kubernetes-validations'), String(i))));
  return [...here, ...placed(node, path).flatMap(({ child, place }) => ruleFormCauses(child, place))];
}

function placed(node: SchemaNode, path: string): { child: SchemaNode; place: string; name: string | undefined }[] {
  const properties = [...node.properties].map(([name, child]) => ({ child, name, place: keyPath(childPath(path, 'properties'), name) }));
  const { additional, items } = node;
  return [
    ...properties,
    ...(typeof additional === 'object' ? [{ child: additional, name: undefined, place: childPath(path, 'additionalProperties') }] : []),
    ...(items === undefined ? [] : [{ child: items, name: undefined, place: childPath(path, 'items') }]),
  ];
}

function formCauses(rule: ValidationRule, node: SchemaNode, path: string): Cause[] {
  const causes: Cause[] = [];
  const { message = '', messageExpression = '', fieldPath = '', reason } = rule;
  const lineBreak = /[\n\r]/;
  if (rule.rule.trim() === '') causes.push(required(childPath(path, 'rule'), 'rule is not specified'));
  else if (message !== '' && message.trim() === '')
    causes.push(invalid(childPath(path, 'message'), message, 'must be non-empty if specified'));
  else if (lineBreak.test(message.trim())) causes.push(invalid(childPath(path, 'message'), message, 'must not contain line breaks'));
  else if (lineBreak.test(rule.rule.trim()) && message.trim() === '') {
    causes.push(required(childPath(path, 'message'), 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    causes.push(required(childPath(path, 'messageExpression'), 'messageExpression must be non-empty if specified'));
  }
  if (reason !== undefined && !reasons.includes(reason)) causes.push(notSupported(childPath(path, 'reason'), reason, reasons));
  return fieldPath === '' ? causes : [...causes, ...fieldPathCauses(fieldPath, node, childPath(path, 'fieldPath'))];
}

function fieldPathCauses(fieldPath: string, node: SchemaNode, path: string): Cause[] {
  const causes: Cause[] = [];
  if (fieldPath.trim() === '') causes.push(invalid(path, fieldPath, 'must be non-empty if specified'));
  if (/[\n\r]/.test(fieldPath)) causes.push(invalid(path, fieldPath, 'must not contain line breaks'));
  try {
    normalizeFieldPath(fieldPath, node);
  } catch {
    causes.push(invalid(path, fieldPath, 'must be a valid path'));
  }
  return causes;
}

/** Rules that do not compile, and uses of oldSelf where nothing before an update corresponds. */
export function ruleCauses(schema: JsonSchema, path: string): Cause[] {
  const tree = compileRuleTree(structural(schema, true));
  return tree === undefined ? [] : compiledCauses(tree, path, undefined);
}

/** `loose` is the list within which items do not correspond to those before an update. */
function compiledCauses(tree: RuleNode, path: string, loose: string | undefined): Cause[] {
  const rulesPath = childPath(path, 'x-kubernetes-validations');
  const causes = tree.programs.flatMap((program, i) => programCauses(program, keyPath(rulesPath, String(i)), loose));
  for (const [name, child] of tree.properties) {
    causes.push(...compiledCauses(child, keyPath(childPath(path, 'properties'), name), loose));
  }
  if (tree.additional !== undefined) causes.push(...compiledCauses(tree.additional, childPath(path, 'additionalProperties'), loose));
  if (tree.items !== undefined) {
    const inner = loose ?? (tree.node.listType === 'map' ? undefined : path);
    causes.push(...compiledCauses(tree.items, childPath(path, 'items'), inner));
  }
  return causes;
}

function programCauses(program: Program, path: string, loose: string | undefined): Cause[] {
  const { rule } = program;
  const causes: Cause[] = [];
  if (program.error !== undefined) causes.push(invalid(childPath(path, 'rule'), shown(rule), program.error));
  if (program.messageError !== undefined) causes.push(invalid(childPath(path, 'messageExpression'), shown(rule), program.messageError));
  if (program.error !== undefined) return causes;
  if (program.usesOldSelf && loose !== undefined) {
    const words = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${loose}`;
    causes.push(invalid(childPath(path, 'rule'), rule.rule, words));
  }
  if (!program.usesOldSelf && rule.optionalOldSelf !== undefined) {
    causes.push(invalid(childPath(path, 'optionalOldSelf'), rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
  }
  return causes;
}

/** A rule as kube-apiserver prints it. */
function shown(rule: ValidationRule) {
  return asPrinted({
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  });
}
