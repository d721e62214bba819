/** What the lint bans throws while a simulation plays, also in packages, which no lint looks at. */
import { globals, properties } from '../../eslint.effects.js';

/** Those without which the language itself, or our own frame, would not work. */
const spared: ReadonlySet<string> = new Set(['Date', 'globalThis', 'global', 'require', '__dirname', '__filename']);

class Banned extends Error {
  override name = 'Banned';
}

/** Replaces the banned globals until the returned function is called. */
export function banGlobals(): () => void {
  const bans = globals.filter(({ name }) => !spared.has(name)).map(({ name }) => banOf(globalThis, name));
  for (const { object, name } of properties) if (object !== undefined) bans.push(banOf(holderOf(object), name));
  // Some are made when they are first looked at, out of others: only when all have been seen is any replaced.
  const undo = [banDate(), ...bans.map((impose) => impose())];
  return () => {
    for (const one of undo.reverse()) one();
  };
}

function holderOf(name: string): object {
  const holder: unknown = Reflect.get(globalThis, name);
  if (holder === null || (typeof holder !== 'object' && typeof holder !== 'function')) throw new Banned(`there is no ${name}`);
  return holder;
}

/** @returns what imposes the ban; that in turn returns what lifts it. */
function banOf(holder: object, name: string): () => () => void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  if (before === undefined) return () => () => undefined;
  const get = (): never => {
    throw new Banned(`${name} was used while a simulation played: it differs from run to run`);
  };
  return () => {
    Object.defineProperty(holder, name, { configurable: true, get });
    return () => {
      Object.defineProperty(holder, name, before);
    };
  };
}

/** Calendar words are computed; the time of day is not to be had. */
function banDate(): () => void {
  const Real = Date;
  const guarded = new Proxy(Real, {
    construct: (target, values: unknown[], newTarget) => {
      if (values.length === 0) throw new Banned('new Date() was used while a simulation played: ask the Clock');
      return Reflect.construct(target, values, newTarget) as object;
    },
    apply: () => {
      throw new Banned('Date() was used while a simulation played: ask the Clock');
    },
    get: (target, name) => {
      if (name === 'now') throw new Banned('Date.now was used while a simulation played: ask the Clock');
      return Reflect.get(target, name);
    },
  });
  Reflect.set(globalThis, 'Date', guarded);
  return () => {
    Reflect.set(globalThis, 'Date', Real);
  };
}
