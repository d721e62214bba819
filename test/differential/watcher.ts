import type { ApiResponse } from '../../src/meta/control-plane.ts';
import { parsed } from './send.ts';
import type { Stage } from './stage.ts';

/** How often one waits for what must come, and how often for what should not. */
const patience = 400;
const silence = 5;

/** A watch that goes on while other requests are made. */
export interface Watcher {
  /** At least `count` events that were not taken before, and those that come soon after; fewer when no more come. */
  take(count: number): Promise<unknown[]>;
  /** Waits for the watch to end by itself: whether it did. */
  end(): Promise<boolean>;
  stop(): Promise<void>;
}

export function watcher(stage: Stage, response: ApiResponse, cut: AbortController): Watcher {
  const lines: string[] = [];
  let ended = false;
  const reading = read(response, lines).finally(() => (ended = true));
  return {
    take: async (count) => {
      for (let tries = 0; lines.length < count && !ended && tries < patience; tries++) await stage.pause();
      for (let pauses = 0; pauses < silence && !ended; pauses++) await stage.pause();
      return lines.splice(0).map(parsed);
    },
    end: async () => {
      for (let tries = 0; !ended && tries < patience; tries++) await stage.pause();
      return ended;
    },
    stop: async () => {
      cut.abort();
      await reading;
    },
  };
}

async function read({ body }: ApiResponse, lines: string[]): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of body) {
      const [last = '', ...whole] = (rest + decoder.decode(chunk, { stream: true })).split('\n').reverse();
      rest = last;
      lines.push(...whole.reverse().filter(isTold));
    }
  } catch {
    // Cut off: by ourselves, or by a server whose answer ends here.
  }
}

/** Bookmarks come as the server's own time has it, but for the one that says where the beginning ends. */
function isTold(line: string): boolean {
  return !line.startsWith('{"type":"BOOKMARK"') || line.includes('k8s.io/initial-events-end');
}
