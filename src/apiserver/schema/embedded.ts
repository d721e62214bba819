import type { Json } from '../../meta/objects.ts';
import { invalid, required, type Cause } from './field-errors.ts';
import { isArray, isObject, own, type JsonObject } from './json.ts';
import type { SchemaNode } from './structural.ts';

/** What is wrong with the apiVersion and kind of objects embedded in `value` (`x-kubernetes-embedded-resource`). The root is not looked at. */
export function embeddedCauses(value: Json, node: SchemaNode | undefined, path = ''): Cause[] {
  if (node === undefined || !(node.below.embedded || (node.embedded && path !== ''))) return [];
  if (isArray(value)) return value.flatMap((item, i) => embeddedCauses(item, node.items, `${path}[${String(i)}]`));
  if (!isObject(value)) return [];
  const here = node.embedded && path !== '' ? typeMetaCauses(value, path) : [];
  const below = Object.keys(value).flatMap((key) => {
    const named = node.properties.get(key);
    const child = named ?? (typeof node.additional === 'object' ? node.additional : undefined);
    const place = named === undefined ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    return embeddedCauses(value[key] ?? null, child, place);
  });
  return [...here, ...below];
}

function typeMetaCauses(object: JsonObject, path: string): Cause[] {
  const causes: Cause[] = [];
  for (const key of ['apiVersion', 'kind']) {
    const value = own(object, key);
    if (value === undefined) causes.push(required(`${path}.${key}`));
    else if (value === '') causes.push(invalid(`${path}.${key}`, value, 'must not be empty'));
  }
  const [apiVersion, kind] = [own(object, 'apiVersion'), own(object, 'kind')];
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2) {
    causes.push(invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  }
  if (typeof kind === 'string' && kind !== '' && !/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/i.test(kind)) {
    causes.push(invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${dns1035}`));
  }
  return causes;
}

const dns1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
