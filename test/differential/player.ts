import { deepEqual } from 'node:assert';
import { ConnectionLost } from '../../src/meta/control-plane.ts';
import type { Awaited, EventsStep, RequestStep, Scenario, Shown, Step, WatchStep } from './scenario.ts';
import { open, send } from './send.ts';
import type { Heard, Sent } from './send.ts';
import type { Stage } from './stage.ts';
import { at, bodyOf, substitute } from './substitute.ts';
import { watcher } from './watcher.ts';
import type { Watcher } from './watcher.ts';

/** What a step brought, as it came. */
export interface Taken {
  /** As the scenario says it, before words are replaced. */
  readonly step: string;
  readonly heard?: Heard;
  readonly events?: readonly unknown[];
  /** Of a watch that was to end: whether it did. */
  readonly ended?: boolean;
  readonly show: Shown;
}

/** A scenario that was played. */
export interface Played {
  readonly name: string;
  readonly taken: readonly Taken[];
  /** `id`, and what was captured. */
  readonly words: ReadonlyMap<string, string>;
}

const attempts = 2000;

/** Plays a scenario, in whose names `id` is put for `{id}`. What a step brings does not stop it, unless that is what a later step waits for. */
export async function play(stage: Stage, scenario: Scenario, id: string): Promise<Played> {
  const run = new Run(stage, id);
  if (scenario.clusterWide !== true) await run.makeNamespace(id);
  try {
    const taken: Taken[] = [];
    for (const step of scenario.steps) taken.push(await run.take(step));
    return { name: scenario.name, taken, words: run.words };
  } finally {
    await run.end();
  }
}

class Run {
  readonly words: Map<string, string>;
  private readonly stage: Stage;
  private readonly watchers = new Map<string, Watcher>();

  constructor(stage: Stage, id: string) {
    this.stage = stage;
    this.words = new Map([['id', id]]);
  }

  async makeNamespace(name: string): Promise<void> {
    const made = await this.request({
      request: 'POST /api/v1/namespaces',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    });
    if (made.status !== 201) throw new Error(`namespace ${name} could not be made: ${JSON.stringify(made.body)}`);
  }

  take(step: Step): Promise<Taken> {
    if ('watch' in step) return this.watch(step);
    if ('compact' in step) return this.compact();
    return 'events' in step ? this.events(step) : this.ask(step);
  }

  async end(): Promise<void> {
    for (const open of this.watchers.values()) await open.stop();
  }

  private async ask(step: RequestStep): Promise<Taken> {
    const heard = await this.patiently(step);
    for (const [word, pointer] of Object.entries(step.capture ?? {})) {
      const value = at(heard.body, pointer);
      if (typeof value !== 'string' && typeof value !== 'number')
        throw new Error(`${step.request}: nothing to capture at ${pointer}: ${JSON.stringify(heard.body)}`);
      this.words.set(word, String(value));
    }
    return { step: step.request, heard, show: step.show ?? 'all' };
  }

  private async patiently(step: RequestStep): Promise<Heard> {
    const { until } = step;
    if (until === undefined) return this.request(step);
    for (let tries = 0; tries < attempts; tries++) {
      const heard = await this.request(step).catch(unlessLost);
      if (heard !== undefined && holds(until, heard)) return heard;
      await this.stage.pause();
    }
    return this.request(step);
  }

  private async request(step: Pick<RequestStep, 'request' | 'headers' | 'body'>): Promise<Heard> {
    const sent = this.sent(step);
    const asked = send(this.stage, sent);
    let pending = sent.request.includes('timeoutSeconds=');
    const settled = asked.finally(() => (pending = false));
    // Such an answer may take its time, which on a stage of its own clock somebody must let pass.
    while (pending) await this.stage.pause();
    return settled;
  }

  private sent({ request, headers = {}, body }: Pick<RequestStep, 'request' | 'headers' | 'body'>): Sent {
    const own = Object.entries(headers).map(([name, value]) => [name, substitute(value, this.words)] as const);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return { request: substitute(request, this.words), headers: { ...type, ...Object.fromEntries(own) }, body: bodyOf(body, this.words) };
  }

  private async watch({ watch, path, headers = {} }: WatchStep): Promise<Taken> {
    const cut = new AbortController();
    const request = `GET ${path}${path.includes('?') ? '&' : '?'}watch=true`;
    const response = await open(this.stage, this.sent({ request, headers }), cut.signal);
    this.watchers.set(watch, watcher(this.stage, response, cut));
    return { step: request, heard: { status: response.status, headers: response.headers, body: undefined }, show: 'all' };
  }

  private async events({ events, count, ends = false, show = 'all' }: EventsStep): Promise<Taken> {
    const from = this.watchers.get(events);
    if (from === undefined) throw new Error(`there is no watch ${events}`);
    const step = `events of ${events}`;
    if (!ends) return { step, events: await from.take(count), show };
    return { step: `${step}, to its end`, ended: await from.end(), events: await from.take(count), show };
  }

  private async compact(): Promise<Taken> {
    await this.stage.compact();
    return { step: 'history is forgotten', events: [], show: 'all' };
  }
}

/** A server that changes how it serves a kind may drop a request about it: whoever waits asks again. */
function unlessLost(error: unknown): undefined {
  if (!(error instanceof ConnectionLost)) throw error;
}

function holds(wanted: Awaited, { status, body }: Heard): boolean {
  if ('status' in wanted) return status === wanted.status;
  try {
    deepEqual(at(body, wanted.at), wanted.is);
    return true;
  } catch {
    return false;
  }
}
