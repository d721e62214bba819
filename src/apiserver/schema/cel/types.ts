import type { Environment } from '@marcbachmann/cel-js';
import { deepEqual } from '../json.ts';
import type { SchemaNode } from '../structural.ts';
import { escapeName } from './escape.ts';
import {
  nullable,
  objectClass,
  ObjectValue,
  toBoolean,
  toBytes,
  toDouble,
  toDuration,
  toInteger,
  toIntOrString,
  toList,
  toMap,
  toText,
  toTimestamp,
  type Convert,
  type FieldBinding,
} from './values.ts';

/** How rules see the values of one schema node. */
export interface CelType {
  /** The engine's name of the type. */
  readonly name: string;
  readonly convert: Convert;
  /** The JSON value can be used as it stands. */
  readonly asIs: boolean;
  /** Of a type that allows null: what its values are when they are not null, as rules of their own see them. */
  readonly notNull?: CelType;
}

const text: CelType = { name: 'string', convert: toText, asIs: true };
const boolean: CelType = { name: 'bool', convert: toBoolean, asIs: true };
const timestamp: CelType = { name: 'google.protobuf.Timestamp', convert: toTimestamp, asIs: false };

const textFormats: Readonly<Record<string, CelType>> = {
  byte: { name: 'bytes', convert: toBytes, asIs: false },
  duration: { name: 'google.protobuf.Duration', convert: toDuration, asIs: false },
  date: timestamp,
  'date-time': timestamp,
};

/** What making types needs: each object type gets a name of its own. */
interface Declarer {
  readonly environment: Environment;
  readonly declare: (node: SchemaNode) => CelType | undefined;
  readonly newName: () => string;
}

/** Gives each schema node that rules may see its type, and makes object types known to `environment`. */
export function typeDeclarer(environment: Environment): (node: SchemaNode) => CelType | undefined {
  const known = new Map<SchemaNode, CelType | undefined>();
  let names = 0;
  const declarer: Declarer = {
    environment,
    declare: (node) => {
      if (!known.has(node)) known.set(node, typeOf(node, declarer));
      return known.get(node);
    },
    newName: () => `object${String(names++)}`,
  };
  return declarer.declare;
}

function typeOf(node: SchemaNode, declarer: Declarer): CelType | undefined {
  const type = plainType(node, declarer);
  // A value that may be null is judged as it comes: no type of the engine is "string or null".
  return type === undefined || !node.nullable ? type : { name: 'dyn', convert: nullable(type.convert), asIs: type.asIs, notNull: type };
}

function plainType(node: SchemaNode, declarer: Declarer): CelType | undefined {
  if (node.intOrString) return { name: 'dyn', convert: toIntOrString, asIs: false };
  // Without a type, only fields that are preserved unseen are left, and they have no schema by which to judge them.
  if (node.embedded || (node.type === 'object' && typeof node.additional !== 'object')) return objectType(node, declarer);
  switch (node.type) {
    case 'string':
      return textFormats[node.format] ?? text;
    case 'boolean':
      return boolean;
    case 'integer':
      return { name: 'int', convert: toInteger, asIs: false };
    case 'number':
      return { name: 'double', convert: toDouble, asIs: true };
    case 'array': {
      const items = node.items === undefined ? undefined : declarer.declare(node.items);
      return items && { name: `list<${items.name}>`, convert: toList(items.convert, items.asIs), asIs: false };
    }
    case 'object':
      return typeof node.additional === 'object' ? mapType(declarer.declare(node.additional)) : undefined;
    default:
      return undefined;
  }
}

function mapType(values: CelType | undefined): CelType | undefined {
  return values && { name: `map<string, ${values.name}>`, convert: toMap(values.convert, values.asIs), asIs: false };
}

function objectType(node: SchemaNode, { environment, declare, newName }: Declarer): CelType {
  const name = newName();
  const fields: Record<string, string> = {};
  const bindings: FieldBinding[] = [];
  const add = (field: string, type: CelType | undefined): void => {
    const identifier = escapeName(field);
    if (identifier === undefined || type === undefined) return;
    fields[identifier] = type.name;
    bindings.push({ name: field, identifier, convert: () => type.convert });
  };
  const implied = node.embedded ? impliedFields(environment, name) : new Map<string, CelType>();
  for (const [field, child] of node.properties) if (!implied.has(field)) add(field, declare(child));
  for (const [field, type] of implied) add(field, type);
  return registerObject(environment, name, fields, bindings);
}

/** What every object has, whatever its schema says. Of metadata, rules see the names only. */
function impliedFields(environment: Environment, owner: string): Map<string, CelType> {
  const bindings = ['name', 'generateName'].map((name) => ({ name, identifier: name, convert: () => toText }));
  const metadata = registerObject(environment, `${owner}.metadata`, { name: 'string', generateName: 'string' }, bindings);
  return new Map([
    ['apiVersion', text],
    ['kind', text],
    ['metadata', metadata],
  ]);
}

function registerObject(
  environment: Environment,
  name: string,
  fields: Record<string, string>,
  bindings: readonly FieldBinding[],
): CelType {
  const Type = objectClass(bindings);
  environment.registerType(name, { ctor: Type, fields });
  environment.registerOperator(`${name} == null`, () => false);
  environment.registerOperator(`${name} == ${name}`, (a: ObjectValue, b: ObjectValue) =>
    deepEqual(ObjectValue.rawOf(a), ObjectValue.rawOf(b)),
  );
  return { name, convert: ObjectValue.converter(Type), asIs: false };
}
