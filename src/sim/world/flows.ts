import type { Runtime } from '../../base/runtime.ts';
import { PortError } from '../../ports/errors.ts';
import { maxMinShares, type Demand } from './shares.ts';

/** Bytes on their way from one host to another. */
export interface Flow {
  /** Settles when all has arrived, or when it was closed. @throws {PortError} Unreachable when nothing went for too long. */
  readonly done: Promise<unknown>;
  remainingBytes(): number;
  /** Now, bytes a second. */
  rate(): number;
  close(): void;
}

export interface FlowSpec {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  /** At most, bytes a second; absent: what the links give. */
  readonly cap?: number;
  /** Absent: a move. */
  readonly use?: 'Protection';
}

/** The network between hypervisors. Between two changes each flow has one rate: nothing ticks, and the end of each is known exactly. */
export interface Flows {
  open(spec: FlowSpec): Flow;
  /** To be called when what a host can send or receive has changed. */
  changed(): void;
}

export interface FlowsOptions {
  readonly runtime: Runtime;
  /** What a host can send, and what it can receive at the same time, bytes a second; 0 when it is cut off. */
  readonly capacity: (host: string) => number;
  /** Whether nothing goes from there, or comes there, for this use; absent: everything does. */
  readonly isCut?: (host: string, use: FlowSpec['use']) => boolean;
  /** How long a flow may stand still. */
  readonly timeoutMs: number;
}

interface Moving extends FlowSpec, Demand {
  remaining: number;
  rate: number;
  /** When it came to stand still. */
  stalledAt: number | undefined;
  readonly settle: (error?: PortError) => void;
}

/** What is left of a flow when rounding, of clocks too, is all that is left: less than a microsecond's worth. */
const roundingMs = 1e-3;

export function newFlows({ runtime, capacity, isCut = () => false, timeoutMs }: FlowsOptions): Flows {
  const { clock, stopping } = runtime;
  const moving = new Set<Moving>();
  let last = clock.monotonic();
  let cancel = (): void => undefined;

  const advance = (): void => {
    const now = clock.monotonic();
    for (const flow of moving) flow.remaining = Math.max(0, flow.remaining - (flow.rate * (now - last)) / 1000);
    last = now;
  };
  const end = (flow: Moving, error?: PortError): void => {
    if (moving.delete(flow)) flow.settle(error);
  };
  const wait = (): void => {
    cancel();
    if (moving.size === 0 || stopping.aborted) return;
    let next = Infinity;
    for (const flow of moving) next = Math.min(next, untilNext(flow, last, timeoutMs));
    cancel = clock.after(next, update);
  };
  const passes = ({ from, to, use }: Moving): boolean => !isCut(from, use) && !isCut(to, use);
  const update = (): void => {
    advance();
    for (const flow of moving) if (hasArrived(flow)) end(flow);
    for (const flow of moving) if (stoodStill(flow, last) >= timeoutMs - roundingMs) end(flow, noAnswer(flow));
    const [open, cut] = [[...moving].filter(passes), [...moving].filter((flow) => !passes(flow))];
    share(open, capacity, last);
    for (const flow of cut) setRate(flow, 0, last);
    wait();
  };

  stopping.addEventListener('abort', () => {
    cancel();
  });
  return {
    open: (spec) => {
      const { done, flow } = newMoving(spec);
      moving.add(flow);
      update();
      return {
        done,
        remainingBytes: () => {
          advance();
          return flow.remaining;
        },
        rate: () => flow.rate,
        close: () => {
          end(flow);
          update();
        },
      };
    },
    changed: update,
  };
}

function newMoving(spec: FlowSpec): { readonly flow: Moving; readonly done: Promise<unknown> } {
  const { promise: done, resolve, reject } = Promise.withResolvers<undefined>();
  const settle = (error?: PortError): void => {
    if (error === undefined) resolve(undefined);
    else reject(error);
  };
  const links = [`${spec.from} out`, `${spec.to} in`];
  return { done, flow: { ...spec, links, remaining: spec.bytes, rate: 0, stalledAt: undefined, settle } };
}

function hasArrived({ rate, remaining }: Moving): boolean {
  return remaining <= (rate * roundingMs) / 1000;
}

function stoodStill({ stalledAt }: Moving, now: number): number {
  return stalledAt === undefined ? 0 : now - stalledAt;
}

function noAnswer({ to }: Moving): PortError {
  return new PortError('Unreachable', `host ${to} does not answer`);
}

/** Gives each its rate. */
function share(flows: readonly Moving[], capacity: FlowsOptions['capacity'], now: number): void {
  const rates = maxMinShares(flows, (link) => capacity(link.slice(0, link.lastIndexOf(' '))));
  for (const [index, flow] of flows.entries()) setRate(flow, rates[index] ?? 0, now);
}

function setRate(flow: Moving, rate: number, now: number): void {
  flow.rate = rate;
  flow.stalledAt = rate > 0 ? undefined : (flow.stalledAt ?? now);
}

/** Milliseconds until the flow ends, or has stood still for too long. */
function untilNext({ rate, remaining, stalledAt }: Moving, now: number, timeoutMs: number): number {
  return rate > 0 ? (remaining * 1000) / rate : (stalledAt ?? now) + timeoutMs - now;
}
