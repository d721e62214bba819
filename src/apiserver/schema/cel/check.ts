import type { Json } from '../../../meta/objects.ts';
import { describeCause, duplicate, forbidden, invalid, noField, omitted, required, type Cause } from '../field-errors.ts';
import { deepEqual, isArray, isObject, type JsonObject } from '../json.ts';
import { indexByKeys } from '../list-types.ts';
import { runtimeWords } from './errors.ts';
import type { PlacedProgram, RuleNode } from './rules.ts';

/** What judging the rules found. */
export interface Verdict {
  readonly causes: Cause[];
  /** Faults that were there before the update, which stand in its way no longer. */
  readonly warnings: string[];
}

/** A value with its place, and what it was before. */
interface Subject {
  readonly value: Json;
  /** Undefined on creation, and where nothing before the update corresponds. */
  readonly old: Json | undefined;
  readonly path: string;
  /** The nearest value around it (itself included) that something before the update corresponds to. */
  readonly nearest: { readonly value: Json; readonly old: Json } | undefined;
}

/** Judges `value` by all rules of `tree`. Transition rules are judged where `old` has something that corresponds. */
export function checkRules(tree: RuleNode, value: Json, old: Json | undefined): Verdict {
  const verdict: Verdict = { causes: [], warnings: [] };
  check(tree, subject(value, old, '', undefined), verdict);
  return verdict;
}

function subject(value: Json, before: Json | undefined, path: string, around: Subject['nearest']): Subject {
  const old = before ?? undefined;
  return { value, old, path, nearest: old === undefined ? around : { value, old } };
}

function check(tree: RuleNode, at: Subject, verdict: Verdict): void {
  if (typeof at.value !== 'object' || at.value !== at.old) {
    judgeAll(tree, at, verdict);
    return;
  }
  if (at.value === null || tree.settled.has(at.value)) return;
  const problems = verdict.causes.length + verdict.warnings.length;
  judgeAll(tree, at, verdict);
  if (verdict.causes.length + verdict.warnings.length === problems) tree.settled.add(at.value);
}

function judgeAll(tree: RuleNode, at: Subject, verdict: Verdict): void {
  if (at.value === null) return;
  if (tree.programs.length > 0) judge(tree, at, verdict);
  if (isArray(at.value)) checkItems(tree, at, at.value, verdict);
  else if (isObject(at.value)) checkFields(tree, at, at.value, verdict);
}

function checkItems(tree: RuleNode, at: Subject, items: readonly Json[], verdict: Verdict): void {
  if (tree.items === undefined) return;
  const before = tree.node.listType === 'map' && isArray(at.old) ? indexByKeys(at.old, tree.node.listKeys) : undefined;
  for (const [i, item] of items.entries()) {
    check(tree.items, subject(item, before?.(item), `${at.path}[${String(i)}]`, at.nearest), verdict);
  }
}

function checkFields(tree: RuleNode, at: Subject, object: JsonObject, verdict: Verdict): void {
  const old = isObject(at.old) ? at.old : {};
  const before = (key: string): Json | undefined => (Object.hasOwn(old, key) ? old[key] : undefined);
  for (const [key, child] of tree.properties) {
    if (!Object.hasOwn(object, key)) continue;
    const path = at.path === '' ? key : `${at.path}.${key}`;
    check(child, subject(object[key] ?? null, before(key), path, at.nearest), verdict);
  }
  if (tree.additional === undefined) return;
  for (const key of Object.keys(object)) {
    if (tree.node.properties.has(key)) continue;
    check(tree.additional, subject(object[key] ?? null, before(key), `${at.path}[${key}]`, at.nearest), verdict);
  }
}

function judge(tree: RuleNode, at: Subject, verdict: Verdict): void {
  const { convert, node } = tree;
  if (convert === undefined) return;
  let self: unknown;
  let oldSelf: unknown;
  for (const program of tree.programs) {
    if (program.error !== undefined) {
      verdict.causes.push(invalid(fieldOf(at), node.type, `rule compile error: ${program.error}`));
      continue;
    }
    if (program.usesOldSelf && at.old === undefined && program.rule.optionalOldSelf !== true) continue;
    try {
      self ??= convert(at.value);
      if (program.usesOldSelf && at.old !== undefined) oldSelf ??= convert(at.old);
      if (program.run(self, oldSelf) !== true) tell(program, failure(program, tree, at, self, oldSelf), at, verdict);
    } catch (error) {
      verdict.causes.push(invalid(fieldOf(at), node.type, errorWords(error, program)));
    }
  }
}

function tell(program: PlacedProgram, problem: Cause, at: Subject, verdict: Verdict): void {
  const unchanged = !program.usesOldSelf && at.nearest !== undefined && deepEqual(at.nearest.value, at.nearest.old);
  if (unchanged) verdict.warnings.push(describeCause(problem));
  else verdict.causes.push(problem);
}

function failure(program: PlacedProgram, { node }: RuleNode, at: Subject, self: unknown, oldSelf: unknown): Cause {
  const path = program.fieldPath === '' ? fieldOf(at) : joinPath(at.path, program.fieldPath);
  const detail = messageOf(program, self, oldSelf) ?? defaultMessage(program);
  const value = node.type === 'object' || node.type === 'array' ? omitted : at.value;
  switch (program.rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(path, detail);
    case 'FieldValueRequired':
      return required(path, detail);
    case 'FieldValueDuplicate':
      return duplicate(path, value);
    default:
      return invalid(path, value, detail);
  }
}

function joinPath(path: string, rest: string): string {
  return path === '' || rest.startsWith('[') ? path + rest : `${path}.${rest}`;
}

function fieldOf(at: Subject): string {
  return at.path === '' ? noField : at.path;
}

const maxMessage = 5 * 1024;

/** The words of `messageExpression`, if it has any to give. */
function messageOf(program: PlacedProgram, self: unknown, oldSelf: unknown): string | undefined {
  if (program.messageError !== undefined) return undefined;
  try {
    const words = program.message(self, oldSelf);
    const text = typeof words === 'string' ? words.trim() : '';
    return text === '' || text.length > maxMessage || text.includes('\n') ? undefined : text;
  } catch {
    return undefined;
  }
}

function ruleWords(program: PlacedProgram): string {
  const message = program.rule.message ?? '';
  return (message === '' ? program.rule.rule : message).trim();
}

function defaultMessage(program: PlacedProgram): string {
  const message = program.rule.message ?? '';
  return message === '' ? `failed rule: ${ruleWords(program)}` : message.trim();
}

function errorWords(error: unknown, program: PlacedProgram): string {
  const words = runtimeWords(error);
  if (words.startsWith('no such overload') || words.startsWith('found no matching overload')) {
    return `'no such overload': call arguments did not match a supported operator, function or macro signature for rule: ${ruleWords(program)}`;
  }
  return `${words} evaluating rule: ${ruleWords(program)}`;
}
