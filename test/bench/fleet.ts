/** A fleet as a bench drives it: hosts, VMs, and how long they take. */
import { HostCluster } from '../../src/api/host-cluster.ts';
import { HostPool } from '../../src/api/host-pool.ts';
import { Host } from '../../src/api/host.ts';
import { kinds } from '../../src/api/kinds.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { connectCluster } from '../../src/cmd/cluster.ts';
import { caches } from '../../src/kube/caches.ts';
import { client as clientOf } from '../../src/kube/client.ts';
import type { Cache, Client } from '../../src/kube/types.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import { Node, Pod } from '../../src/meta/core.ts';
import type { KubeObject } from '../../src/meta/objects.ts';
import { apiVersionOf, type Kind } from '../../src/meta/resource.ts';
import { pinoLog } from '../../src/system/log.ts';
import { systemRuntime } from '../../src/system/runtime.ts';
import { round } from './figures.ts';

/** Seconds; p50 and p95 are of one VM, from its create to its Ready. */
export interface Times {
  readonly seconds: number;
  readonly p50: number;
  readonly p95: number;
  readonly writesPerVm: number;
}

/** What the bench sees and does, as a user of its own. */
export interface Fleet {
  readonly client: Client;
  readonly vms: Cache<VirtualMachine>;
  readonly hosts: Cache<Host>;
  close(): Promise<void>;
  /** Requests so far that changed a resourceVersion, Events included, Lease and HostUsage not. */
  writes(): number;
}

export const Event: Kind<KubeObject> = { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

export async function connect(file: string): Promise<Fleet> {
  const transport = await connectCluster({ file });
  const stop = new AbortController();
  const runtime = systemRuntime('bench', stop.signal, pinoLog({ level: 'error' }));
  const options = { userAgent: 'hypersphere-bench', fieldManager: 'hypersphere-bench' };
  const watched = caches(transport.controlPlane, runtime, options);
  let writes = 0;
  // Every write makes one event on a watch, and no-op writes make none.
  for (const kind of [...kinds, Node, Pod, Event] as readonly Kind<KubeObject>[]) {
    if (kind.kind !== 'HostUsage') watched.cache(kind).onChange(() => (writes += 1));
  }
  await watched.synced(runtime.stopping);
  const client = clientOf(transport.controlPlane, runtime, options);
  const close = async (): Promise<void> => {
    stop.abort();
    await transport.close();
  };
  return { client, vms: watched.cache(VirtualMachine), hosts: watched.cache(Host), writes: () => writes, close };
}

/** A HostCluster and `count` hosts, all Ready. */
export async function prepare({ client, hosts }: Fleet, count: number): Promise<void> {
  const of = (kind: Kind<KubeObject>, name: string, spec: object) => ({
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name },
    spec,
  });
  const datastores = [{ name: 'shared', type: 'SharedDirectory', path: '/srv/hypersphere' }];
  await client.create<KubeObject>(HostCluster, of(HostCluster, 'main', { hostSelector: {}, datastores }));
  await client.create<KubeObject>(HostPool, of(HostPool, 'host', { replicas: count, template: { guestBootTime: '0s' } }));
  const allReady = (): boolean => hosts.list().filter((host) => isTrue(host.status.conditions, 'Ready')).length === count;
  await until(hosts, allReady, () => `${String(hosts.list().length)} of ${String(count)} hosts are there`);
}

/** Creates VMs of these names, 32 at a time, and waits until all are Ready. */
export async function run({ client, vms, writes }: Fleet, wanted: readonly string[]): Promise<Times> {
  const count = wanted.length;
  const created = new Map<string, number>();
  const took: number[] = [];
  vms.onChange((before, after) => {
    const at = created.get(after?.metadata.name ?? '');
    if (at === undefined || isTrue(before?.status.conditions, 'Ready') || !isTrue(after?.status.conditions, 'Ready')) return;
    took.push((performance.now() - at) / 1000);
  });
  const began = performance.now();
  const writesBefore = writes();
  const names = [...wanted];
  const create = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      created.set(name, performance.now());
      const spec = { cpu: { cores: 1 }, memory: { size: '1Gi' }, disks: [{ name: 'root', size: '1Gi' }] };
      const object = {
        apiVersion: apiVersionOf(VirtualMachine),
        kind: VirtualMachine.kind,
        metadata: { name, namespace: 'default' },
        spec,
      };
      await client.create<KubeObject>(VirtualMachine, object);
    }
  };
  await Promise.all(Array.from({ length: 32 }, create));
  await until(
    vms,
    () => took.length >= count,
    () => `${String(took.length)} of ${String(count)} VMs are Ready`,
  );
  const seconds = (performance.now() - began) / 1000;
  // What is still written about it (events) counts too.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const sorted = took.sort((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { seconds: round(seconds), p50: at(0.5), p95: at(0.95), writesPerVm: round((writes() - writesBefore) / count) };
}

/** Waits for `done`, looking at each change; says how far it is every five seconds, and gives up after five minutes. */
async function until<T extends KubeObject>(cache: Cache<T>, done: () => boolean, progress: () => string): Promise<void> {
  const saying = setInterval(() => process.stderr.write(`${progress()}\n`), 5_000);
  let stop: () => void = () => undefined;
  let limit: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      limit = setTimeout(() => {
        reject(new Error(`gave up after five minutes: ${progress()}`));
      }, 300_000);
      const look = (): void => {
        if (done()) resolve();
      };
      stop = cache.onChange(look);
      look();
    });
  } finally {
    stop();
    clearInterval(saying);
    clearTimeout(limit);
  }
}
