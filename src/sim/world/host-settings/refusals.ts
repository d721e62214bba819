/** What a simulated host could not be given, and why: the words of the tools that would say so. */
import { sideOf, textOf, type Setting, type SettingFamily, type SettingRef, type SettingValue } from '../../../api/setting.ts';
import { hardwareOf, type WorldCore } from '../machine.ts';
import { largestNicMtu, nicsOf } from '../network/nics.ts';
import { switchesOn } from '../state.ts';
import { originalOf } from './held.ts';
import { directories, modules } from './originals.ts';

type Refusal = string | undefined;

const inNetwork = (key: string): Refusal => (key === 'mtu' || key.startsWith('uplink ') ? undefined : `there is no network setting ${key}`);

/** By family: why there is no setting of that key, when the host did not come with one. */
const unknown: Readonly<Record<SettingFamily, (key: string) => Refusal>> = {
  sysctl: (key) => `cannot stat /proc/sys/${key.replaceAll('.', '/')}: No such file or directory`,
  modules: (key) => (modules.has(key) ? undefined : `Module ${key} not found in directory /lib/modules`),
  time: (key) => `there is no time setting ${key}`,
  dns: (key) => `there is no dns setting ${key}`,
  services: (key) => `Unit ${key} could not be found`,
  files: (key) => (directories.has(key) ? `${key} is a directory` : undefined),
  network: inNetwork,
  mounts: () => undefined,
  firewall: () => undefined,
};

/** Why there is no such setting; undefined when there is, or could be. */
export function unknownHere(core: WorldCore, host: string, ref: SettingRef): Refusal {
  return originalOf(core, host, ref) === null ? unknown[ref.family](ref.key) : undefined;
}

const most = 64 * 1024;

const checks: Readonly<Record<SettingFamily, (core: WorldCore, host: string, key: string, value: SettingValue) => Refusal>> = {
  sysctl: (core, host, key, value) => {
    const original = originalOf(core, host, { family: 'sysctl', key });
    if (key === 'net.ipv4.tcp_congestion_control')
      return ['cubic', 'reno', 'bbr'].includes(textOf(value)) ? undefined : `setting key "${key}": No such file or directory`;
    const isNumbers = /^-?\d+(\s+-?\d+)*$/.test(textOf(original));
    return isNumbers && !/^-?\d{1,19}(\s+-?\d{1,19})*$/.test(textOf(value)) ? `setting key "${key}": Invalid argument` : undefined;
  },
  modules: (_core, _host, key, value) => (value === null && key.startsWith('kvm') ? `Module ${key} is in use` : undefined),
  services: () => undefined,
  files: (_core, _host, _key, value) => (sideOf(value, 'contents').length > most ? 'File too large' : undefined),
  time: (_core, _host, _key, value) => (/^[A-Za-z0-9.: -]*$/.test(textOf(value)) ? undefined : `Could not parse server directive`),
  dns: () => undefined,
  network: (core, host, key, value) => (key === 'mtu' ? mtuRefusal(Number(value)) : nicRefusal(core, host, value)),
  mounts: (_core, _host, _key, value) =>
    value !== null && !['nfs4', 'nfs', 'xfs', 'ext4'].includes(sideOf(value, 'type'))
      ? `unknown filesystem type '${sideOf(value, 'type')}'`
      : undefined,
  firewall: () => undefined,
};

function mtuRefusal(mtu: number): string | undefined {
  return mtu >= 68 && mtu <= largestNicMtu ? undefined : 'RTNETLINK answers: mtu is out of range';
}

function nicRefusal(core: WorldCore, host: string, value: SettingValue): string | undefined {
  if (value === null) return undefined;
  if (!nicsOf(hardwareOf(core, host)).some(({ name }) => name === value)) return `Device "${textOf(value)}" does not exist`;
  const owner = switchesOn(core.state, host).switches.find((one) => one.uplinks.some(({ nic }) => nic === value));
  return owner === undefined ? undefined : `${textOf(value)} is an uplink of DistributedSwitch ${owner.name}`;
}

/** Why the host could not be given this value; undefined when it could. */
export function refusalOf(core: WorldCore, host: string, setting: Setting): string | undefined {
  return unknownHere(core, host, setting) ?? checks[setting.family](core, host, setting.key, setting.value);
}
