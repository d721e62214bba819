import { EvaluationError, type Environment, type RegisteredFunctionHandler } from '@marcbachmann/cel-js';

/**
 * Adds a function to `environment`. `signature` is the engine's: `name(types): type`, or `Type.name(types): type` for a method, whose
 * handler gets the receiver first. None of ours waits, which the engine is told so that it need not look for promises.
 */
export function define(environment: Environment, signature: string, handler: RegisteredFunctionHandler): void {
  const match = /^(?:(.+)\.)?(\w+)\((.*)\): (.+)$/.exec(signature);
  if (match === null) throw new Error(`not a signature: ${signature}`);
  const [, receiverType, name = '', parameters = '', returnType = ''] = match;
  const types = parameters === '' ? [] : splitTypes(parameters);
  environment.registerFunction({
    name,
    returnType,
    handler,
    async: false,
    params: types.map((type, i) => ({ name: `p${String(i)}`, type })),
    ...(receiverType === undefined ? {} : { receiverType }),
  });
}

function splitTypes(parameters: string): string[] {
  const types: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= parameters.length; i++) {
    const char = parameters[i] ?? ',';
    if (char === '<') depth += 1;
    if (char === '>') depth -= 1;
    if (char !== ',' || depth > 0) continue;
    types.push(parameters.slice(start, i).trim());
    start = i + 1;
  }
  return types;
}

/** What a function throws when its arguments make no sense; a rule that meets it fails with these words. */
export function celError(message: string): EvaluationError {
  return new EvaluationError(message);
}

/** A name that functions hang on, such as `sets` in `sets.contains(a, b)`. */
export function defineNamespace(environment: Environment, name: string, type: string): void {
  const Namespace = class {
    readonly name = name;
  };
  environment.registerType(type, { ctor: Namespace, fields: {} });
  environment.registerConstant(name, type, new Namespace());
}
