/** What a host is by one of its profiles, from what was found on it. Pure. */
import type { Compliance, ComplianceFinding, UndoneChange } from '../../api/host-compliance.ts';
import { greatest, settingName, type Impact, type SettingRef, type SettingValue } from '../../api/setting.ts';
import type { Change } from './family.ts';
import { familyOf } from './families.ts';
import type { Wanted } from './wanted.ts';

/** A setting as it was found; or why the host knows no such one. */
export type Found = SettingRef & ({ readonly value: SettingValue } | { readonly refused: string });

/** What one profile would change on a host, in the order in which it is done; or why nothing can be. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly impact: Impact;
  readonly refused?: string;
}

const namedAtMost = 16;
const wordsAtMost = 256;

/**
 * @param found what was found of all settings that are wanted.
 * @param refusal why a setting could not be given its value, where that is known.
 */
export function planOf(wanted: Wanted, found: readonly Found[], refusal: (change: Change) => string | undefined): Plan {
  const byName = new Map(found.map((one) => [settingName(one), one]));
  const changes: Change[] = [];
  const refused = [...refusalsBefore(wanted)];
  for (const setting of wanted.settings) {
    const reading = byName.get(settingName(setting));
    if (reading === undefined || 'refused' in reading) {
      refused.push(`${settingName(setting)}: ${reading?.refused ?? 'it cannot be read'}`);
      continue;
    }
    const change: Change = { family: setting.family, key: setting.key, found: reading.value, wanted: setting.value };
    if (familyOf(setting).check(setting.value, reading.value)) continue;
    changes.push(change);
    const why = refusal(change);
    if (why !== undefined) refused.push(`${settingName(setting)}: ${why}`);
  }
  const impact = greatest(changes.map((change) => familyOf(change).impact(change)));
  return { changes, impact, ...(refused.length === 0 ? {} : { refused: cut(refused.join('; '), 1024) }) };
}

function refusalsBefore({ missing, conflicts }: Wanted): string[] {
  return [
    ...missing.map(({ setting, answer }) => `${setting}: spec.answers of the Host has no ${answer}`),
    ...conflicts.flatMap(({ setting, with: other, counts }) =>
      counts ? [] : [`${setting}: profile ${other} wants another value, and its word counts`],
    ),
  ];
}

export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

export interface Look {
  readonly wanted: Wanted;
  readonly plan: Plan;
  readonly undone?: UndoneChange;
  readonly applying?: boolean;
}

/** All that the agent says of a profile, but for since when. */
export function complianceOf({ wanted, plan, undone, applying }: Look): Omit<Compliance, 'since'> {
  const { changes, impact, refused } = plan;
  const state = changes.length === 0 && refused === undefined ? 'Compliant' : 'NonCompliant';
  const findings = changes.map(findingOf);
  return {
    profile: wanted.profile,
    revision: wanted.revision,
    state,
    impact,
    message: cut(messageOf(findings, refused, undone), 1024),
    findings: findings.slice(0, namedAtMost),
    ...(wanted.conflicts.length === 0 ? {} : { conflicts: wanted.conflicts.slice(0, namedAtMost) }),
    ...(refused === undefined ? {} : { refused }),
    ...(undone === undefined ? {} : { undone }),
    ...(applying === true ? { applying } : {}),
  };
}

function findingOf(change: Change): ComplianceFinding {
  const family = familyOf(change);
  return {
    setting: settingName(change),
    expected: cut(family.words(change.wanted), wordsAtMost),
    found: cut(family.words(change.found), wordsAtMost),
  };
}

function messageOf(findings: readonly ComplianceFinding[], refused: string | undefined, undone: UndoneChange | undefined): string {
  if (undone !== undefined) return undone.message;
  if (refused !== undefined) return refused;
  const [first, ...others] = findings;
  if (first === undefined) return 'it is as the profile says';
  const more = others.length === 0 ? '' : `, and ${String(others.length)} more`;
  return `${first.setting} is ${first.found}, not ${first.expected}${more}`;
}

/** The host could not look at itself. */
export function unknownCompliance({ profile, revision }: Wanted, why: string): Omit<Compliance, 'since'> {
  return { profile, revision, state: 'Unknown', impact: 'None', message: cut(why, 1024), findings: [] };
}
