import type { Clock } from '../../base/clock.ts';
import { ConnectionLost, type ApiRequest, type ApiResponse, type ControlPlane } from '../../meta/control-plane.ts';
import { WholeBody } from '../../meta/whole-body.ts';
import { linkedSignal } from './guard.ts';
import type { Life } from './life.ts';
import type { Link } from './link.ts';

/** What stands between an agent and its API server. */
export interface ManagementPath {
  readonly life: Life;
  readonly link: Link;
  readonly clock: Clock;
  /** How long what is sent into a cut network waits before it is given up. */
  readonly timeoutMs: number;
}

/**
 * `controlPlane` as an agent on a host has it: calls and watches of a dead agent never settle, and their connections are let go; when
 * the link is cut, what is under way, and what is asked then, fails with ConnectionLost after a time, also if the link is mended by then.
 */
export function overManagement(controlPlane: ControlPlane, path: ManagementPath): ControlPlane {
  return (request, signal) => path.life.run(() => exchange(controlPlane, path, request, signal));
}

async function exchange(controlPlane: ControlPlane, path: ManagementPath, request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
  if (path.link.broken()) {
    await path.clock.sleep(path.timeoutMs, signal);
    throw lost();
  }
  const connection = connect(path, signal);
  try {
    const response = await connection.until(() => controlPlane(request, connection.signal));
    if (!(response.body instanceof WholeBody)) return { ...response, body: path.life.iterate(bodyOver(response.body, connection)) };
    connection.close();
    return response;
  } catch (error) {
    connection.close();
    throw error;
  }
}

interface Connection {
  /** Aborted when nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** Settles as `work` does, unless the link was cut meanwhile: then with ConnectionLost, after the time-out. */
  until<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

function connect({ life, link, clock, timeoutMs }: ManagementPath, signal: AbortSignal): Connection {
  const linked = linkedSignal(signal);
  const forget = life.onEnd(linked.abort);
  let givenUp: Promise<never> | undefined;
  const stopWatching = link.onBreak(() => {
    givenUp = giveUp();
    // It may come between two chunks, when nobody waits.
    givenUp.catch(() => undefined);
    linked.abort();
  });
  const giveUp = async (): Promise<never> => {
    await clock.sleep(timeoutMs, signal);
    throw lost();
  };
  return {
    signal: linked.signal,
    until: async (work) => {
      try {
        const value = await work();
        return await (givenUp ?? value);
      } catch (error) {
        if (givenUp !== undefined) return givenUp;
        throw error;
      }
    },
    close: () => {
      stopWatching();
      forget();
      linked.unlink();
    },
  };
}

function bodyOver(body: AsyncIterable<Uint8Array>, connection: Connection): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const chunks = body[Symbol.asyncIterator]();
      return {
        next: async () => {
          try {
            const result = await connection.until(() => chunks.next());
            if (result.done === true) connection.close();
            return result;
          } catch (error) {
            connection.close();
            throw error;
          }
        },
        return: async () => {
          connection.close();
          await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function lost(): ConnectionLost {
  return new ConnectionLost('the network does not answer');
}
