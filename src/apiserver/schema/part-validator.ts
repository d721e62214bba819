import type { Json } from '../../meta/objects.ts';
import { isObject } from './json.ts';
import type { JsonSchema } from './schema.ts';
import { makeValidator, type Validator } from './validate.ts';

/** One property of the whole object, with the values of it that were found good. Nothing changes in place, so they stay so. */
interface Part {
  readonly name: string;
  readonly validate: Validator;
  readonly good: WeakSet<object>;
}

/**
 * A validator of whole objects that looks at each value of `spec`, `status` and their like once: what a write leaves as it was is the very same
 * value. Of an object with faults it says what a validator of the whole says.
 */
export function makePartValidator(schema: JsonSchema): Validator {
  const properties = Object.entries(schema.properties ?? {}).filter(([name, part]) => name !== 'metadata' && part.type === 'object');
  if (properties.length === 0) return makeValidator(schema);
  const parts: Part[] = properties.map(([name, part]) => ({ name, validate: makeValidator(part), good: new WeakSet() }));
  const opened = Object.fromEntries(properties.map(([name]): [string, JsonSchema] => [name, {}]));
  const rest = makeValidator({ ...schema, properties: { ...schema.properties, ...opened } });
  let whole: Validator | undefined;
  return (value) => {
    const good = isObject(value) && parts.every((part) => isGood(part, value[part.name])) && rest(value).length === 0;
    return good ? [] : (whole ??= makeValidator(schema))(value);
  };
}

function isGood({ validate, good }: Part, value: Json | undefined): boolean {
  if (value === undefined) return true;
  if (!isObject(value)) return false;
  if (good.has(value)) return true;
  if (validate(value).length > 0) return false;
  good.add(value);
  return true;
}
