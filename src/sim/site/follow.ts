import { messageOf, Stopped } from '../../base/errors.ts';
import type { Runtime } from '../../base/runtime.ts';
import { lineCutter } from '../../kube/lines.ts';
import type { ControlPlane } from '../../meta/control-plane.ts';
import type { Observer } from '../observer.ts';
import { remoteWorld, type RemoteWorld } from './remote-world.ts';
import { beatMs, hostsPath } from './words.ts';

/** A way to a `siteServer`, as long as it lasts. */
export interface Way {
  readonly site: ControlPlane;
  close(): Promise<void>;
}

export interface Following {
  readonly runtime: Runtime;
  readonly observer: Pick<Observer, 'connect' | 'disconnect'>;
  /** Finds the world, which may be elsewhere each time; undefined: nobody says where it is. */
  readonly find: () => Promise<Way | undefined>;
}

/** Until it is tried again, milliseconds; and how long the world may say nothing before it is taken for gone: less than makes a host suspect. */
const againMs = 500;
const silenceMs = 3 * beatMs;

/** Lets `observer` see the world in another process, whenever there is one, until `runtime.stopping`. */
export async function followSite({ runtime, observer, find }: Following): Promise<void> {
  const { clock, log, stopping } = runtime;
  while (!stopping.aborted) {
    try {
      const way = await find();
      if (way !== undefined) await see(way, runtime, observer);
    } catch (error) {
      if (!(error instanceof Stopped)) log.warn('simulated hosts not heard', { error: messageOf(error) });
    }
    await clock.sleep(againMs, stopping).catch(() => undefined);
  }
}

/** Until the connection breaks. */
async function see(way: Way, runtime: Runtime, observer: Following['observer']): Promise<void> {
  const end = new AbortController();
  const stop = (): void => end.abort();
  runtime.stopping.addEventListener('abort', stop);
  try {
    await listen(way.site, { runtime, observer, end });
  } finally {
    runtime.stopping.removeEventListener('abort', stop);
    end.abort();
    observer.disconnect();
    await way.close();
  }
}

interface Listening extends Pick<Following, 'runtime' | 'observer'> {
  readonly end: AbortController;
}

async function listen(site: ControlPlane, { runtime, observer, end }: Listening): Promise<void> {
  const world = remoteWorld(site, end.signal);
  const watch = silenceWatch(runtime, end);
  try {
    const request = { method: 'GET' as const, path: hostsPath, query: [['watch', 'true'] as const], headers: {} };
    const { status, body } = await site(request, end.signal);
    if (status !== 200) throw new Error(`answered with status ${String(status)}`);
    const cut = lineCutter(taker(world, observer));
    for await (const chunk of body) {
      watch.heard();
      cut(chunk);
    }
  } finally {
    watch.end();
  }
}

/** The observer is shown the world once all of its hosts are known: one that is not told of yet is not silent. */
function taker(world: RemoteWorld, observer: Following['observer']): (line: string) => void {
  let isShown = false;
  return (text) => {
    const { host } = world.take(text);
    if (isShown || host !== undefined) return;
    isShown = true;
    observer.connect(world);
  };
}

/** Ends the connection when nothing comes any more: it may be broken without anybody having said so. */
function silenceWatch({ clock }: Runtime, end: AbortController): { heard(): void; end(): void } {
  const begin = (): (() => void) =>
    clock.after(silenceMs, () => {
      end.abort();
    });
  let stop = begin();
  return {
    heard: () => {
      stop();
      stop = begin();
    },
    end: () => stop(),
  };
}
