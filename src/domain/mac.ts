import { fnv1a } from '../base/hash.ts';
import { wordsOf, type Nic } from './nic.ts';

/**
 * The MAC of a NIC: locally administered (the second bit of its first octet, IEEE 802-2014, 8.4), the rest derived. @param attempt from 0 on: the
 * next one, where another NIC has that.
 */
export function macOf(nic: Nic, attempt = 0): string {
  const digits = fnv1a(`${wordsOf(nic)}#${String(attempt)}`).slice(-10);
  return ['02', ...(digits.match(/../g) ?? [])].join(':');
}
