/** At which calls something goes wrong, and what. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Random } from '../../src/base/random.ts';
import { pick } from './pick.ts';
import { diskSteps } from './steps.ts';

/** How a call goes wrong. */
export type StrikeKind =
  | (typeof readKinds)[number]
  | (typeof writeKinds)[number]
  | (typeof watchKinds)[number]
  | (typeof portKinds)[number]
  | (typeof diskKinds)[number];

/** Refused; lost before or after it was done; never answered; arriving late; and what else happens at that very moment. */
const readKinds = [
  'throttled',
  'busy',
  'error',
  'lost',
  'silent',
  'crash-before',
  'crash-after',
  'pause-before',
  'pause-after',
  'server-crash',
  'meddle-before',
] as const;
const writeKinds = [
  'conflict',
  'throttled',
  'busy',
  'error',
  'error-done',
  'lost',
  'lost-done',
  'silent',
  'silent-done',
  'late',
  'crash-before',
  'crash-after',
  'pause-before',
  'pause-after',
  'server-crash',
  'meddle-before',
  'meddle-after',
] as const;
const watchKinds = ['cut', 'ended', 'frozen', 'delayed', 'expired', 'gone', 'lost', 'error'] as const;
const portKinds = [
  'failed',
  'failed-done',
  'unreachable',
  'unreachable-done',
  'full',
  'slow',
  'crash-before',
  'crash-after',
  'power-before',
  'power-after',
  'meddle-before',
  'meddle-after',
] as const;
const diskKinds = ['torn', 'killed', 'refused', 'no-room'] as const;

/** At the first call of `step` by `role` after `at`, the call goes wrong. */
export interface Strike {
  readonly at: number;
  readonly role: string;
  readonly step: string;
  readonly kind: StrikeKind;
  /** How long what takes long takes, milliseconds. */
  readonly ms: number;
}

/** Nobody kills the user; and what arrives late would be a second wish, later than the one that the user remembers. */
const nobody = /^(crash|pause|late)/;

/** The steps at which faults may be planned. */
export interface Places {
  /** Of hosts' ports. */
  readonly ports: readonly string[];
  /** Of the API, by who takes them. */
  readonly api: Readonly<Record<string, readonly string[]>>;
}

type Place = Pick<Strike, 'role' | 'step'>;

/** Two of five faults come where they find most, three where they would otherwise seldom come. */
export function strikeAt(random: Random, at: number, places: Places): Strike {
  const ms = Math.round(1000 * 30 ** random.next());
  const { role, step } = random.integer(5) < 2 ? usual(random, places) : seldom(random, places);
  const kind = pick(random, kindsOf(role, step));
  // Most watches are opened at the very beginning and live for minutes: half of these faults wait for them there, and strike later.
  if (step.startsWith('watch ')) return { at: ms % 2 === 0 ? 0 : at, role, step, kind, ms: ms * 10 };
  return { at, role, step, kind, ms };
}

const roles = ['operator', 'operator', 'operator', 'agent', 'agent', 'gc', 'simulation', 'user'];

function usual(random: Random, { ports, api }: Places): Place {
  const where = random.integer(10);
  if (where < 3) return { role: 'agent', step: pick(random, ports) };
  if (where < 4) return { role: 'server', step: pick(random, diskSteps) };
  const role = pick(random, roles);
  return { role, step: pick(random, api[role] ?? []) };
}

/** By how many kinds of faults there are at a step, and by how seldom one that is planned there is met: so that each comes as often as any other. */
function seldom(random: Random, places: Places): Place {
  const all = placesOf(places).map((place) => ({ place, weight: kindsOf(place.role, place.step).length / shareMet(place) }));
  let left = random.next() * all.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = all.find(({ weight }) => (left -= weight) < 0) ?? all[0];
  if (chosen === undefined) throw new RangeError('nowhere to strike');
  return chosen.place;
}

/** Each once. */
export function placesOf({ ports, api }: Places): Place[] {
  const ofRole = (role: string, steps: readonly string[]): Place[] => [...new Set(steps)].map((step) => ({ role, step }));
  return [
    ...ofRole('agent', ports),
    ...ofRole('server', diskSteps),
    ...Object.entries(api).flatMap(([role, steps]) => ofRole(role, steps)),
  ];
}

export function kindsOf(role: string, step: string): readonly StrikeKind[] {
  if (role === 'server') return diskKinds;
  if (!step.includes(' ')) return portKinds;
  if (step.startsWith('watch ')) return watchKinds;
  const kinds: readonly StrikeKind[] = /^(get|list) /.test(step) ? readKinds : writeKinds;
  return role === 'user' ? kinds.filter((kind) => !nobody.test(kind)) : kinds;
}

/** How many faults were met and how many planned, by role and step. */
export type Rates = Readonly<Record<string, readonly [met: number, planned: number]>>;

export const ratesFile = path.join(import.meta.dirname, 'rates.json');
const rates = JSON.parse(readFileSync(ratesFile, 'utf8')) as Rates;

/** Where nearly none is met it may be that none can be: those are not tried for ever. */
const least = 0.03;

/** The part of the faults planned there that comes. */
export function shareMet({ role, step }: Place): number {
  const [met, planned] = rates[`${role} ${step}`] ?? [0, 0];
  return Math.max(least, (met + 1) / (planned + 2));
}
