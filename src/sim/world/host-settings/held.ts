/** The settings of a simulated host: what it came with, and what was written since. */
import type { ChangedSetting } from '../../../ports/settings.ts';
import { settingFamilies, settingName, type SettingFamily, type SettingRef, type SettingValue } from '../../../api/setting.ts';
import { equal } from '../../../base/equal.ts';
import { hardwareOf, type WorldCore } from '../machine.ts';
import { settingsOn } from '../state.ts';
import { originalsOf } from './originals.ts';

/** @throws {PortError} NotFound (no such host). */
export function originalOf(core: WorldCore, host: string, { family, key }: SettingRef): SettingValue {
  return originalsOf(hardwareOf(core, host))[family][key] ?? null;
}

export function valueOf(core: WorldCore, host: string, ref: SettingRef): SettingValue {
  const written = settingsOn(core.state, host).get(settingName(ref));
  return written === undefined ? originalOf(core, host, ref) : written.value;
}

/** All of a family that are there, by key. */
export function allOf(core: WorldCore, host: string, family: SettingFamily): ReadonlyMap<string, SettingValue> {
  const all = new Map(Object.entries(originalsOf(hardwareOf(core, host))[family]));
  for (const written of settingsOn(core.state, host).values()) if (written.family === family) all.set(written.key, written.value);
  for (const [key, value] of all) if (value === null) all.delete(key);
  return all;
}

export function changedOn(core: WorldCore, host: string): ChangedSetting[] {
  return [...settingsOn(core.state, host).values()]
    .map((written) => ({ ...written, original: originalOf(core, host, written) }))
    .filter(({ value, original }) => !equal(value, original))
    .sort((a, b) => settingFamilies.indexOf(a.family) - settingFamilies.indexOf(b.family) || (a.key < b.key ? -1 : 1));
}
