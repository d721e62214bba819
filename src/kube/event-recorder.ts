import { messageOf, Stopped, Unreachable } from '../base/errors.ts';
import { fnv1a } from '../base/hash.ts';
import type { Runtime } from '../base/runtime.ts';
import { rfc3339Micro } from '../base/time.ts';
import { Event } from '../meta/core.ts';
import type { KubeObject } from '../meta/objects.ts';
import { ApiError, isApiError } from '../meta/status.ts';
import { Said } from './said.ts';
import type { Client, Draft, EventRecorder, Metrics } from './types.ts';

export interface EventRecorderOptions {
  /** Such as `hypersphere.io/virtual-machine`. */
  readonly controller: string;
  /** Such as the name of the Pod. */
  readonly instance: string;
  /** Of how many objects it remembers what it said last. Default 50,000. */
  readonly remembered?: number;
  readonly metrics?: Metrics;
}

const mostWaiting = 10_000;
const mostInFlight = 4;
const mostTries = 5;
const longestNote = 1024;

/**
 * Writes Events in the background. What it can't write within some tries, or what would be more than an object may have (25 at once, then one a
 * minute), is dropped, counted, and said again when it is asked to.
 */
export function eventRecorder(client: Client, runtime: Runtime, options: EventRecorderOptions): EventRecorder {
  const said = new Said(runtime.clock, options.remembered ?? 50_000);
  const dropped = options.metrics?.counter('hypersphere_events_dropped_total', 'Events that were not written, by why.', ['why']);
  const waiting: { readonly event: Draft<Event>; readonly gaveUp: () => void }[] = [];
  let inFlight = 0;

  const work = async (): Promise<void> => {
    inFlight++;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (await written(client, runtime, next.event)) continue;
      next.gaveUp();
      dropped?.add(1, 'refused');
    }
    inFlight--;
  };

  return {
    event(regarding, type, reason, note) {
      if (!/^[A-Z][A-Za-z0-9]{0,127}$/.test(reason))
        throw new Unreachable(`"${reason}" is no reason for an event: write CamelCase, at most 128 characters`);
      const { uid } = regarding.metadata;
      const what = fnv1a(`${type}\n${reason}\n${note}`);
      const verdict = said.say(uid, what);
      if (verdict === 'again') return;
      if (verdict === 'tooMuch') {
        dropped?.add(1, 'too_many_of_object');
        return;
      }
      if (waiting.length >= mostWaiting) {
        said.unsay(uid, what);
        dropped?.add(1, 'backlog');
        return;
      }
      const event = eventOf(runtime, options, regarding, { type, reason, note: cutNote(note) });
      waiting.push({ event, gaveUp: () => said.unsay(uid, what) });
      if (inFlight < mostInFlight) void work();
    },
  };
}

type Words = Pick<Event, 'type' | 'reason' | 'note'>;

function eventOf(runtime: Runtime, options: EventRecorderOptions, regarding: KubeObject, words: Words): Draft<Event> {
  const { name, namespace, uid, resourceVersion } = regarding.metadata;
  const suffix = runtime.random.uuid().replaceAll('-', '').slice(0, 16);
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    // Named here and not by the server, so that a second try of the same event cannot make a second one.
    metadata: { name: `${name.slice(0, 253 - 17)}.${suffix}`, namespace: namespace ?? 'default' },
    eventTime: rfc3339Micro(runtime.clock.now()),
    action: 'Reconcile',
    ...words,
    regarding: {
      apiVersion: regarding.apiVersion,
      kind: regarding.kind,
      name,
      uid,
      resourceVersion,
      ...(namespace === undefined ? {} : { namespace }),
    },
    reportingController: options.controller,
    reportingInstance: options.instance,
  };
}

/** At most 1,024 bytes, as the server counts, cut between characters. */
function cutNote(note: string): string {
  const bytes = new TextEncoder().encode(note);
  if (bytes.length <= longestNote) return note;
  let end = longestNote - 3;
  // A byte of the form 10xxxxxx goes on with the character before it.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${new TextDecoder().decode(bytes.subarray(0, end))}…`;
}

async function written(client: Client, runtime: Runtime, event: Draft<Event>): Promise<boolean> {
  for (let tried = 1; ; tried++) {
    try {
      await client.create(Event, event);
      return true;
    } catch (error) {
      if (error instanceof Stopped || isApiError(error, 'AlreadyExists')) return true;
      const passing = !(error instanceof ApiError) || error.code === 429 || error.code >= 500;
      if (!passing || tried === mostTries) {
        runtime.log.info('event not written', { reason: event.reason, note: event.note, error: messageOf(error) });
        return false;
      }
    }
    try {
      await runtime.clock.sleep(1000 * 2 ** (tried - 1), runtime.stopping);
    } catch {
      return true;
    }
  }
}
