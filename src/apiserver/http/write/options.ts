import { invalid, notSupported, tooLong } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { invalidObject } from '../errors.ts';
import type { Query } from '../query.ts';

/** What the query of every write may say. */
export interface WriteOptions {
  readonly dryRun: boolean;
  /** What is done about unknown and duplicate fields. */
  readonly strictness: 'Strict' | 'Warn' | 'Ignore';
  /** Who writes, for managedFields. */
  readonly manager: string;
}

const maxManager = 128;

/** `optionsKind`: `CreateOptions` and the like. @throws {ApiError} 422 for a value that there is not. */
export function writeOptions(query: Query, headers: Readonly<Record<string, string>>, optionsKind: string): WriteOptions {
  const dryRun = query.all('dryRun').filter((value) => value !== '');
  const strictness = query.get('fieldValidation');
  const manager = query.get('fieldManager');
  const causes = dryRunCauses(dryRun);
  if (!isStrictness(strictness)) causes.push(notSupported('fieldValidation', strictness, ['', 'Ignore', 'Strict', 'Warn']));
  if (manager.length > maxManager) causes.push(tooLong('fieldManager', maxManager));
  const odd = /[^\u0020-\u007e\u00a1-\uffff]/.exec(manager);
  if (odd !== null)
    causes.push(invalid('fieldManager', manager, `invalid character ${codePoint(odd[0])} (at position ${String(odd.index)})`));
  if (causes.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: optionsKind }, '', causes);
  return {
    dryRun: dryRun.length > 0,
    strictness: strictness === 'Strict' || strictness === 'Ignore' ? strictness : 'Warn',
    manager: manager === '' ? fromUserAgent(headers['user-agent']) : manager,
  };
}

/** As Go's `%U` writes it: `U+0000`. */
function codePoint(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** All that stands there is told, not only what is wrong. */
export function dryRunCauses(dryRun: readonly string[]): Cause[] {
  return dryRun.every((value) => value === 'All') ? [] : [notSupported('dryRun', [...dryRun], ['All'])];
}

function isStrictness(value: string): boolean {
  return ['', 'Strict', 'Warn', 'Ignore'].includes(value);
}

/** `kubectl/v1.32.4 (linux/amd64)` → `kubectl`. */
function fromUserAgent(agent: string | undefined): string {
  const name = (agent ?? '').split('/')[0] ?? '';
  return name.slice(0, maxManager);
}
