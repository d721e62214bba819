import { apiServer } from '../../src/apiserver/server.ts';
import { silentLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Runtime } from '../../src/base/runtime.ts';
import { runGc } from '../../src/gc/run-gc.ts';
import type { ControlPlane } from '../../src/meta/control-plane.ts';
import { memoryDisk } from '../../src/sim/disk.ts';
import { testClock } from '../../src/sim/test-support.ts';
import { prepare } from './prepare.ts';
import { userAgent, userName } from './stage.ts';
import type { Stage } from './stage.ts';

const token = 'secret';
const tokens = new Map([[token, { username: userName, uid: userName, groups: ['system:masters'] }]]);
const step = 50;

/** The embedded API server in this process, on a virtual clock; with the project's own controllers when `controllers`. */
export async function embeddedStage({ controllers = false }: { readonly controllers?: boolean } = {}): Promise<Stage> {
  const clock = testClock();
  const stop = new AbortController();
  const runtime: Runtime = { id: 'differential', clock, random: seededRandom(11), log: silentLog, stopping: stop.signal };
  const server = await apiServer({ runtime, tokens, disk: memoryDisk({ random: seededRandom(7) }).mount() });
  const headers = { authorization: `Bearer ${token}`, 'user-agent': userAgent };
  const working = controllers ? runGc(authorized(server.handler, headers), runtime) : Promise.resolve();
  const stage: Stage = {
    controlPlane: server.handler,
    headers,
    pause: () => clock.advance(step),
    compact: () => server.store.compact(server.store.revision()),
    close: async () => {
      stop.abort();
      await clock.settle();
      await working;
      await server.close();
    },
  };
  await prepare(stage);
  return stage;
}

function authorized(handler: ControlPlane, headers: Readonly<Record<string, string>>): ControlPlane {
  return (request, signal) => handler({ ...request, headers: { ...headers, ...request.headers } }, signal);
}
