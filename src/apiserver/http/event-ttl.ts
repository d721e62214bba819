import { Stopped } from '../../base/errors.ts';
import { parseTime } from '../../base/time.ts';
import { Conflict } from '../store/types.ts';
import type { Stored } from '../store/types.ts';
import { events } from './kinds/event.ts';
import type { Server } from './server.ts';
import { textAt } from './values.ts';

const minute = 60_000;
/** How long an Event is kept after it was last written. */
const lifetime = 60 * minute;

/** Removes Events an hour after they were last written, until the server stops. */
export async function expireEvents(server: Server): Promise<void> {
  const { runtime, stopping } = server;
  const { clock, log } = runtime;
  try {
    for (;;) {
      await clock.sleep(minute, stopping);
      const old = server.store.list(events.storage.prefix).items.filter((stored) => clock.now() - lastWritten(stored) > lifetime);
      await Promise.all(old.map((stored) => remove(server, stored)));
    }
  } catch (error) {
    if (!(error instanceof Stopped)) log.error('old Events are no longer removed', { error });
  }
}

async function remove({ store }: Server, { key, revision, object }: Stored): Promise<void> {
  try {
    await store.remove(key, revision, object);
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
  }
}

/** An Event of a series is written again and again; what it says of the last time is when it was written. */
function lastWritten({ object }: Stored): number {
  const times = [textAt(object, 'series', 'lastObservedTime'), textAt(object, 'lastTimestamp'), object.metadata.creationTimestamp];
  return Math.max(...times.map((time) => parseTime(time) ?? 0));
}
