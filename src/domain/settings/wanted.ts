/** What all profiles of a host together want of it, and where they do not agree. Pure. */
import type { ComplianceConflict } from '../../api/host-compliance.ts';
import type { HostProfile } from '../../api/host-profile.ts';
import { settingName, type Setting } from '../../api/setting.ts';
import { fnv1a } from '../../base/hash.ts';
import { contradict, type Answers } from './family.ts';
import { families } from './families.ts';

/** What one profile wants of a host. */
export interface Wanted {
  readonly profile: string;
  /** A hash of all the rest: who has equal ones means the same. */
  readonly revision: string;
  readonly settings: readonly Setting[];
  /** Settings that wait for an answer which the host does not give. */
  readonly missing: readonly { readonly setting: string; readonly answer: string }[];
  /** Settings that another profile wants to be different. Those that do not count here are not in `settings`. */
  readonly conflicts: readonly ComplianceConflict[];
}

/**
 * The profile whose word counts first: that of the higher priority, else the first by name. Not the older one: a restore from Git makes all of
 * them anew, in any order.
 */
export function byPrecedence(one: HostProfile, other: HostProfile): number {
  const byPriority = other.spec.priority - one.spec.priority;
  return byPriority !== 0 ? byPriority : one.metadata.name < other.metadata.name ? -1 : 1;
}

interface Wished {
  readonly profile: string;
  readonly generation: number;
  readonly settings: readonly Setting[];
  readonly missing: Wanted['missing'];
}

/** @param profiles those of the host, in any order. @returns one for each, the one whose word counts first in front. */
export function wantedOf(profiles: readonly HostProfile[], answers: Answers): Wanted[] {
  const wished = [...profiles].sort(byPrecedence).map((profile) => wishedBy(profile, answers));
  return wished.map((mine, index) => {
    const conflicts = wished.flatMap((theirs, at) => (at === index ? [] : conflictsOf(mine, theirs, index < at)));
    const overruled = new Set(conflicts.flatMap(({ setting, counts }) => (counts ? [] : [setting])));
    const settings = mine.settings.filter((setting) => !overruled.has(settingName(setting)));
    const rest = { settings, missing: mine.missing, conflicts };
    // The generation too: leave that was given for settings of old is none when they come back.
    return { profile: mine.profile, revision: fnv1a(JSON.stringify([mine.generation, rest])), ...rest };
  });
}

function wishedBy({ metadata, spec }: HostProfile, answers: Answers): Wished {
  const settings: Setting[] = [];
  const missing: Wanted['missing'][number][] = [];
  for (const family of families)
    for (const wish of family.wishes(spec.settings, answers)) {
      const ref = { family: family.name, key: wish.key };
      if ('missing' in wish) missing.push({ setting: settingName(ref), answer: wish.missing });
      else settings.push({ ...ref, value: wish.value });
    }
  return { profile: metadata.name, generation: metadata.generation ?? 0, settings, missing };
}

function conflictsOf(mine: Wished, theirs: Wished, counts: boolean): ComplianceConflict[] {
  const other = new Map(theirs.settings.map((setting) => [settingName(setting), setting.value]));
  return mine.settings.flatMap((setting) => {
    const name = settingName(setting);
    const value = other.get(name);
    return value !== undefined && contradict(setting.value, value) ? [{ setting: name, with: theirs.profile, counts }] : [];
  });
}

/** A hash of what a profile says, whatever its hosts answer: another one is another roll-out. */
export function settingsHash({ spec }: HostProfile): string {
  return fnv1a(JSON.stringify(spec.settings));
}
