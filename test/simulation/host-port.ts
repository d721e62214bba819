/** A host's port as its agent has it: each call takes its time, and may go wrong. */
import type { Clock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import { isPortError, PortError } from '../../src/ports/errors.ts';
import type { HostPort } from '../../src/ports/host-port.ts';
import type { Armed } from './armed.ts';
import type { Strike } from './plan.ts';
import type { Trace } from './scheduler.ts';

/** What befalls a host's port for a while. */
export interface PortWeather {
  /** Shared datastores cannot be reached; with `answers`, what is asked is done and nobody hears of it. */
  storage: 'open' | 'cut' | 'answers';
  full: boolean;
  /** How many faults keep the host from its shared datastores, so that it knows. */
  away: number;
}

export function fairWeather(): PortWeather {
  return { storage: 'open', full: false, away: 0 };
}

export interface PortOptions {
  readonly host: string;
  /** The agent's own clock: what a dead agent waits for never comes. */
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: Trace;
  readonly armed: Armed;
  readonly weather: PortWeather;
  readonly crashAgent: (ms: number) => void;
  readonly losePower: (ms: number) => void;
  /** The user does something about a VM. */
  readonly meddle: () => Promise<void>;
}

export function troubledPort(port: HostPort, options: PortOptions): HostPort {
  const call = <T>(step: string, work: () => Promise<T>): Promise<T> => troubled(options, step, work);
  const { guests, datastores } = port;
  const storage = options.weather;
  const shared = <T>(step: string, work: () => Promise<T>): Promise<T> => call(step, () => overStorage(storage, work));
  const roomy = <T>(work: () => Promise<T>): Promise<T> =>
    storage.full ? Promise.reject(new PortError('DiskFull', 'the datastore has no room left')) : work();
  return {
    moves: {
      prepare: (spec) => call('moves.prepare', () => port.moves.prepare(spec)),
      send: (id, to, choices) => startedBy(() => call('moves.send', () => Promise.resolve()), port.moves.send(id, to, choices)),
      activate: (id, token) => call('moves.activate', () => port.moves.activate(id, token)),
      goOn: (id, token) => call('moves.goOn', () => port.moves.goOn(id, token)),
    },
    protection: {
      protect: (id, to, choices) => call('protection.protect', () => port.protection.protect(id, to, choices)),
      list: () => call('protection.list', () => port.protection.list()),
      changes: (signal) => port.protection.changes(signal),
      goAlone: (id, token) => call('protection.goAlone', () => port.protection.goAlone(id, token)),
      goLive: (id, token) => call('protection.goLive', () => port.protection.goLive(id, token)),
    },
    switching: {
      apply: (configuration) => call('switching.apply', () => port.switching.apply(configuration)),
      applied: () => call('switching.applied', () => port.switching.applied()),
      counters: () => call('switching.counters', () => port.switching.counters()),
      resume: (id, counters) => call('switching.resume', () => port.switching.resume(id, counters)),
      check: (name) => call('switching.check', () => port.switching.check(name)),
    },
    settings: {
      read: (refs) => call('settings.read', () => port.settings.read(refs)),
      changed: () => call('settings.changed', () => port.settings.changed()),
      refusal: (setting) => call('settings.refusal', () => port.settings.refusal(setting)),
      write: (setting) => call('settings.write', () => port.settings.write(setting)),
      reboot: () => call('settings.reboot', () => port.settings.reboot()),
      keep: (name, text) => call('settings.keep', () => port.settings.keep(name, text)),
      kept: (name) => call('settings.kept', () => port.settings.kept(name)),
      changes: (signal) => port.settings.changes(signal),
    },
    surroundings: {
      look: (addresses) => call('surroundings.look', () => port.surroundings.look(addresses)),
      changes: (signal) => port.surroundings.changes(signal),
    },
    inventory: () => call('inventory', () => port.inventory()),
    guests: {
      list: () => call('guests.list', () => guests.list()),
      start: (spec, token) => call('guests.start', () => guests.start(spec, token)),
      stop: (id, how) => call('guests.stop', () => guests.stop(id, how)),
      suspend: (id) => shared('guests.suspend', () => roomy(() => guests.suspend(id))),
      resume: (id, token) => shared('guests.resume', () => guests.resume(id, token)),
      wake: (spec, from, token) => shared('guests.wake', () => guests.wake(spec, from, token)),
      sample: () => call('guests.sample', () => guests.sample()),
      events: (signal) => guests.events(signal),
    },
    datastores: {
      attach: (specs) => call('datastores.attach', () => datastores.attach(specs)),
      ensure: (ref, size) => shared('datastores.ensure', () => roomy(() => datastores.ensure(ref, size))),
      remove: (ref) => shared('datastores.remove', () => datastores.remove(ref)),
      list: (datastore) => shared('datastores.list', () => datastores.list(datastore)),
      held: () => shared('datastores.held', () => datastores.held()),
      arbiter: (datastore) => {
        const arbiter = datastores.arbiter(datastore);
        return {
          testAndSet: (vm, from, to) => shared('arbiter.testAndSet', () => arbiter.testAndSet(vm, from, to)),
          handOver: (vm, from, to) => shared('arbiter.handOver', () => arbiter.handOver(vm, from, to)),
          confirm: (vm, holder) => shared('arbiter.confirm', () => arbiter.confirm(vm, holder)),
          appoint: (vm, holder, heir) => shared('arbiter.appoint', () => arbiter.appoint(vm, holder, heir)),
          succeed: (vm, heir, through) => shared('arbiter.succeed', () => arbiter.succeed(vm, heir, through)),
          holder: (vm) => shared('arbiter.holder', () => arbiter.holder(vm)),
        };
      },
    },
  };
}

/** `rest`, which begins when `first` has gone well. */
async function* startedBy<T>(first: () => Promise<void>, rest: AsyncIterable<T>): AsyncGenerator<T, void> {
  await first();
  yield* rest;
}

async function overStorage<T>(weather: PortWeather, work: () => Promise<T>): Promise<T> {
  if (weather.storage === 'cut') throw unreachable();
  const result = await work();
  if (weather.storage === 'answers') throw unreachable();
  return result;
}

function unreachable(): PortError {
  return new PortError('Unreachable', 'the datastore does not answer');
}

async function troubled<T>(of: PortOptions, step: string, work: () => Promise<T>): Promise<T> {
  const { clock, random, trace, host } = of;
  await clock.sleep(0.05 + random.next() * 0.2);
  const strike = of.armed.take(`agent ${host}`, 'agent', step);
  await before(of, strike);
  const result = await noted(trace, `${host} ${step}`, work);
  await after(of, strike);
  await clock.sleep(0.05);
  return result;
}

/** Reading is not worth a line each time. */
async function noted<T>(trace: Trace, what: string, work: () => Promise<T>): Promise<T> {
  const quiet =
    what.endsWith('guests.list') ||
    what.endsWith('protection.list') ||
    what.endsWith('guests.sample') ||
    what.endsWith('settings.read') ||
    what.endsWith('switching.counters');
  try {
    const result = await work();
    if (!quiet) trace.note(`${what} done`);
    return result;
  } catch (error) {
    trace.note(`${what} ${isPortError(error) ? error.code : 'failed'}`);
    throw error;
  }
}

async function before(of: PortOptions, strike: Strike | undefined): Promise<void> {
  switch (strike?.kind) {
    case 'failed':
      throw new PortError('Failed', 'it failed, and may not the next time');
    case 'unreachable':
      throw unreachable();
    case 'full':
      throw new PortError('DiskFull', 'the datastore has no room left');
    case 'slow':
      await of.clock.sleep(strike.ms);
      return;
    case 'crash-before':
      of.crashAgent(strike.ms);
      await of.clock.sleep(0);
      return;
    case 'power-before':
      of.losePower(strike.ms);
      await of.clock.sleep(0);
      return;
    case 'meddle-before':
      await of.meddle();
      return;
    default:
      return;
  }
}

async function after(of: PortOptions, strike: Strike | undefined): Promise<void> {
  switch (strike?.kind) {
    case 'failed-done':
      throw new PortError('Failed', 'it failed, or so it seems');
    case 'unreachable-done':
      throw unreachable();
    case 'crash-after':
      of.crashAgent(strike.ms);
      return;
    case 'power-after':
      of.losePower(strike.ms);
      return;
    case 'meddle-after':
      await of.meddle();
      return;
    default:
      return;
  }
}
