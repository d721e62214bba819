import type { Dispatcher } from 'undici';
import { poolMaker, type Endpoint } from './dispatchers.ts';

/** A client certificate with its key, PEM text. Neither: none. */
export type Identity = Pick<Endpoint, 'cert' | 'key'>;

export interface PoolsOptions extends Endpoint {
  /** The identity of this moment; absent: `cert` and `key` for ever. */
  readonly identity?: () => Promise<Identity>;
  readonly connections: number;
  readonly connectTimeout: number;
  readonly answerTimeout: number;
}

/** Watches and other requests have pools of their own, so that no number of watches keeps a request waiting. */
export interface Pools {
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
}

export interface PoolSource {
  /** Those to use now. @throws whatever `identity` does. */
  now(): Pools | Promise<Pools>;
  /** Cuts all connections. */
  destroy(): Promise<void>;
}

/** Pools to one endpoint: new ones whenever the identity changes, since it is told when a connection begins. What is under way ends on the old ones. */
export function pools(options: PoolsOptions): PoolSource {
  const { identity } = options;
  const alive = new Set<Pools>();
  const open = (as: Identity): Pools => {
    const opened = openPools({ ...options, ...as });
    alive.add(opened);
    return opened;
  };
  const destroy = async (): Promise<void> => {
    await Promise.all([...alive].flatMap(({ requests, watches }) => [requests.destroy(), watches.destroy()]));
  };
  if (identity === undefined) {
    const only = open({});
    return { now: () => only, destroy };
  }
  let current: { readonly as: Identity; readonly pools: Pools } | undefined;
  const now = async (): Promise<Pools> => {
    const as = await identity();
    if (current !== undefined && current.as.cert === as.cert && current.as.key === as.key) return current.pools;
    const old = current?.pools;
    current = { as, pools: open(as) };
    if (old !== undefined) void retire(old).finally(() => alive.delete(old));
    return current.pools;
  };
  return { now, destroy };
}

function openPools(options: PoolsOptions): Pools {
  const { connections, connectTimeout, answerTimeout } = options;
  const pool = poolMaker(options);
  return { requests: pool({ connections, connectTimeout, answerTimeout }), watches: pool({ connectTimeout, answerTimeout: 0 }) };
}

/** Lets what is under way end. Destroyed in the meantime is as good. */
async function retire({ requests, watches }: Pools): Promise<void> {
  await Promise.allSettled([requests.close(), watches.close()]);
}
