import { formatIp, parseIp, width } from '../base/ip-address.ts';

/** The name of the AddressClaim of a MAC or an address on a switch: one for each, in whatever form it is written. */
export function claimName(switchName: string, what: string): string {
  const address = parseIp(what);
  if (address === undefined) return `${switchName}.${what.toLowerCase().replaceAll(':', '-')}`;
  if (address.family === 4) return `${switchName}.${formatIp(address)}`;
  const digits = address.bits.toString(16).padStart(width(6) / 4, '0');
  return `${switchName}.${(digits.match(/.{4}/g) ?? []).join('-')}`;
}
