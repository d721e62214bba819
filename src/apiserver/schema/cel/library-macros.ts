import { Optional, type Environment } from '@marcbachmann/cel-js';
import { celError } from './define.ts';

/** What the engine's macros work with, as far as ours do. */
interface Node {
  readonly op: string;
  readonly args: unknown;
}
interface Type {
  readonly kind: string;
  readonly valueType?: Type;
  fieldLazy(value: unknown, key: string, node: Node, evaluator: Evaluator): unknown;
}
interface Context {
  forkWithVariable(name: string, type: Type): Context;
  setIterValue(value: unknown, evaluator: Evaluator): Context;
}
interface Checker {
  check(node: Node, context: Context): Type;
  checkAccessOnType(node: Node, context: Context, type: Type): Type;
  getType(name: string): Type;
  createError(code: string, message: string, node: Node): Error;
  readonly registry: { getOptionalType(type: Type): Type };
}
interface Evaluator {
  run(node: Node, context: Context): unknown;
  debugType(value: unknown): Type;
}
interface MacroCall {
  readonly args: readonly Node[];
  readonly receiver: Node;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'op' in value;
}

/** The two sides of `operand.field` (or `operand.?field`). */
function selectionOf(node: Node | undefined): { node: Node; operand: Node; field: string } | undefined {
  if (node === undefined || !(node.op === '.' || node.op === '.?') || !Array.isArray(node.args)) return undefined;
  const [operand, field] = node.args as unknown[];
  return isNode(operand) && typeof field === 'string' ? { node, operand, field } : undefined;
}

/** `has(operand.field)`, where the operand may be any expression. */
function has({ args }: MacroCall) {
  const selection = selectionOf(args[0]);
  if (selection === undefined) throw new Error('invalid argument to has() macro');
  const { node, operand, field } = selection;
  return {
    async: false,
    typeCheck(checker: Checker, _macro: unknown, context: Context): Type {
      const type = checker.check(operand, context);
      if (type.kind !== 'optional') checker.checkAccessOnType(node, context, type);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: Context): boolean {
      const value = evaluator.run(operand, context);
      if (value instanceof Optional) return value.hasValue() && hasField(evaluator, value.value(), field, node);
      return hasField(evaluator, value, field, node);
    },
  };
}

function hasField(evaluator: Evaluator, value: unknown, field: string, node: Node): boolean {
  return evaluator.debugType(value).fieldLazy(value, field, node, evaluator) !== undefined;
}

/** `optional.optMap(name, expression)` and `optional.optFlatMap(name, expression)`. */
function optionalMap(flat: boolean) {
  return ({ args, receiver }: MacroCall) => {
    const [variable, body] = args;
    if (variable?.op !== 'id' || typeof variable.args !== 'string' || body === undefined)
      throw new Error('optMap() variable name must be a simple identifier');
    const name = variable.args;
    let inner: Context | undefined;
    let given: Type | undefined;
    return {
      typeCheck(checker: Checker, _macro: unknown, context: Context): Type {
        const type = checker.check(receiver, context);
        if (type.kind !== 'optional' && type.kind !== 'dyn')
          throw checker.createError('optional_expected', 'optMap() receiver must be optional', receiver);
        given = type.valueType ?? checker.getType('dyn');
        inner = context.forkWithVariable(name, given);
        const result = checker.check(body, inner);
        return flat ? result : checker.registry.getOptionalType(result);
      },
      evaluate(evaluator: Evaluator, _macro: unknown, context: Context): unknown {
        const value = evaluator.run(receiver, context);
        if (!(value instanceof Optional) || given === undefined) throw celError('optMap() receiver must be optional');
        if (!value.hasValue()) return value;
        const result = evaluator.run(body, context.forkWithVariable(name, given).setIterValue(value.value(), evaluator));
        return flat ? result : Optional.of(result);
      },
    };
  };
}

function isZero(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  return value === null || value === '' || value === 0 || value === 0n || value === false;
}

/** `has` over any expression, and what optional values can do beyond the engine's own. */
export function addMacros(environment: Environment): void {
  // Of these, and of objects, rules may ask whether they are null: they never are.
  for (const type of ['optional', 'google.protobuf.Timestamp', 'google.protobuf.Duration']) {
    environment.registerOperator(`${type} == null`, () => false);
  }
  environment.registerFunction('h_s(ast): bool', has);
  environment.registerFunction('optional.optMap(ast, ast): optional<dyn>', optionalMap(false));
  environment.registerFunction('optional.optFlatMap(ast, ast): optional<dyn>', optionalMap(true));
  environment.registerFunction('OptionalNamespace.ofNonZeroValue(A): optional<A>', (_: unknown, value: unknown) =>
    isZero(value) ? Optional.none() : Optional.of(value),
  );
}
