/** What the profiles of a play say, setting by setting: made here, and reckoned by here, apart from the code that is judged. */
import type { Setting, SettingFamily, SettingValue } from '../../src/api/setting.ts';

/** What a profile says of one setting; `answer`: whatever the host answers. */
export interface Piece {
  readonly family: SettingFamily;
  readonly key: string;
  readonly value: SettingValue | { readonly answer: string };
}

export const pieceKinds = ['ProfileNone', 'ProfileMaintenance', 'ProfileReboot', 'ProfileCutOff', 'ProfileRefused'] as const;
export type PieceKind = (typeof pieceKinds)[number];

/** The settings that tell one version of a profile from all others. */
export const marks = { base: 'net.core.netdev_max_backlog', other: 'net.core.somaxconn' } as const;

/** What somebody sets by hand on a host that must be empty to be mended. No profile wants this value. */
export const heavyDrift: Setting = { family: 'sysctl', key: 'vm.nr_hugepages', value: '7' };

/** What the hosts answer. */
export const answer = 'dirty';
export const usualAnswer = '15';

const sysctl = (key: string, value: Piece['value']): Piece => ({ family: 'sysctl', key, value });
const file = (key: string, contents: string): Piece => ({ family: 'files', key, value: { contents } });
const answered = sysctl('vm.dirty_ratio', { answer });

/** @param mark of this version. @param target chooses among what is of the same kind. */
export function basePieces(kind: PieceKind, mark: number, target: number): readonly Piece[] {
  const marked = sysctl(marks.base, String(2000 + mark));
  const boot = file('/etc/kernel/cmdline', `quiet ${String(mark)}\n`);
  switch (kind) {
    case 'ProfileNone':
      return [
        marked,
        sysctl('vm.swappiness', '10'),
        file('/etc/motd', `kept ${String(mark)}\n`),
        { family: 'modules', key: 'vhost_net', value: 'loaded' },
        answered,
      ];
    case 'ProfileMaintenance':
      return [marked, sysctl('vm.nr_hugepages', String(64 + mark)), answered];
    case 'ProfileReboot':
      return [marked, boot, answered];
    case 'ProfileCutOff':
      return [marked, ...(target % 3 === 0 ? [boot] : []), chosen(severing, target)];
    case 'ProfileRefused':
      return [marked, chosen(refused, target)];
  }
}

/** Of a second profile, which may want what the first does not, and may need hosts empty. */
export function otherPieces(mark: number, target: number): readonly Piece[] {
  const marked = sysctl(marks.other, String(5000 + mark));
  const contradicts = target % 3 === 0 ? [sysctl('vm.swappiness', '20')] : [];
  return [marked, ...contradicts, ...(target % 5 === 0 ? [sysctl('kernel.numa_balancing', '0')] : [])];
}

/** Each cuts its host off. */
const severing: readonly Piece[] = [
  { family: 'network', key: 'mtu', value: '9216' },
  { family: 'network', key: 'uplink uplink1', value: 'eth2' },
  { family: 'dns', key: 'nameservers', value: '203.0.113.1' },
  { family: 'firewall', key: 'lockdown', value: { action: 'deny' } },
];

/** None can be given to a host. */
const refused: readonly Piece[] = [
  sysctl('net.ipv4.no_such_thing', '1'),
  file('/etc/shadow', 'x'),
  sysctl('vm.dirty_ratio', { answer: 'unheard-of' }),
];

export function isRefused(pieces: readonly Piece[]): boolean {
  return pieces.some((piece) => refused.includes(piece));
}

function chosen(from: readonly Piece[], target: number): Piece {
  const piece = from[target % from.length];
  if (piece === undefined) throw new RangeError('nothing to choose from');
  return piece;
}

/** As a HostProfile says it. */
export function settingsOf(pieces: readonly Piece[]): object {
  const of = (family: SettingFamily): readonly Piece[] => pieces.filter((piece) => piece.family === family);
  const [dns] = of('dns');
  const lists = {
    sysctl: of('sysctl').map(sysctlItem),
    files: of('files').map(fileItem),
    firewall: of('firewall').map(({ key }) => ({ name: key, deny: {} })),
    modules: of('modules').map(({ key }) => key),
  };
  return {
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    ...(dns === undefined ? {} : { dns: { nameservers: [dns.value] } }),
    ...networkOf(of('network')),
  };
}

function sysctlItem({ key, value }: Piece): object {
  return isAnswered(value) ? { name: key, valueFrom: value } : { name: key, value };
}

function fileItem({ key, value }: Piece): object {
  return { path: key, ...(typeof value === 'object' ? value : {}) };
}

function networkOf([piece]: readonly Piece[]): object {
  if (piece === undefined) return {};
  const { key, value } = piece;
  return { network: key === 'mtu' ? { mtu: Number(value) } : { uplinks: [{ name: key.replace('uplink ', ''), value }] } };
}

function isAnswered(value: Piece['value']): value is { readonly answer: string } {
  return typeof value === 'object' && value !== null && 'answer' in value;
}

/** Whether a host has what the piece says. @param answers what the host answers. @param found undefined: as it came, which no piece wants. */
export function isAs({ value }: Piece, found: SettingValue | undefined, answers: string): boolean {
  if (found === undefined || found === null || value === null) return false;
  if (isAnswered(value)) return value.answer === answer && found === answers;
  if (typeof value === 'string' || typeof found === 'string') return value === found;
  return Object.entries(value).every(([side, is]) => found[side] === is);
}

/** What `profiles` of a plan says: how each change goes over the hosts, and with which one the play ends, if not with what came last. */
export interface ProfilePlan {
  readonly canary: number;
  readonly soak: string;
  readonly maxUnavailable: number | string;
  readonly pauseOnFailure: boolean;
  /** After how long without its manager a host goes back. */
  readonly after: string;
  readonly ends?: PieceKind;
}
