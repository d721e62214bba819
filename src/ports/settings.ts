import type { Setting, SettingRef, SettingValue } from '../api/setting.ts';

/** A setting as it was found; or why the host knows no such one, and cannot be given one. */
export type Reading = SettingRef & ({ readonly value: SettingValue } | { readonly refused: string });

/** A setting that is not as the host came. */
export interface ChangedSetting extends Setting {
  /** As the host came. */
  readonly original: SettingValue;
}

/**
 * The settings of one host, in calls that know no family: behind them stand sysctl, modprobe, chrony, the resolver, systemd, files, ip, mount and
 * nft. Values are as `SettingValue` says.
 */
export interface Settings {
  /** In the order in which they are asked for. */
  read(refs: readonly SettingRef[]): Promise<readonly Reading[]>;
  /** All that differ from what the host came with, by family and key. */
  changed(): Promise<readonly ChangedSetting[]>;
  /** Why the host could not be given this value; undefined when it could. Changes nothing. */
  refusal(setting: Setting): Promise<string | undefined>;
  /**
   * Writes one setting: it is in force at once, or after the next boot where it is one that the host reads only then, and stays over boots. Written
   * twice it is as written once. @throws {PortError} NotFound (no such setting), Failed (refused, or it went wrong: it is as before).
   */
  write(setting: Setting): Promise<void>;
  /** Boots the host anew: what calls it does not live to see the end. Guests die. @throws {PortError} Failed. */
  reboot(): Promise<void>;
  /** Keeps a note on the host's own disk, in place of the one of that name; undefined: none. It survives agent, power and settings. */
  keep(name: string, text: string | undefined): Promise<void>;
  kept(name: string): Promise<string | undefined>;
  /** Tells of settings that changed, whoever changed them, as hints, until `signal` is aborted. */
  changes(signal: AbortSignal): AsyncIterable<SettingRef>;
}
