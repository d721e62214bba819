/** FNV-1a, 64 bits, as 16 hexadecimal digits of the UTF-16 code units of `text`. For names and change detection, not for security. */
export function fnv1a(text: string): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < text.length; i++) {
    low = (low ^ text.charCodeAt(i)) >>> 0;
    // The prime is 2^40 + 0x1b3, so a product is a shift by 40 bits and a small multiplication.
    const small = low * 0x1b3;
    const carry = Math.floor(small / 0x1_0000_0000);
    high = (Math.imul(high, 0x1b3) + carry + (low << 8)) >>> 0;
    low = small >>> 0;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

/** A short, stable suffix for names: `length` letters and digits (no vowels, so no words), at most 12, from the hash of `text`. */
export function nameSuffix(text: string, length = 5): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  let rest = BigInt(`0x${fnv1a(text)}`);
  let suffix = '';
  for (let i = 0; i < length; i++) {
    suffix += alphabet.charAt(Number(rest % 27n));
    rest /= 27n;
  }
  return suffix;
}
