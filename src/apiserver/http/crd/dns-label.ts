import { invalid } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';

const label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const words =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

/** That `name` is no DNS-1035 label. */
export function dnsLabel(field: string, name: string): Cause[] {
  return name.length > 63 || !label.test(name) ? [invalid(field, name, words)] : [];
}
