import { Optional, type Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { ValidationRule } from '../schema.ts';
import { describeError, located } from './errors.ts';
import { badLiteral } from './literals.ts';
import { prepare } from './source.ts';
import type { CelType } from './types.ts';

/** A rule that can be judged. */
export interface Program {
  readonly rule: ValidationRule;
  readonly usesOldSelf: boolean;
  /** Why it cannot be judged after all; then `run` must not be called. */
  readonly error: string | undefined;
  /** What is wrong with `messageExpression`. Such a rule is judged, and its other words are used. */
  readonly messageError: string | undefined;
  /** @throws what the rule's evaluation throws. `oldSelf` is undefined where nothing was before. */
  run(self: unknown, oldSelf: unknown): unknown;
  message(self: unknown, oldSelf: unknown): unknown;
}

/** The words for an empty rule, which is refused when a CRD is made and holds otherwise. */
const noExpression = (): ParseResult | undefined => undefined;

/** Compiles the rules of one place, whose values have `type`. */
export function compileRules(rules: readonly ValidationRule[], type: CelType, environment: Environment): Program[] {
  const scope = (oldSelf: string): Environment =>
    environment.clone().registerVariable('self', type.name).registerVariable('oldSelf', oldSelf);
  const plain = scope(type.name);
  const optional = rules.some((rule) => rule.optionalOldSelf === true) ? scope(`optional<${type.name}>`) : plain;
  return rules.map((rule) => compileRule(rule, rule.optionalOldSelf === true ? optional : plain));
}

function compileRule(rule: ValidationRule, environment: Environment): Program {
  const source = prepare(rule.rule);
  const condition = rule.rule.trim() === '' ? { parsed: noExpression(), error: undefined } : compile(rule.rule, environment, 'bool');
  const expression = rule.messageExpression ?? '';
  const words = expression.trim() === '' ? undefined : compile(expression, environment, 'string');
  const old = (oldSelf: unknown): unknown => {
    if (rule.optionalOldSelf !== true) return oldSelf;
    return oldSelf === undefined ? Optional.none() : Optional.of(oldSelf);
  };
  return {
    rule,
    usesOldSelf: source.usesOldSelf,
    error: condition.error,
    messageError: words?.error === undefined ? undefined : `messageExpression ${words.error}`,
    run: (self, oldSelf) => evaluate(condition.parsed, self, old(oldSelf)) ?? true,
    message: (self, oldSelf) => evaluate(words?.parsed, self, old(oldSelf)),
  };
}

function evaluate(parsed: ParseResult | undefined, self: unknown, oldSelf: unknown): unknown {
  const result: unknown = parsed?.({ self, oldSelf });
  return result;
}

interface Compiled {
  readonly parsed: ParseResult | undefined;
  readonly error: string | undefined;
}

function compile(expression: string, environment: Environment, wanted: 'bool' | 'string'): Compiled {
  try {
    const parsed = environment.parse(prepare(expression).text);
    const checked = parsed.check();
    if (!checked.valid) return { parsed: undefined, error: `compilation failed: ${describeError(checked.error, expression)}` };
    const bad = badLiteral(parsed);
    if (bad !== undefined) return { parsed: undefined, error: `compilation failed: ${located(bad.words, bad.start, expression)}` };
    if (checked.type === wanted) return { parsed, error: undefined };
    return { parsed: undefined, error: wanted === 'bool' ? 'cel expression must evaluate to a bool' : 'must evaluate to a string' };
  } catch (error) {
    return { parsed: undefined, error: `compilation failed: ${describeError(error, expression)}` };
  }
}
