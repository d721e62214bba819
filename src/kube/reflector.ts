import { messageOf, Stopped } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Runtime } from '../base/runtime.ts';
import { ConnectionLost } from '../meta/control-plane.ts';
import type { KubeObject } from '../meta/objects.ts';
import { collectionPath, type Kind } from '../meta/resource.ts';
import { ApiError } from '../meta/status.ts';
import { compareRevisions, Garbled, retryAfterOf } from './answers.ts';
import { lineCutter } from './lines.ts';
import { isExpired, listAll, selection } from './list-pages.ts';
import { pauseAfter } from './pauses.ts';
import type { Call, Requester } from './requester.ts';
import { branch, pump, type Branch } from './signals.ts';
import type { ListOptions, Metrics } from './types.ts';
import { watchEvent, type WatchEvent } from './watch-events.ts';

/** Where a reflector puts what it hears. Nothing of it may throw. */
export interface Sink<T extends KubeObject> {
  /** What to keep of an object, before it is given on. */
  keep(object: T): T;
  /** These are all that there are. */
  replace(objects: readonly T[]): void;
  changed(object: T): void;
  deleted(object: T): void;
}

export interface ReflectorContext {
  readonly requester: Requester;
  readonly runtime: Pick<Runtime, 'clock' | 'random' | 'log'>;
  /** Ends it. */
  readonly stop: AbortSignal;
  /** Milliseconds without a byte after which a watch is taken for dead; default 90,000. Servers send a bookmark about every minute. */
  readonly silence?: number;
  readonly metrics?: Metrics;
}

/** A stream that lived so long was a good one: what comes after its end starts anew. */
const steady = 5_000;
/** When so many rounds in a row have brought nothing, the revision itself is under suspicion. */
const suspicious = 10;
/** Rounds that end too soon but bring something count up to here: staying close then matters more than sparing the server, and the first one that brings nothing is no reason for a long pause either. */
const choppy = 4;

/**
 * Lists a collection, then follows it: resumes where a stream broke, lists again where it can't resume, and never goes back in time.
 */
export class Reflector<T extends KubeObject> {
  readonly #context: ReflectorContext;
  readonly #kind: Kind<T>;
  readonly #options: ListOptions;
  readonly #sink: Sink<T>;
  readonly #log: Log;
  /** All up to here has been taken in. */
  #revision: string | undefined;
  #mustList = true;
  /** Told when a list that begins from now on has been taken in. */
  #awaitingList: (() => void)[] = [];
  /** The watch that is open. */
  #connection: Branch | undefined;
  /** No pause before the next round. */
  #hurried = false;
  #heard: number;
  #opened: number | undefined;
  #failures = 0;
  #fruitless = 0;

  constructor(context: ReflectorContext, kind: Kind<T>, options: ListOptions, sink: Sink<T>) {
    this.#context = context;
    this.#kind = kind;
    this.#options = options;
    this.#sink = sink;
    this.#log = context.runtime.log.child({ kind: kind.kind });
    this.#heard = context.runtime.clock.monotonic();
  }

  /** Milliseconds (monotonic) since the server last said anything. */
  silentFor(): number {
    return this.#context.runtime.clock.monotonic() - this.#heard;
  }

  /** Lists anew as soon as may be. Calls `taken` when a list that began after this call has been taken in. */
  relist(taken: () => void): void {
    this.#awaitingList.push(taken);
    this.#mustList = true;
    this.#hurried = true;
    this.#connection?.abort();
  }

