import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import type { Runtime } from '../../base/runtime.ts';
import type { ControlPlane } from '../../meta/control-plane.ts';
import type { HostPort } from '../../ports/host-port.ts';
import { guarded, guardedClock, guardedLog } from './guard.ts';
import { newLife, type Life } from './life.ts';
import type { AgentProcess, Machine, WorldCore } from './machine.ts';
import { overManagement } from './management.ts';

/** What one incarnation of an agent gets. All of it dies with the agent. */
export interface AgentContext {
  /** The host, and the name of its Node. */
  readonly name: string;
  readonly port: HostPort;
  /** The API server as this host reaches it. */
  readonly controlPlane: ControlPlane;
  readonly runtime: Runtime;
}

/** Runs an agent. Settles when it has ended, which it does when `runtime.stopping` is aborted; ended otherwise, it is started again. */
export type StartAgent = (context: AgentContext) => Promise<void>;

/** How agents are made; `connect` gives each its own access to the API server. */
export interface AgentMaker {
  readonly connect: (host: string) => ControlPlane;
  readonly startAgent: StartAgent;
}

/**
 * Starts an agent on the machine.
 * @param ended is called when the agent ended by itself.
 */
export function launchAgent(
  core: WorldCore,
  machine: Machine,
  maker: AgentMaker,
  port: HostPort,
  ended: (process: AgentProcess) => void,
): AgentProcess {
  const { name } = machine;
  const incarnation = (core.state.agents.get(name) ?? 0) + 1;
  const durable = core.commit({ type: 'AgentStarted', host: name, incarnation });
  const life = newLife();
  const stopping = new AbortController();
  const runtime = fork(core.runtime, life, stopping.signal, `agent-${name}-${String(incarnation)}`);
  const run = async (): Promise<void> => {
    // Its name must never come again, in no later process either: leases are held by it.
    await durable;
    if (life.dead() || stopping.signal.aborted) return;
    const path = { life, link: machine.management, clock: core.runtime.clock, timeoutMs: core.settings.connectionTimeoutMs };
    const controlPlane = overManagement(maker.connect(name), path);
    await maker.startAgent({ name, port: guarded(port, life), controlPlane, runtime });
  };
  const running = supervise(run, runtime);
  const process: AgentProcess = {
    life,
    stop: async (withinMs) => {
      stopping.abort();
      await within(core.runtime.clock, withinMs, running);
      life.kill();
    },
  };
  void running.then(() => {
    if (!life.dead() && !stopping.signal.aborted) ended(process);
  });
  return process;
}

async function supervise(run: () => Promise<void>, runtime: Runtime): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!runtime.stopping.aborted) runtime.log.error('the agent ended', { error: messageOf(error) });
  }
}

async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const timeout = clock.sleep(ms, timer.signal).catch(() => undefined);
  await Promise.race([work, timeout]);
  timer.abort();
}

function fork(parent: Runtime, life: Life, stopping: AbortSignal, id: string): Runtime {
  return {
    id,
    clock: guardedClock(parent.clock, life),
    random: seededRandom(parent.random.integer(2 ** 32)),
    log: guardedLog(parent.log.child({ process: id }), life),
    stopping,
  };
}
