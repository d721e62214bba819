import type { UnknownObject } from '../../../meta/objects.ts';
import { invalid, required } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { plainStrategy, withField } from '../registry/strategy.ts';
import { since } from '../table/ages.ts';
import { ageColumn, column, nameColumn } from '../table/columns.ts';
import { dnsSubdomain } from '../validate/names.ts';
import { fieldsAt, textAt } from '../values.ts';
import { builtIn } from './builtin.ts';
import { countOf, validateData, validateImmutable } from './config-map.ts';
import { secretSchema } from './schemas/config.ts';

/** Keys that a type of Secret must have. */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

export const secrets = builtIn({
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  schema: secretSchema,
  strategy: plainStrategy(dnsSubdomain, {
    prepareCreate: normal,
    isolate: (next, before) => withType(normal(next), textAt(next, 'type') || textAt(before, 'type')),
    validate: (object) => [...validateData(object, 'data'), ...validateKeys(object)],
    validateUpdate: (next, before) => [...validateType(next, before), ...validateImmutable(next, before, 'data')],
  }),
  table: {
    columns: [
      nameColumn,
      column('Type', 'string', 'What the data is for.'),
      column('Data', 'string', 'How many keys there are.'),
      ageColumn,
    ],
    cells: (object, now) => [
      object.metadata.name,
      textAt(object, 'type'),
      countOf(object, 'data'),
      since(object.metadata.creationTimestamp, now),
    ],
  },
  selectable: { type: (object) => textAt(object, 'type') },
});

/** `stringData` is for writing only: it goes over into `data`. */
function normal(object: UnknownObject): UnknownObject {
  const texts = Object.entries(fieldsAt(object, 'stringData')).filter(([, value]) => typeof value === 'string');
  const typed = withType(object, textAt(object, 'type') || 'Opaque');
  if (texts.length === 0) return withField(typed, 'stringData', undefined);
  const added = Object.fromEntries(texts.map(([key, value]) => [key, encode(String(value))]));
  return withField({ ...typed, data: { ...fieldsAt(object, 'data'), ...added } }, 'stringData', undefined);
}

function withType(object: UnknownObject, type: string): UnknownObject {
  return textAt(object, 'type') === type ? object : { ...object, type };
}

function encode(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function validateKeys(object: UnknownObject): Cause[] {
  const data = fieldsAt(object, 'data');
  return (requiredKeys[textAt(object, 'type')] ?? []).filter((key) => !Object.hasOwn(data, key)).map((key) => required(`data[${key}]`));
}

function validateType(next: UnknownObject, before: UnknownObject): Cause[] {
  const type = textAt(next, 'type');
  return type === textAt(before, 'type') ? [] : [invalid('type', type, 'field is immutable')];
}
