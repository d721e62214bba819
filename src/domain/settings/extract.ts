/** A host's settings as the profile that would make another one so. Pure. */
import type { HostSettings } from '../../api/host-settings.ts';
import type { Setting } from '../../api/setting.ts';
import { families } from './families.ts';

/** @param changed what differs from what the host came with. @returns undefined: nothing does that a profile can say. */
export function extracted(changed: readonly Setting[]): HostSettings | undefined {
  const parts = families.map((family) => family.extract(changed.filter((setting) => setting.family === family.name)));
  const settings = parts.reduce<HostSettings>((all, part) => ({ ...all, ...part }), {});
  return Object.keys(settings).length === 0 ? undefined : settings;
}
