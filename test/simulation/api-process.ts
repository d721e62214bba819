/** The API server as a process that can die, on a disk that can tear. */
import { apiServer, keptSchemas, type ApiServer, type KindSchemas } from '../../src/apiserver/server.ts';
import { messageOf } from '../../src/base/errors.ts';
import { silentLog, type Log } from '../../src/base/log.ts';
import { seededRandom, type Random } from '../../src/base/random.ts';
import { ConnectionLost, type ApiRequest, type ApiResponse } from '../../src/meta/control-plane.ts';
import { WholeBody } from '../../src/meta/whole-body.ts';
import { openStore } from '../../src/apiserver/store/store.ts';
import type { Store } from '../../src/apiserver/store/types.ts';
import { memoryDisk, type DiskOperation, type MemoryDisk } from '../../src/sim/disk.ts';
import { guardedClock, guardedLog } from '../../src/sim/world/guard.ts';
import { newLife, type Life } from '../../src/sim/world/life.ts';
import { scheduler, type Scheduler } from './scheduler.ts';

export interface ApiProcess {
  /** Answers as the server does; while it is down, and when it dies meanwhile, the connection is lost. */
  handle(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** What it holds; undefined while it is down. */
  store(): Store | undefined;
  /** It is gone, and comes back after `ms`. With `power` lost, so is what was not synced. */
  crash(power: 'kept' | 'lost', ms: number): void;
  /** Called whenever the server has come up, before anybody is answered. */
  onUp(handler: (store: Store) => void): void;
  readonly disk: MemoryDisk;
}

export interface ApiProcessOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly log: Log;
  readonly beginning: Beginning;
  /** Asked at each operation of the disk, once before and once after its effect. */
  readonly onDisk: (operation: DiskOperation) => void;
  readonly refuse: (operation: DiskOperation) => Error | undefined;
}

/** What many servers begin with. */
export interface Beginning {
  /** What is on the disk, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Compiled once for all of them: that takes longer than all else that a short play does. */
  readonly schemas: KindSchemas;
}

/** A server that serves `crds` and holds nothing else. */
export async function beginningWith(crds: readonly object[]): Promise<Beginning> {
  const { clock } = scheduler();
  const schemas = keptSchemas();
  const random = seededRandom(1);
  const disk = memoryDisk({ random });
  const runtime = { id: 'server-0', clock, random, log: silentLog, stopping: new AbortController().signal };
  const server = await apiServer({ runtime, disk: disk.mount(), tokens: users, crds, schemas });
  await server.close();
  const names = await disk.mount().list();
  return { files: new Map(names.map((name) => [name, disk.peek(name) ?? new Uint8Array()])), schemas };
}

/** A log that is soon compacted: short plays are to see it too. */
const toleratedBytes = 200_000;

const token = 'somebody';
const users = new Map([[token, { username: 'somebody', uid: '1', groups: ['system:masters'] }]]);

export function apiProcess({ scheduler: { clock, trace }, random, log, beginning, onDisk, refuse }: ApiProcessOptions): ApiProcess {
  const disk = memoryDisk({
    random,
    pause: (operation) => {
      onDisk(operation);
      const slow = operation === 'sync' || operation === 'replace' || operation === 'open';
      return clock.sleep(slow ? 0.1 + random.next() : 0.02);
    },
    refuse,
  });
  for (const [name, content] of beginning.files) disk.poke(name, content);
  const handlers: ((store: Store) => void)[] = [];
  let own = newIncarnation();
  let count = 0;

  const serve = async (incarnation: Incarnation): Promise<void> => {
    count++;
    const runtime = {
      id: `server-${String(count)}`,
      clock: guardedClock(clock, incarnation.life),
      random: seededRandom(random.integer(2 ** 32)),
      log: guardedLog(log, incarnation.life),
      stopping: new AbortController().signal,
    };
    const open = { clock: runtime.clock, log: runtime.log, tolerated: toleratedBytes };
    const server = await incarnation.life.run(async () =>
      apiServer({ runtime, store: await openStore(disk.mount(), open), tokens: users, schemas: beginning.schemas }),
    );
    trace.note(`server ${String(count)} is up at revision ${String(server.store.revision())}`);
    incarnation.server = server;
    for (const handler of handlers) handler(server.store);
  };
  const start = async (): Promise<void> => {
    const incarnation = (own = newIncarnation());
    try {
      await serve(incarnation);
    } catch (error) {
      log.error('the API server did not start', { error: messageOf(error) });
      crash('kept', 1000);
    }
  };
  const crash = (power: 'kept' | 'lost', ms: number): void => {
    if (own.life.dead()) return;
    trace.note(`server dies, power ${power}`);
    own.life.kill();
    disk.crash(power);
    for (const lose of own.connections) lose();
    own = { ...newIncarnation(), life: own.life };
    void clock.sleep(ms).then(start);
  };
  void start();

  return {
    handle: async (request, signal) => {
      const incarnation = own;
      const { server } = incarnation;
      if (server === undefined) throw new ConnectionLost('nobody listens');
      const headers = { ...request.headers, authorization: `Bearer ${token}` };
      const answer = await orLost(incarnation, () => server.handler({ ...request, headers }, signal));
      return answer.body instanceof WholeBody ? answer : { ...answer, body: untilDeath(answer.body, incarnation) };
    },
    store: () => own.server?.store,
    crash,
    onUp: (handler) => void handlers.push(handler),
    disk,
  };
}

interface Incarnation {
  readonly life: Life;
  server: ApiServer | undefined;
  /** How those who wait for it are told that it is gone. */
  readonly connections: Set<() => void>;
}

function newIncarnation(): Incarnation {
  return { life: newLife(), server: undefined, connections: new Set() };
}

/** What `work` gives, unless the server dies before. @throws {ConnectionLost} */
function orLost<T>({ life, connections }: Incarnation, work: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const lost = (): void => {
      reject(new ConnectionLost('the connection was reset'));
    };
    if (life.dead()) {
      lost();
      return;
    }
    connections.add(lost);
    const end = (settle: () => void): void => {
      connections.delete(lost);
      settle();
    };
    work().then(
      (value) => {
        end(() => {
          resolve(value);
        });
      },
      (error: unknown) => {
        end(() => {
          reject(error instanceof Error ? error : new Error(messageOf(error)));
        });
      },
    );
  });
}

function untilDeath(body: AsyncIterable<Uint8Array>, incarnation: Incarnation): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const chunks = body[Symbol.asyncIterator]();
      return {
        next: () => orLost(incarnation, () => chunks.next()),
        return: async () => {
          if (!incarnation.life.dead()) await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
