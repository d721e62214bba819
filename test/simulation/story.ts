/** A failed play as a person can read it. */
import type { Plan } from './plan.ts';
import type { Outcome } from './outcome.ts';

const most = 60;

/** What was wished, what went wrong, and the last that happened around what broke. @param trace the last lines, the one that broke among them. */
export function story(plan: Plan, outcome: Outcome, trace: readonly string[]): string {
  const [first] = outcome.violations;
  if (first === undefined) return 'nothing broke';
  const about = subjectsOf(first.text);
  const telling = trace.filter((line) => isTelling(line, about)).slice(-most);
  return [
    `Rule ${first.rule} broke after ${seconds(first.atMs)}, at step ${String(first.line)}: ${first.text}`,
    `${String(plan.hosts)} hosts of ${String(plan.hostMemoryGi)} GiB; operators come back ${plan.sameIdentity ? 'under their old names' : 'under new names'}.`,
    `Wishes: ${list(plan.wishes.map(({ at, vm, kind }) => `${kind} vm-${String(vm)} at ${seconds(at)}`))}`,
    `Faults by the clock: ${list(plan.happenings.map(({ at, kind, ms }) => `${kind} at ${seconds(at)} for ${seconds(ms)}`))}`,
    `Faults that waited for a step: ${list(plan.strikes.map(({ at, role, step, kind }) => `${kind} at ${step} of ${role} from ${seconds(at)}`))}`,
    'What happened last, around that:',
    ...telling.map((line) => `  ${readable(line)}`),
  ].join('\n');
}

function list(items: readonly string[]): string {
  if (items.length === 0) return 'none';
  return items.length > 20 ? `${items.slice(0, 20).join('; ')}; and ${String(items.length - 20)} more` : items.join('; ');
}

/** The VMs and hosts that a sentence speaks of. */
function subjectsOf(text: string): string[] {
  return [...new Set(text.match(/\b(?:vm|rack)-\d+\b/g) ?? [])];
}

function isTelling(line: string, about: readonly string[]): boolean {
  if (/ ! | BROKEN | dies| starts as | is up at /.test(line)) return true;
  if (/ (list|watch|get) | patch leases | update leases /.test(line)) return false;
  return about.some((subject) => new RegExp(`\\b${subject}\\b`).test(line));
}

function readable(line: string): string {
  const [, at = '', text = ''] = /^(\S+) (.*)$/s.exec(line) ?? [];
  const when = `${(Number(at) / 1000).toFixed(3)} s`;
  return `${when}  ${text.startsWith('world {') ? worldly(text.slice(6)) : text}`;
}

function worldly(json: string): string {
  const { type, host, spec, instance, vm, holder, volume } = JSON.parse(json) as Record<
    string,
    string | { vm: { name: string } } | undefined
  >;
  const who = typeof spec === 'object' ? spec.vm.name : (instance ?? volume ?? vm ?? '');
  const what = [type, who, host === undefined ? '' : `on ${text(host)}`, holder === undefined ? '' : `for ${text(holder)}`];
  return `in the world: ${what.map(text).filter(Boolean).join(' ')}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
