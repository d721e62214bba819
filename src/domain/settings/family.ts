/** What a family of settings is: how a profile's words become settings of a host, and what a change of one does. Pure. */
import type { HostSettings } from '../../api/host-settings.ts';
import type { Impact, Setting, SettingFamily, SettingRef, SettingValue } from '../../api/setting.ts';
import { equal } from '../../base/equal.ts';

export type Answers = Readonly<Record<string, string>>;

/** One setting that a profile wants; or the answer that the host does not give. */
export type Wish = { readonly key: string } & ({ readonly value: SettingValue } | { readonly missing: string });

/** One setting that is not as it is wanted. */
export interface Change extends SettingRef {
  readonly found: SettingValue;
  readonly wanted: SettingValue;
}

export interface Family {
  readonly name: SettingFamily;
  /** What a profile wants of this family. */
  wishes(settings: HostSettings, answers: Answers): readonly Wish[];
  /** Whether what was found is what is wanted. */
  check(wanted: SettingValue, found: SettingValue): boolean;
  /** What is written to make it so, in this order. */
  apply(change: Change): readonly Setting[];
  /** What is written to make it as it was. */
  undo(change: Change): readonly Setting[];
  /** What the change does to the guests of the host. */
  impact(change: Change): Impact;
  /** Whether a bad value may cut the host off from its manager: such changes are made last, and undone first and one by one. */
  readonly severs: boolean;
  /** The value in words for people. */
  words(value: SettingValue): string;
  /** What a profile would have to say to make a host so; what it cannot say is left out. */
  extract(settings: readonly Setting[]): Partial<HostSettings>;
}

/** What most families do. A record that is wanted may leave sides out: those are left as they are. */
export const usual = {
  check: (wanted, found) => equal(merged(wanted, found), found),
  apply: ({ family, key, wanted, found }) => [{ family, key, value: merged(wanted, found) }],
  undo: ({ family, key, found }) => [{ family, key, value: found }],
  impact: () => 'None',
  severs: false,
  words: (value) => wordsOf(value),
} as const satisfies Omit<Family, 'name' | 'wishes' | 'extract'>;

function merged(wanted: SettingValue, found: SettingValue): SettingValue {
  return typeof wanted === 'object' && wanted !== null && typeof found === 'object' ? { ...found, ...wanted } : wanted;
}

/** Whether two profiles cannot both have what they want of one setting. */
export function contradict(one: SettingValue, other: SettingValue): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return !equal(one, other);
  return Object.entries(one).some(([side, value]) => side in other && other[side] !== value);
}

function wordsOf(value: SettingValue): string {
  if (value === null) return 'not there';
  if (typeof value === 'string') return value === '' ? 'empty' : value;
  const sides = Object.entries(value).filter(([, text]) => text !== '');
  return sides.map(([side, text]) => `${side} ${text}`).join(', ');
}

/** `value`, or the host's answer. */
export function answered(
  key: string,
  { value, valueFrom }: { readonly value?: string; readonly valueFrom?: { readonly answer: string } },
  answers: Answers,
): Wish {
  if (valueFrom === undefined) return { key, value: value ?? '' };
  const answer = answers[valueFrom.answer];
  return answer === undefined ? { key, missing: valueFrom.answer } : { key, value: answer };
}

/** A list of words as one text, and back. */
export function joined(words: readonly string[]): string {
  return words.join(' ');
}

export function split(value: SettingValue): string[] {
  return typeof value === 'string' ? value.split(/\s+/).filter((word) => word !== '') : [];
}

/** `items` under `field`, unless there are none. */
export function ifAny<F extends keyof HostSettings>(
  field: F,
  items: NonNullable<HostSettings[F]> & readonly unknown[],
): Partial<HostSettings> {
  return items.length === 0 ? {} : { [field]: items };
}
