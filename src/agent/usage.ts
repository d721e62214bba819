import { agentManager, ready } from '../api/common.ts';
import { HostUsage, type GuestUsage, type PortUsage } from '../api/host-usage.ts';
import { equal } from '../base/equal.ts';
import { messageOf, Stopped } from '../base/errors.ts';
import { bytes, formatBytes, formatMilliCores, milliCores } from '../base/quantity.ts';
import { rfc3339 } from '../base/time.ts';
import type { GuestSample } from '../ports/guests.ts';
import type { AgentContext } from './context.ts';

/** At most one write a minute. */
const everyMs = 60_000;
const memoryStep = 16 * 1024 * 1024;
const cpuStep = 10;

/** Writes what the host's VMs take, rounded, and only when it differs from what was written last. */
export async function reportUsageForever(agent: AgentContext): Promise<void> {
  const { clock, log, random, stopping } = agent.runtime;
  let said: Usage | undefined;
  // Hosts that came up together need not write together.
  await clock.sleep(everyMs * random.next(), stopping).catch(() => undefined);
  while (!stopping.aborted) {
    try {
      // An agent that went before may have said something else.
      said ??= await before(agent);
      const usage = await measure(agent);
      if (!equal(usage, said)) await write(agent, usage);
      said = usage;
      await clock.sleep(everyMs, stopping);
    } catch (error) {
      if (error instanceof Stopped) return;
      log.warn('usage not written', { error: messageOf(error) });
      await clock.sleep(everyMs, stopping).catch(() => undefined);
    }
  }
}

interface Usage {
  readonly virtualMachines: readonly GuestUsage[];
  readonly ports: readonly PortUsage[];
}

async function before({ client, nodeName }: AgentContext): Promise<Usage> {
  const { virtualMachines = [], ports = [] } = (await client.get(HostUsage, { name: nodeName }))?.status ?? {};
  return { virtualMachines, ports };
}

async function measure(agent: AgentContext): Promise<Usage> {
  return { virtualMachines: await measureGuests(agent), ports: await agent.counters.measure() };
}

async function measureGuests({ host }: AgentContext): Promise<GuestUsage[]> {
  const samples = new Map((await host.guests.sample()).map((sample) => [sample.id, sample]));
  const guests = (await host.guests.list()).filter((guest) => guest.state === 'Running');
  return guests.map(({ spec }) => ({ namespace: spec.vm.namespace, name: spec.vm.name, ...rounded(samples.get(spec.id)) }));
}

function rounded(sample: GuestSample | undefined): { cpu: string; memory: string } {
  const { milliCores, memoryBytes } = sample ?? { milliCores: 0, memoryBytes: 0 };
  const steps = (value: number, step: number): number => Math.max(1, Math.round(value / step)) * step;
  return { cpu: formatMilliCores(steps(milliCores, cpuStep)), memory: formatBytes(steps(memoryBytes, memoryStep)) };
}

async function write({ client, nodeName, runtime }: AgentContext, { virtualMachines, ports }: Usage): Promise<void> {
  const known = await client.get(HostUsage, { name: nodeName });
  if (known === undefined) await client.apply(HostUsage, { name: nodeName }, {}, { fieldManager: agentManager });
  const lastTransitionTime = known?.status.conditions?.find((condition) => condition.status === 'True')?.lastTransitionTime;
  const measured = { type: ready, status: 'True', reason: 'Measured', message: 'what its VMs take', observedGeneration: 1 };
  const conditions = [{ ...measured, lastTransitionTime: lastTransitionTime ?? rfc3339(runtime.clock.now()) }];
  const status = {
    observedGeneration: 1,
    ...total(virtualMachines),
    virtualMachines,
    ...(ports.length === 0 ? {} : { ports }),
    conditions,
  };
  await client.apply(HostUsage, { name: nodeName }, { status }, { fieldManager: agentManager, subresource: 'status' });
}

function total(virtualMachines: readonly GuestUsage[]): { cpu?: string; memory?: string } {
  if (virtualMachines.length === 0) return {};
  const cpu = virtualMachines.reduce((sum, vm) => sum + milliCores(String(vm.cpu)), 0);
  const memory = virtualMachines.reduce((sum, vm) => sum + bytes(String(vm.memory)), 0);
  return { cpu: formatMilliCores(cpu), memory: formatBytes(memory) };
}
