/** Who creates, changes and deletes, straight at the server. */
import { Stopped } from '../../src/base/errors.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import type { Client } from '../../src/kube/types.ts';
import { ConnectionLost } from '../../src/meta/control-plane.ts';
import type { ObjectRef } from '../../src/meta/objects.ts';
import { ApiError, isApiError } from '../../src/meta/status.ts';
import { colors, draftOf, finalizer, namespaces, subjects, type Subject } from './subjects.ts';

export interface Writers {
  /** Writes that were answered with yes so far. */
  written(): number;
  /** Answers that no server should give, at rest or while it restarts. */
  readonly surprises: string[];
  /** Settles when nobody writes any more. */
  readonly done: Promise<void>;
}

interface Play {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  written: number;
  readonly surprises: string[];
}

const atOnce = 4;
const names = 6;
const longestPause = 50;

/** Writes until `stop` is aborted. */
export function writers(client: Client, clock: Clock, random: Random, stop: AbortSignal): Writers {
  const play: Play = { client, clock, random, written: 0, surprises: [] };
  const all = Array.from({ length: atOnce }, () => work(play, stop));
  return { written: () => play.written, surprises: play.surprises, done: Promise.all(all).then(() => undefined) };
}

async function work(play: Play, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      await write(play);
      play.written++;
    } catch (error) {
      if (error instanceof Stopped) return;
      if (!isExpected(error)) play.surprises.push(String(error));
    }
    await play.clock.sleep(play.random.integer(longestPause), stop).catch(() => undefined);
  }
}

/** Two writers that meet, and a server that is away or has just come back. */
function isExpected(error: unknown): boolean {
  if (error instanceof ApiError) return [404, 409, 429, 503, 504].includes(error.code);
  return error instanceof ConnectionLost;
}

async function write(play: Play): Promise<void> {
  const { random } = play;
  const subject = pick(random, subjects);
  const name = `m${String(random.integer(names))}`;
  const ref = subject.kind.namespaced ? { namespace: pick(random, namespaces), name } : { name };
  const roll = random.integer(10);
  if (roll < 3) await remove(play, subject, ref);
  else if (roll < 5 && subject.status !== undefined) {
    await play.client.patch(subject.kind, ref, subject.status(random.integer(1_000_000)), { subresource: 'status' });
  } else await change(play, subject, ref);
}

async function change({ client, random }: Play, subject: Subject, ref: ObjectRef): Promise<void> {
  const labels = { color: pick(random, colors) };
  const size = random.integer(1_000_000);
  try {
    await client.patch(subject.kind, ref, { metadata: { labels }, ...subject.content(size) });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    const draft = draftOf(subject, ref, labels, size);
    if (subject.held && size % 3 === 0) draft.metadata.finalizers = [finalizer];
    await client.create(subject.kind, draft);
  }
}

async function remove({ client }: Play, { kind, held }: Subject, ref: ObjectRef): Promise<void> {
  await client.delete(kind, ref);
  if (held) await client.patch(kind, ref, { metadata: { finalizers: null } });
}

function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[random.integer(from.length)];
  if (one === undefined) throw new Error('there is nothing to pick from');
  return one;
}
