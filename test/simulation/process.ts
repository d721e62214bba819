/** A process that can die at any moment, comes back as another incarnation, and can stand still. */
import type { Clock } from '../../src/base/clock.ts';
import type { Log } from '../../src/base/log.ts';
import { seededRandom, type Random } from '../../src/base/random.ts';
import type { Runtime } from '../../src/base/runtime.ts';
import type { ControlPlane } from '../../src/meta/control-plane.ts';
import { WholeBody } from '../../src/meta/whole-body.ts';
import { guardedClock, guardedLog } from '../../src/sim/world/guard.ts';
import { newLife, type Life } from '../../src/sim/world/life.ts';
import { newLink, type Link, type Network } from './network.ts';
import type { Trace } from './scheduler.ts';

/** What one incarnation gets. Nothing that it waits for settles once it is dead. */
export interface Incarnation {
  readonly number: number;
  readonly life: Life;
  readonly runtime: Runtime;
  readonly controlPlane: ControlPlane;
  isStill(): boolean;
}

export interface SimulatedProcess {
  readonly name: string;
  readonly link: Link;
  /** It dies without a word, and comes back after `ms`. */
  crash(ms: number): void;
  /** It stands still for `ms`: what arrives meanwhile is seen afterwards. */
  pause(ms: number): void;
  runtime(): Runtime;
}

export interface ProcessOptions {
  readonly name: string;
  readonly role: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly trace: Trace;
  readonly network: Network;
  /** Milliseconds by which its wall clock is off. */
  readonly skew: () => number;
  readonly run: (incarnation: Incarnation) => Promise<void>;
  /** Its way to the API; absent: one of its own. */
  readonly link?: Link;
  /** Told when it died. */
  readonly died?: () => void;
  /** Told when it stands still, and when it goes on. */
  readonly paused?: (isStill: boolean) => void;
}

export function startProcess(options: ProcessOptions): SimulatedProcess {
  const { name, role, clock, trace } = options;
  const link = options.link ?? newLink();
  let current: Incarnation;
  let number = 0;
  let still = 0;
  const process: SimulatedProcess = {
    name,
    link,
    crash: (ms) => {
      if (current.life.dead()) return;
      trace.note(`${name} dies`);
      current.life.kill();
      options.died?.();
      void clock.sleep(ms).then(start);
    },
    pause: (ms) => {
      const { life } = current;
      trace.note(`${name} stands still`);
      life.freeze();
      still++;
      options.paused?.(true);
      void clock.sleep(ms).then(() => {
        trace.note(`${name} goes on`);
        life.thaw();
        still--;
        options.paused?.(still > 0);
      });
    },
    runtime: () => current.runtime,
  };
  const connected = options.network({ who: name, role, crash: process.crash, pause: process.pause, link });
  const start = (): void => {
    current = incarnationOf(options, ++number, connected, () => still > 0);
    trace.note(`${name} starts as ${current.runtime.id}`);
    options.run(current).catch((error: unknown) => {
      options.log.error('a process ended', { process: name, error });
    });
  };
  start();
  return process;
}

function incarnationOf(
  { name, clock, random, log, skew }: ProcessOptions,
  number: number,
  connected: ControlPlane,
  isStill: () => boolean,
): Incarnation {
  const life = newLife();
  const runtime: Runtime = {
    id: `${name}-${String(number)}`,
    clock: skewed(guardedClock(clock, life), skew),
    random: seededRandom(random.integer(2 ** 32)),
    log: guardedLog(log.child({ process: name }), life),
    stopping: new AbortController().signal,
  };
  const controlPlane: ControlPlane = async (request, signal) => {
    const response = await life.run(() => connected(request, signal));
    return response.body instanceof WholeBody ? response : { ...response, body: life.iterate(response.body) };
  };
  return { number, life, runtime, controlPlane, isStill };
}

/** `clock` with a wall clock that is wrong. */
export function skewed(clock: Clock, skew: () => number): Clock {
  return { ...clock, now: () => clock.now() + skew() };
}
