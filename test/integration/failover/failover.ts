import assert from 'node:assert/strict';
import { Host } from '../../../src/api/host.ts';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { runOperator } from '../../../src/controllers/operator.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import type { ApiRequest, ControlPlane } from '../../../src/meta/control-plane.ts';
import { WholeBody } from '../../../src/meta/whole-body.ts';
import type { WorldFault } from '../../../src/ports/world.ts';
import { Observer } from '../../../src/sim/observer.ts';
import { guarded, guardedClock, guardedLog } from '../../../src/sim/world/guard.ts';
import { newLife } from '../../../src/sim/world/life.ts';
import { fleetUnder, type Fleet, type HeldOperator } from '../fleet/fleet.ts';
import type { SimulationBench } from '../simulation/bench.ts';

/** An operator as a process that can stand still, die, and be cut off. */
export interface OperatorProcess extends HeldOperator {
  /** Everything of it stands still: its clock goes on. */
  freeze(): void;
  thaw(): void;
  kill(): void;
  /** What it hears and switches, as the test may spoil it. */
  readonly site: Observer;
  /** It hears nobody and reaches no BMC. */
  deafen(is: boolean): void;
}

/** What came in while it stood still is read a moment after it goes on. */
const drainMs = 20;

/** @param before is called before each request goes out: whoever throws there, or kills the process, cuts it off at that step. */
export function operatorProcess(
  bench: SimulationBench,
  identity: string,
  before: (request: ApiRequest, process: OperatorProcess) => void = () => undefined,
): OperatorProcess {
  const life = newLife();
  let deaf = false;
  let still = false;
  const runtime = bench.runtime(identity);
  const site = new Observer({ clock: bench.clock, isDeaf: () => deaf || still, step: (act) => life.step(act) });
  const controlPlane: ControlPlane = async (request, signal) => {
    before(request, self);
    if (life.dead()) return new Promise(() => undefined);
    const response = await life.run(() => bench.controlPlane(request, signal));
    return response.body instanceof WholeBody ? response : { ...response, body: life.iterate(response.body) };
  };
  const refresh = (change: () => void): void => {
    change();
    site.refresh();
  };
  const self: OperatorProcess = {
    site,
    hold: () => self.freeze(),
    letGo: () => self.thaw(),
    deafen: (is) => refresh(() => (deaf = is)),
    freeze: () => {
      life.freeze();
      refresh(() => (still = true));
    },
    thaw: () => {
      life.thaw();
      bench.clock.after(drainMs, () => refresh(() => (still = false)));
    },
    kill: () => {
      life.kill();
      site.end();
    },
  };
  bench.attach(site);
  void runOperator({
    controlPlane,
    runtime: { ...runtime, clock: guardedClock(bench.clock, life), log: guardedLog(runtime.log, life) },
    identity,
    version: 'test',
    site: { pulse: site.pulse, power: guarded(site.power, life) },
  }).done;
  return self;
}

export interface FailoverFleet extends Fleet {
  readonly process: OperatorProcess;
  inject(type: Extract<WorldFault, { readonly host: string }>['type'], host: string): Promise<() => Promise<void>>;
  host(name: string): Promise<Host>;
  /** Ready, and what is said of its silence and its fence: `True AgentAnswers`, `Unknown HostUnreachable; Isolated; Fenced`. */
  hostSays(name: string): Promise<string>;
  clusterSays(): Promise<string>;
  /** The host on which the VM of that name runs, in truth. */
  whereIs(name: string): string;
  /** How many lives the VM had so far. Fails when it had two at an instant (rule 1). */
  livesOf(name: string): Promise<number>;
}

export async function failoverFleet(hosts: number, template: object = { guestBootTime: '0s' }): Promise<FailoverFleet> {
  const fleet = await fleetUnder((bench) => operatorProcess(bench, 'operator'), hosts, template);
  const { during, person } = fleet;
  const self: FailoverFleet = Object.assign(fleet, {
    process: fleet.operator,
    inject: (type: Extract<WorldFault, { readonly host: string }>['type'], host: string) => {
      return during(fleet.world().inject({ type, host } as WorldFault));
    },
    host: async (name: string) => (await during(person.get(Host, { name }))) ?? assert.fail(`there is no host ${name}`),
    hostSays: async (name: string) => {
      const { conditions, fence } = (await self.host(name)).status;
      const ready = findCondition(conditions, 'Ready');
      const silence = findCondition(conditions, 'Responding');
      return [`${ready?.status ?? ''} ${ready?.reason ?? ''}`, silence?.reason, fence?.state]
        .filter((word) => word !== undefined)
        .join('; ');
    },
    clusterSays: async () => {
      const { items } = await during(person.list(HostCluster));
      return findCondition(items[0]?.status.conditions, 'HostsReached')?.reason ?? '';
    },
    whereIs: (name: string) => fleet.running(name).join(),
    livesOf: async (name: string) => {
      const { uid } = (await fleet.vm(name)).metadata;
      return fleet.lives().filter(({ vm }) => vm === uid).length;
    },
  });
  return self;
}
