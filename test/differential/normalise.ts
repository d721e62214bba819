/**
 * Makes what two servers said comparable: what each chooses for itself (uids, versions, times, tokens) is replaced by names, so that only
 * what follows from the requests is left. Names are given so that relations stay: one uid has one name; of two versions of objects the later
 * has the higher number; the version of a list is at least that of the newest object that was seen before.
 */
import type { Heard } from './send.ts';
import type { Played, Taken } from './player.ts';
import { at } from './substitute.ts';
import { namesIn } from './names.ts';
import type { Names } from './names.ts';

/** A step's answer with everything that is compared, as it stands in golden files. */
export interface Shape {
  readonly step: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
  readonly events?: readonly unknown[];
  readonly ended?: boolean;
}

export interface ScenarioShape {
  readonly scenario: string;
  readonly steps: readonly Shape[];
}

/** Headers that say something, and the value that goes without saying. */
const headersThatMatter: Readonly<Record<string, string | undefined>> = {
  'content-type': 'application/json',
  'cache-control': 'no-cache, private',
  warning: undefined,
  'retry-after': undefined,
  allow: undefined,
  'www-authenticate': undefined,
  vary: undefined,
  'x-content-type-options': undefined,
};

export function normalise(played: Played): ScenarioShape {
  const names = namesIn(played);
  return { scenario: played.name, steps: played.taken.map((taken) => plainly(shape(taken, names))) };
}

function shape({ step, heard, events, ended, show }: Taken, names: Names): Shape {
  if (heard === undefined) {
    const told = (events ?? []).map((event) => shown(names.replace(event), show));
    return { step, events: told, ...(ended === undefined ? {} : { ended }) };
  }
  if (show === 'status') return { step, status: heard.status };
  const body = shown(names.replace(heard.body), show);
  return { step, status: heard.status, ...headersOf(heard, names), ...(body === undefined ? {} : { body }) };
}

function shown(value: unknown, show: Taken['show']): unknown {
  if (show === 'all') return value;
  if (show === 'status') return undefined;
  return Object.fromEntries(show.map((pointer) => [pointer, at(value, pointer) ?? '(absent)']));
}

function headersOf({ headers }: Heard, names: Names): Pick<Shape, 'headers'> {
  const said: Record<string, string | readonly string[]> = {};
  for (const [name, usual] of Object.entries(headersThatMatter)) {
    const value = headers[name];
    if (value === usual) continue;
    said[name] = value === undefined ? '(absent)' : name === 'warning' ? warningsIn(value, names) : names.text(value);
  }
  return Object.keys(said).length === 0 ? {} : { headers: said };
}

/** Several Warning headers come as one, joined. */
function warningsIn(value: string, names: Names): string[] {
  return value.split(/, (?=\d{3} - ")/).map((warning) => names.text(warning));
}

/** As JSON would keep it: without what is undefined. */
function plainly(value: Shape): Shape {
  return JSON.parse(JSON.stringify(value)) as Shape;
}
