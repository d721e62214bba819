/** Says on the Host how its switches are: once for what changes together, and not at all when nothing does. */
import { agentManager } from '../../api/common.ts';
import { Host, type HostSwitchStatus } from '../../api/host.ts';
import { equal } from '../../base/equal.ts';
import { messageOf, Stopped } from '../../base/errors.ts';
import type { AgentMeans } from '../means.ts';
import type { Watching } from './sight.ts';

/** A manager of its own, since what one manager applies replaces all that it applied before: the inventory is said by another. */
const fieldManager = `${agentManager}-switches`;
/** Ports come and go together, milliseconds. */
const sayAfterMs = 1_000;
const sayAgainMs = 5_000;

export type Speaker = (switches: readonly HostSwitchStatus[]) => Promise<number | undefined>;

interface Said {
  /** Of the Host by which it was said; empty: there is none. */
  readonly uid: string;
  readonly switches: readonly HostSwitchStatus[];
}

/** @returns a function that says what is new, when it is time; it gives when to call it again, milliseconds. */
export function speaker(means: Pick<AgentMeans, 'client' | 'nodeName' | 'runtime'>, watching: Pick<Watching, 'begin' | 'host'>): Speaker {
  const { clock, log } = means.runtime;
  let said: Said | undefined;
  /** Monotonic: since when there is something new to say. */
  let unsaidSince: number | undefined;
  const speak: Speaker = async (switches) => {
    if (switches.length > 0) watching.begin();
    said = await saidBefore(means, said, watching.host());
    if (equal(said.switches, switches)) {
      unsaidSince = undefined;
      return undefined;
    }
    unsaidSince ??= clock.monotonic();
    const wait = unsaidSince + sayAfterMs - clock.monotonic();
    if (wait > 0) return wait;
    said = await apply(means, switches);
    unsaidSince = undefined;
    return undefined;
  };
  return async (switches) => {
    try {
      return await speak(switches);
    } catch (error) {
      if (error instanceof Stopped) throw error;
      log.warn('switches not told', { error: messageOf(error) });
      return sayAgainMs;
    }
  };
}

/** Where there is no switch the Host is not watched: it is read once, to see what an agent before this one left there. */
async function saidBefore(
  { client, nodeName }: Pick<AgentMeans, 'client' | 'nodeName'>,
  said: Said | undefined,
  watched: Host | undefined,
): Promise<Said> {
  const host = watched ?? (said === undefined ? await client.get(Host, { name: nodeName }) : undefined);
  if (said !== undefined && (host === undefined || host.metadata.uid === said.uid)) return said;
  return { uid: host?.metadata.uid ?? '', switches: host?.status.switches ?? [] };
}

async function apply({ client, nodeName }: Pick<AgentMeans, 'client' | 'nodeName'>, switches: readonly HostSwitchStatus[]): Promise<Said> {
  const written = await client.apply(Host, { name: nodeName }, { status: { switches } }, { fieldManager, subresource: 'status' });
  return { uid: written.metadata.uid, switches };
}
