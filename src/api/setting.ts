/** One setting of a host, as agent, policy and host speak of it: a plain value that no family's own words are needed for. */

/** Families of settings; each is a field of a HostProfile's `spec.settings`, and a module in `domain/settings`. */
export const settingFamilies = ['sysctl', 'modules', 'time', 'dns', 'services', 'files', 'network', 'mounts', 'firewall'] as const;
export type SettingFamily = (typeof settingFamilies)[number];

export interface SettingRef {
  readonly family: SettingFamily;
  /** Which one of the family: `net.ipv4.ip_forward`, `/etc/motd`, `mtu`. */
  readonly key: string;
}

/**
 * What a setting is. Text is as the host has it; a record where one setting has several sides. Null: it is not there, as a file, a mount or a
 * rule may not be.
 *
 * | family | key | value |
 * | --- | --- | --- |
 * | sysctl | its name, with dots | text |
 * | modules | its name | `loaded` |
 * | time | `servers` | names, separated by blanks |
 * | dns | `nameservers`, `search` | likewise |
 * | services | the unit | `{enabled, running}` |
 * | files | the path | `{mode, contents}` |
 * | network | `mtu`, `uplink NAME` | text: a number, an interface |
 * | mounts | the path | `{source, type}` |
 * | firewall | the rule's name | `{action, protocol, ports, from}` |
 */
export type SettingValue = string | { readonly [side: string]: string } | null;

export interface Setting extends SettingRef {
  readonly value: SettingValue;
}

/** What a setting of text says; nothing where it is not there. */
export function textOf(value: SettingValue): string {
  return typeof value === 'string' ? value : '';
}

/** One side of a setting that has several; nothing where it is not there. */
export function sideOf(value: SettingValue, side: string): string {
  return typeof value === 'object' && value !== null ? (value[side] ?? '') : '';
}

/** A name for maps, and for people: `sysctl net.ipv4.ip_forward`. */
export function settingName({ family, key }: SettingRef): string {
  return `${family} ${key}`;
}

/** What a change does to the host's guests. None: nothing. Maintenance: the host must be empty. Reboot: and it is booted anew. */
export const impacts = ['None', 'Maintenance', 'Reboot'] as const;
export type Impact = (typeof impacts)[number];

/** The greatest of them. */
export function greatest(all: readonly Impact[]): Impact {
  return impacts.findLast((impact) => all.includes(impact)) ?? 'None';
}

/** Whether what is permitted up to `most` covers `impact`. */
export function covers(most: Impact, impact: Impact): boolean {
  return impacts.indexOf(most) >= impacts.indexOf(impact);
}
