/** The trial as a process, with a client at its sockets. */
import { once } from 'node:events';
import { connectCluster } from '../../src/cmd/cluster.ts';
import { client, type ClientOptions } from '../../src/kube/client.ts';
import type { Client } from '../../src/kube/types.ts';
import { HostCluster } from '../../src/api/host-cluster.ts';
import { HostPool } from '../../src/api/host-pool.ts';
import { ready } from '../../src/api/common.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import { apiVersionOf } from '../../src/meta/resource.ts';
import { systemClock } from '../../src/system/clock.ts';
import { pinoLog } from '../../src/system/log.ts';
import { systemRuntime } from '../../src/system/runtime.ts';
import { trial, type TrialProcess } from '../e2e/programs.ts';

export const clock = systemClock();
export const namespace = 'default';
const options: ClientOptions = { userAgent: 'trial-test', fieldManager: 'trial-test' };

/** Generous: a condition that does not come in this time never does. */
const patienceMs = 240_000;

export interface Driven {
  readonly process: TrialProcess;
  readonly client: Client;
  /** As the machine's power fails: nothing is said to the process. */
  kill(): Promise<void>;
  /** As a person stops it. @returns the exit code. */
  stop(): Promise<number | string>;
}

/** Starts the trial on `directory`, and connects when its API answers. */
export async function drive(directory: string, ...flags: string[]): Promise<Driven> {
  const started = trial(directory, ...flags);
  const stopping = new AbortController();
  try {
    await started.printed('API server at ');
    const transport = await connectCluster({ file: started.kubeconfig });
    const end = async (signal: NodeJS.Signals): Promise<number | string> => {
      started.child.kill(signal);
      const code = await started.ended();
      stopping.abort();
      await transport.close();
      return code;
    };
    const runtime = systemRuntime('test', stopping.signal, pinoLog({ level: 'error' }));
    return {
      process: started,
      client: client(transport.controlPlane, runtime, options),
      kill: async () => {
        await end('SIGKILL');
      },
      stop: () => end('SIGTERM'),
    };
  } catch (error) {
    await slay(started);
    throw error;
  }
}

/** Ends a process that a test may have left. */
export async function slay({ child }: TrialProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Waits until `look` finds nothing that is missing any more. @throws {Error} with what still is. */
export async function until(look: () => Promise<readonly string[]>, what: string): Promise<void> {
  const end = clock.monotonic() + patienceMs;
  for (;;) {
    const missing = await look();
    if (missing.length === 0) return;
    if (clock.monotonic() > end) throw new Error(`${what}: still ${missing.slice(0, 10).join('; ')} (${String(missing.length)} in all)`);
    await clock.sleep(250, new AbortController().signal);
  }
}

/** Makes simulated hosts whose guests boot at once, in a cluster with one shared datastore, and waits until they are ready. */
export async function makeHosts(kube: Client, hosts: number): Promise<void> {
  // The template counts for hosts that are made from now on, so there are none before.
  await kube.patch(HostPool, { name: 'host' }, { spec: { replicas: hosts, template: { guestBootTime: '1ms' } } });
  await kube.create(HostCluster, {
    apiVersion: apiVersionOf(HostCluster),
    kind: HostCluster.kind,
    metadata: { name: 'main' },
    spec: { hostSelector: {}, datastores: [{ name: 'shared', type: 'SharedDirectory', path: '/srv/hypersphere' }] },
  });
  await until(async () => {
    const count = (await kube.get(HostCluster, { name: 'main' }))?.status.hosts?.ready ?? 0;
    return count === hosts ? [] : [`${String(count)} of ${String(hosts)}`];
  }, 'hosts ready');
}

/** Creates a small VM. @returns what the server made of it. */
export function createVm(kube: Client, name: string): Promise<VirtualMachine> {
  return kube.create(VirtualMachine, {
    apiVersion: apiVersionOf(VirtualMachine),
    kind: VirtualMachine.kind,
    metadata: { name, namespace },
    spec: {
      powerState: 'PoweredOn',
      cpu: { cores: 1 },
      memory: { size: '64Mi' },
      disks: [{ name: 'root', size: '1Gi', datastore: 'shared', whenRemoved: 'Delete' }],
    },
  });
}

export async function vms(kube: Client): Promise<VirtualMachine[]> {
  return (await kube.list(VirtualMachine, { namespace })).items;
}

export function isReady(vm: VirtualMachine): boolean {
  return isTrue(vm.status.conditions, ready);
}