  /** Runs until stopped; settles then, and never rejects. */
  async run(): Promise<void> {
    const { stop, runtime } = this.#context;
    try {
      while (!stop.aborted) await runtime.clock.sleep(await this.#round(), stop);
    } catch (error) {
      if (!(error instanceof Stopped)) this.#log.error('reflector failed', { error: messageOf(error) });
    }
  }

  /** Lists if need be and watches until that ends. Gives how many milliseconds to pause. */
  async #round(): Promise<number> {
    const { stop, runtime } = this.#context;
    const from = this.#revision;
    this.#opened = undefined;
    let problem: unknown;
    try {
      while (this.#mustList) await this.#list();
      await this.#watch();
    } catch (error) {
      if (stop.aborted) throw new Stopped();
      problem = error;
    }
    const lived = this.#lived();
    const progressed = from !== this.#revision;
    this.#failures = lived >= steady ? 0 : Math.min(this.#failures + 1, progressed ? choppy : Infinity);
    this.#fruitless = lived >= steady || progressed ? 0 : this.#fruitless + 1;
    if (!canResume(problem) || this.#fruitless % suspicious === suspicious - 1) this.#mustList = true;
    this.#report(problem);
    const hurried = this.#hurried;
    this.#hurried = false;
    if (hurried) return 0;
    const asked = problem instanceof ApiError ? retryAfterOf(problem) : undefined;
    return pauseAfter({ failures: this.#failures, asked }, runtime.random);
  }

  /** Milliseconds since the watch was opened; 0 when it was not. */
  #lived(): number {
    return this.#opened === undefined ? 0 : this.#context.runtime.clock.monotonic() - this.#opened;
  }

  async #list(): Promise<void> {
    const { requester, stop } = this.#context;
    const awaited = this.#awaitingList.length;
    const { items, resourceVersion } = await listAll(requester, this.#kind, this.#options, stop, (object) => this.#sink.keep(object));
    if (this.#revision !== undefined && compareRevisions(resourceVersion, this.#revision) < 0) {
      throw new ConnectionLost(`a list of revision ${resourceVersion} after ${this.#revision}: the server answers from the past`);
    }
    this.#sink.replace(items);
    this.#revision = resourceVersion;
    for (const taken of this.#awaitingList.splice(0, awaited)) taken();
    this.#mustList = this.#awaitingList.length > 0;
    this.#hear();
  }

  async #watch(): Promise<void> {
    const { requester, stop } = this.#context;
    const connection = branch(stop);
    this.#connection = connection;
    const cut = lineCutter((line) => {
      this.#take(watchEvent(this.#kind, line));
    });
    try {
      const body = await requester.stream(this.#watchCall(), connection.signal);
      this.#opened = this.#hear();
      void this.#abortWhenSilent(connection);
      await pump(body, connection.signal, (chunk) => {
        this.#hear();
        cut(chunk);
      });
    } catch (error) {
      if (connection.signal.aborted && !stop.aborted) throw new Silent('the watch fell silent');
      throw error;
    } finally {
      this.#connection = undefined;
      connection.abort();
      connection.release();
    }
  }

  #watchCall(): Call {
    const query = selection(this.#options);
    query.push(['watch', 'true'], ['allowWatchBookmarks', 'true'], ['resourceVersion', this.#revision ?? '']);
    // Spread, so that the watches of many clients do not end together.
    query.push(['timeoutSeconds', String(300 + this.#context.runtime.random.integer(300))]);
    return { verb: 'watch', method: 'GET', path: collectionPath(this.#kind, this.#options.namespace), query };
  }

  #take(event: WatchEvent<T>): void {
    const at = event.type === 'BOOKMARK' ? event.revision : event.object.metadata.resourceVersion;
    // A revision comes once. Again means a replay, which could bring back what has been deleted since.
    if (this.#revision !== undefined && compareRevisions(at, this.#revision) <= 0) return;
    if (event.type === 'DELETED') this.#sink.deleted(this.#sink.keep(event.object));
    else if (event.type !== 'BOOKMARK') this.#sink.changed(this.#sink.keep(event.object));
    this.#revision = at;
  }

  #hear(): number {
    this.#heard = this.#context.runtime.clock.monotonic();
    return this.#heard;
  }

  async #abortWhenSilent(connection: Branch): Promise<void> {
    const { runtime, silence = 90_000 } = this.#context;
    try {
      for (let left = silence; left > 0; left = silence - this.silentFor()) await runtime.clock.sleep(left, connection.signal);
      connection.abort();
    } catch {
      // The connection ended before.
    }
  }

  #report(problem: unknown): void {
    const why = whyOf(problem);
    this.#context.metrics
      ?.counter('hypersphere_watch_restarts_total', 'Watches that ended, by kind and why.', ['kind', 'why'])
      .add(1, this.#kind.kind, why);
    const fields = { why, revision: this.#revision, failures: this.#failures };
    // No server promises bookmarks: where etcd keeps its progress to itself, every quiet watch falls silent.
    if (problem === undefined || problem instanceof Silent) this.#log.debug('watch ended', fields);
    else this.#log.warn('watch broke', { ...fields, error: messageOf(problem) });
  }
}

class Silent extends ConnectionLost {
  override name = 'Silent';
}

/** Whether the watch may go on from where it was: an answered no says that it may not, unless it is about the server's load or health. */
function canResume(problem: unknown): boolean {
  if (problem instanceof ApiError) return problem.code === 429 || problem.code >= 500;
  return !(problem instanceof Garbled);
}

function whyOf(problem: unknown): string {
  if (problem === undefined) return 'ended';
  if (isExpired(problem)) return 'expired';
  if (problem instanceof ApiError) return 'refused';
  return problem instanceof Silent ? 'silent' : 'lost';
}
