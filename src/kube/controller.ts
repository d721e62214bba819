import { messageOf, Stopped } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Runtime } from '../base/runtime.ts';
import { keyOf, refOf } from '../meta/objects.ts';
import { isApiError } from '../meta/status.ts';
import type { ControllerSpec, Metrics, Result } from './types.ts';
import { workQueue, type WorkQueue, type WorkQueueOptions } from './work-queue.ts';

export interface ControllerOptions {
  /** No reconcile before these are synced. */
  readonly caches?: { synced(signal: AbortSignal): Promise<void> };
  readonly metrics?: Metrics;
  readonly queue?: Omit<WorkQueueOptions, 'onDepth'>;
}

/**
 * Runs a control loop until `runtime.stopping`; then takes no more keys, and settles when what is at work has ended.
 * A reconcile that throws is logged and comes again after its back-off.
 */
export async function runController(spec: ControllerSpec, runtime: Runtime, options: ControllerOptions = {}): Promise<void> {
  const { stopping } = runtime;
  const measures = measuresOf(spec.name, options.metrics);
  const queue = workQueue(runtime.clock, stopping, { ...options.queue, onDepth: measures.depth });
  spec.watch((ref) => {
    queue.add(keyOf(ref));
  });
  try {
    await options.caches?.synced(stopping);
  } catch (error) {
    if (error instanceof Stopped) return;
    throw error;
  }
  const work = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take())
      await reconcileOne({ spec, runtime, queue, measures }, key);
  };
  await Promise.all(Array.from({ length: spec.concurrency }, work));
}

interface Loop {
  readonly spec: ControllerSpec;
  readonly runtime: Runtime;
  readonly queue: WorkQueue;
  readonly measures: Measures;
}

async function reconcileOne(loop: Loop, key: string): Promise<void> {
  const { spec, runtime, queue, measures } = loop;
  const ref = refOf(key);
  const log = runtime.log.child({ controller: spec.name, ...ref, reconcileID: runtime.random.uuid() });
  const started = runtime.clock.monotonic();
  try {
    const result = await spec.reconcile(ref, log);
    finished(queue, key, result);
    measures.reconciled(result?.requeueAfter === undefined ? 'success' : 'requeue_after');
  } catch (error) {
    failed(loop, key, error, log);
  }
  measures.seconds((runtime.clock.monotonic() - started) / 1000);
  queue.done(key);
}

function finished(queue: WorkQueue, key: string, result: Result): void {
  queue.forget(key);
  if (result?.requeueAfter !== undefined) queue.addAfter(key, result.requeueAfter);
}

function failed({ runtime, queue, measures }: Loop, key: string, error: unknown, log: Log): void {
  // Its calls were cut because the process stops: nothing went wrong, and nobody comes again.
  if (runtime.stopping.aborted && error instanceof Stopped) return;
  const retryIn = queue.retry(key);
  measures.reconciled('error');
  const fields = { error: messageOf(error), retryIn, ...(error instanceof Error ? { stack: error.stack } : {}) };
  // Someone else was faster; a fresh look is all that is needed.
  if (isApiError(error, 'Conflict')) log.debug('reconcile met a conflict', fields);
  else log.warn('reconcile failed', fields);
}

interface Measures {
  readonly reconciled: (result: 'success' | 'requeue_after' | 'error') => void;
  readonly seconds: (value: number) => void;
  readonly depth: (value: number) => void;
}

const buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60];

function measuresOf(controller: string, metrics: Metrics | undefined): Measures {
  const total = metrics?.counter('hypersphere_reconcile_total', 'Reconciles by controller and result.', ['controller', 'result']);
  const errors = metrics?.counter('hypersphere_reconcile_errors_total', 'Reconciles that failed, by controller.', ['controller']);
  const seconds = metrics?.histogram('hypersphere_reconcile_seconds', 'Time of a reconcile, by controller.', buckets, ['controller']);
  const depth = metrics?.gauge('hypersphere_queue_depth', 'Keys that wait for a worker, by controller.', ['controller']);
  errors?.add(0, controller);
  depth?.set(0, controller);
  return {
    reconciled(result) {
      total?.add(1, controller, result);
      if (result === 'error') errors?.add(1, controller);
    },
    seconds: (value) => {
      seconds?.observe(value, controller);
    },
    depth: (value) => {
      depth?.set(value, controller);
    },
  };
}
