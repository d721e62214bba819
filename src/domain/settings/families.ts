/** All families. One more is a file beside this one and a line here. */
import type { SettingFamily, SettingRef } from '../../api/setting.ts';
import { dns } from './dns.ts';
import type { Family } from './family.ts';
import { files } from './files.ts';
import { firewall } from './firewall.ts';
import { modules } from './modules.ts';
import { mounts } from './mounts.ts';
import { network } from './network.ts';
import { services } from './services.ts';
import { sysctl } from './sysctl.ts';
import { time } from './time.ts';

/** By name: the compiler misses one that a profile can name and that is not here. In the order in which changes are made. */
const byName: Readonly<Record<SettingFamily, Family>> = { sysctl, modules, time, services, files, mounts, dns, network, firewall };

export const families: readonly Family[] = Object.values(byName);

export function familyOf({ family }: Pick<SettingRef, 'family'>): Family {
  return byName[family];
}
