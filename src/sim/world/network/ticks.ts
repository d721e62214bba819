import type { Runtime } from '../../../base/runtime.ts';

/**
 * What frames wait for. Time goes on in ticks, as interfaces gather interrupts: all that falls due within one happens together, in the order
 * in which it was asked for. One timer of the clock at a time, and none when nothing is on its way.
 */
export interface Ticks {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Lets it happen at that moment or within a tick after it, and never before the present call has returned. */
  at(ms: number, act: () => void): void;
}

export const tickMs = 0.05;
/** What is lost in the arithmetic of ticks. */
const rounding = 1e-6;

export function newTicks({ clock, stopping }: Pick<Runtime, 'clock' | 'stopping'>): Ticks {
  const due = new Map<number, (() => void)[]>();
  const order = tickHeap();
  let armedFor = Infinity;
  let disarm = (): void => undefined;

  const fire = (): void => {
    armedFor = Infinity;
    const until = Math.floor(clock.monotonic() / tickMs + rounding);
    for (let tick = order.first(); tick !== undefined && tick <= until; tick = order.first()) {
      const acts = due.get(tick) ?? [];
      // What is asked for meanwhile and is due by now goes with the rest.
      for (const act of acts) act();
      order.take();
      due.delete(tick);
    }
    arm();
  };
  const arm = (): void => {
    const next = order.first();
    if (next === undefined || next >= armedFor || stopping.aborted) return;
    disarm();
    armedFor = next;
    disarm = clock.after(next * tickMs - clock.monotonic(), fire);
  };
  stopping.addEventListener('abort', () => {
    disarm();
  });

  return {
    now: () => clock.monotonic(),
    at: (ms, act) => {
      const tick = Math.ceil(ms / tickMs - rounding);
      const acts = due.get(tick);
      if (acts !== undefined) {
        acts.push(act);
        return;
      }
      due.set(tick, [act]);
      order.add(tick);
      arm();
    },
  };
}

interface TickHeap {
  add(tick: number): void;
  first(): number | undefined;
  take(): void;
}

/** Different numbers, the least first. Few at a time. */
function tickHeap(): TickHeap {
  /** Descending. */
  const ticks: number[] = [];
  return {
    add: (tick) => {
      let index = ticks.length;
      while (index > 0 && (ticks[index - 1] ?? 0) < tick) index--;
      ticks.splice(index, 0, tick);
    },
    first: () => ticks.at(-1),
    take: () => void ticks.pop(),
  };
}
