/** Addresses and ranges as they are written in manifests. */
import { ruled, text } from './schema.ts';

/** The longest IPv6 address, a slash and three digits. */
const longestCidr = 43;
const longestIp = 39;

/** An address and the length of its prefix: `10.0.10.0/24`, `fd00:10::/64`. */
export function cidr(description: string) {
  return ruled(text(description, longestCidr), {
    rule: 'isCIDR(self)',
    message: 'must be an address and the length of its prefix, such as 10.0.10.0/24',
  });
}

/** An IPv4 or IPv6 address. */
export function ipAddress(description: string) {
  return ruled(text(description, longestIp), { rule: 'isIP(self)', message: 'must be an address, such as 10.0.10.1' });
}

/** A MAC in lower case, with colons; not a group's. */
export function macAddress(description: string) {
  return text(description, 17, '^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$');
}

/** The name of a NIC within its VM. No dot: in the name of its port it comes behind one. */
export function nicName(description: string) {
  return text(description, 15, '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$');
}

/** `5` or `5-9`: a number of `digits` digits at most, or the first and the last of several. */
export function range(description: string, digits: number) {
  const number = `(0|[1-9][0-9]{0,${String(digits - 1)}})`;
  return text(description, 2 * digits + 1, `^${number}(-${number})?$`);
}

/** CEL: the first and the last of the range in the variable `name`. */
export function bounds(name: string): { readonly first: string; readonly last: string } {
  return { first: `int(${name}.split('-')[0])`, last: `int(${name}.split('-')[${name}.contains('-') ? 1 : 0])` };
}

/** CEL over a list of ranges: `rule`, where each is one. */
export function ifRanges(rule: string): string {
  return `!self.all(one, one.matches('^[0-9]{1,5}(-[0-9]{1,5})?$')) || ${rule}`;
}
