/** IP addresses and CIDRs as numbers. What cannot be read matches nothing. */

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

const part = /^(?:0|[1-9][0-9]{0,2})$/;

function readIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((one) => part.test(one) && Number(one) < 256)) return undefined;
  return parts.reduce((sum, one) => (sum << 8n) | BigInt(one), 0n);
}

const group = /^[0-9a-f]{1,4}$/i;

function readIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail];
  if (!groups.every((one) => group.test(one))) return undefined;
  return groups.reduce((sum, one) => (sum << 16n) | BigInt(`0x${one}`), 0n);
}

function read(text: string): Address | undefined {
  const isIpv6 = text.includes(':');
  const value = isIpv6 ? readIpv6(text) : readIpv4(text);
  return value === undefined ? undefined : { bits: isIpv6 ? 128 : 32, value };
}

/** One spelling for each address, to be compared; undefined when it is none. */
export function addressKey(text: string): string | undefined {
  const address = read(text);
  return address === undefined ? undefined : `${String(address.bits)}/${address.value.toString(16)}`;
}

/** Whether an address is in one of `cidrs`; a CIDR without a prefix length is one address. */
export function addressMatcher(cidrs: readonly string[]): (address: string) => boolean {
  const nets = cidrs.flatMap((cidr) => {
    const [base = '', prefix] = cidr.split('/');
    const net = read(base);
    const length = prefix === undefined ? net?.bits : Number(prefix);
    if (net === undefined || length === undefined || !(length >= 0 && length <= net.bits)) return [];
    const shift = BigInt(net.bits - length);
    return [{ bits: net.bits, shift, value: net.value >> shift }];
  });
  return (text) => {
    const address = read(text);
    return address !== undefined && nets.some(({ bits, shift, value }) => bits === address.bits && address.value >> shift === value);
  };
}

/** The address that an interface has without being given one (RFC 4291, appendix A), as `addressKey`. */
export function linkLocalKey(mac: string): string | undefined {
  const bytes = mac.split(':').map((byte) => parseInt(byte, 16));
  const [first = 0, ...rest] = bytes;
  const hex = [first ^ 2, ...rest].map((byte) => byte.toString(16).padStart(2, '0'));
  const [a = '', b = '', c = '', d = '', e = '', f = ''] = hex;
  return addressKey(`fe80::${a}${b}:${c}ff:fe${d}:${e}${f}`);
}

/** Of somebody who has none yet. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
