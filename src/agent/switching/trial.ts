/** What the host's switches are next, when a change may cut the host off: pure. */
import type { HostSwitch, SwitchConfiguration } from '../../api/effective-port.ts';
import { equal } from '../../base/equal.ts';
import { configurationOf } from '../../domain/effective-port.ts';

/** A switch as it should be, and how long the host may be cut off by that, milliseconds. */
export interface WantedSwitch {
  readonly to: HostSwitch;
  readonly rollbackMs: number;
}

export type Course = Omit<SwitchConfiguration, 'ports'>;

/** For a switch that goes: nobody says any more how long. */
const usualRollbackMs = 30_000;

/** The next switches. What was refused stays as it is until something else is wanted. A change that frames may feel is on trial. @param now wall clock, ms. */
export function courseOf(wanted: readonly WantedSwitch[], applied: SwitchConfiguration, now: number): Course {
  const refused = (applied.refused ?? []).filter(({ name, hash }) => hash === wireHash(wantedNamed(wanted, name)));
  const names = [...wanted.map(({ to }) => to.name), ...applied.switches.map(({ name }) => name)];
  const switches = sorted(names).flatMap((name) => {
    const next = refused.some((one) => one.name === name) ? named(applied.switches, name) : wantedNamed(wanted, name);
    return next === undefined ? [] : [next];
  });
  const changed = changedNames(applied.switches, switches);
  const notes = refused.length === 0 ? {} : { refused };
  if (changed.length === 0) return { switches, ...notes, ...(applied.trial === undefined ? {} : { trial: applied.trial }) };
  const limits = changed.map((name) => wanted.find(({ to }) => to.name === name)?.rollbackMs ?? usualRollbackMs);
  const good = applied.trial?.good ?? applied.switches;
  return { switches, ...notes, trial: { good, since: now, afterMs: Math.min(...limits) } };
}

/** The host reaches the API with what is on trial. */
export function proven({ switches, ports, refused }: SwitchConfiguration): SwitchConfiguration {
  return { switches, ports, ...(refused === undefined ? {} : { refused }) };
}

/** The host does not: it goes back, and remembers what it was that cut it off. */
export function undone(applied: SwitchConfiguration): SwitchConfiguration {
  const { trial, ...rest } = applied;
  if (trial === undefined) return applied;
  const cut = changedNames(trial.good, applied.switches);
  const before = (applied.refused ?? []).filter(({ name }) => !cut.includes(name));
  const refused = [...before, ...cut.map((name) => ({ name, hash: wireHash(named(applied.switches, name)) }))];
  return { ...rest, switches: trial.good, refused };
}

function wantedNamed(wanted: readonly WantedSwitch[], name: string): HostSwitch | undefined {
  return wanted.find(({ to }) => to.name === name)?.to;
}

function named(switches: readonly HostSwitch[], name: string): HostSwitch | undefined {
  return switches.find((one) => one.name === name);
}

function changedNames(before: readonly HostSwitch[], after: readonly HostSwitch[]): string[] {
  const names = sorted([...before, ...after].map(({ name }) => name));
  return names.filter((name) => !isWireOf(before, after, name));
}

/** Whether the switch is the same in both, for all that frames feel. */
export function isWireOf(one: readonly HostSwitch[], other: readonly HostSwitch[], name: string): boolean {
  return equal(onWire(named(one, name)), onWire(named(other, name)));
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

/** What frames feel of it: how often it is looked at cuts nobody off. */
function onWire(one: HostSwitch | undefined): HostSwitch | undefined {
  if (one === undefined) return undefined;
  const wire: { -readonly [Key in keyof HostSwitch]: HostSwitch[Key] } = { ...one };
  delete wire.healthCheckMs;
  return wire;
}

function wireHash(one: HostSwitch | undefined): string {
  const wire = onWire(one);
  return wire === undefined ? 'gone' : configurationOf(wire, []);
}
