/** Looks at the host by each of its profiles. */
import type { UndoneChange } from '../../api/host-compliance.ts';
import { settingName } from '../../api/setting.ts';
import type { Change } from '../../domain/settings/family.ts';
import { familyOf } from '../../domain/settings/families.ts';
import { isAllowed } from '../../domain/settings/files.ts';
import { complianceOf, planOf, unknownCompliance, type Plan } from '../../domain/settings/look.ts';
import type { Reading } from '../../ports/settings.ts';
import { troubleOf } from './change.ts';
import type { SettingsMeans } from './means.ts';
import { readNote, type Note } from './note.ts';
import type { Said } from './say.ts';
import type { Sight, Under } from './sight.ts';

export interface Looked extends Under {
  /** Undefined: it could not look. */
  readonly plan: Plan | undefined;
  readonly undone: UndoneChange | undefined;
  readonly says: Said;
}

/** @param stuck why an open change cannot be finished. */
export async function lookAt(means: SettingsMeans, { profiles }: Sight, stuck: string | undefined): Promise<Looked[]> {
  const note = await readNote(means.host.settings);
  const looked: Looked[] = [];
  for (const under of profiles) looked.push(await lookBy(means, under, note, stuck));
  return looked;
}

async function lookBy(means: SettingsMeans, under: Under, note: Note, stuck: string | undefined): Promise<Looked> {
  const { wanted } = under;
  const before = note.undone[wanted.profile];
  const undone = before?.revision === wanted.revision ? before : undefined;
  try {
    const plan = await planned(means, under);
    const says = complianceOf({ wanted, plan, ...(undone === undefined ? {} : { undone }) });
    const open = stuck !== undefined && note.change?.profile === wanted.profile;
    return { ...under, plan, undone, says: open ? { ...says, state: 'NonCompliant', applying: true, message: stuck } : says };
  } catch (error) {
    return { ...under, plan: undefined, undone, says: unknownCompliance(wanted, troubleOf(error)) };
  }
}

async function planned({ host, paths }: SettingsMeans, { wanted }: Under): Promise<Plan> {
  const found = await host.settings.read(wanted.settings);
  const refusals = new Map<string, string>();
  for (const change of differing(wanted.settings, found)) {
    const why = isAllowed(change, paths)
      ? await refusalBy(host.settings, change)
      : 'it is not below the paths that the agent was started with';
    if (why !== undefined) refusals.set(settingName(change), why);
  }
  return planOf(wanted, found, (change) => refusals.get(settingName(change)));
}

function differing(wanted: Under['wanted']['settings'], found: readonly Reading[]): Change[] {
  const byName = new Map(found.map((one) => [settingName(one), one]));
  return wanted.flatMap((setting) => {
    const reading = byName.get(settingName(setting));
    if (reading === undefined || 'refused' in reading || familyOf(setting).check(setting.value, reading.value)) return [];
    return [{ family: setting.family, key: setting.key, found: reading.value, wanted: setting.value }];
  });
}

async function refusalBy(settings: SettingsMeans['host']['settings'], change: Change): Promise<string | undefined> {
  for (const setting of familyOf(change).apply(change)) {
    const why = await settings.refusal(setting);
    if (why !== undefined) return why;
  }
  return undefined;
}
