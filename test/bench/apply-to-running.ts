/** How long a fleet takes from the first create to all VMs Ready: server, operator, and world with agents as three processes over TLS. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostCluster } from '../../src/api/host-cluster.ts';
import { HostPool } from '../../src/api/host-pool.ts';
import { Host } from '../../src/api/host.ts';
import { kinds } from '../../src/api/kinds.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { systemNamespace } from '../../src/api/common.ts';
import { connectCluster } from '../../src/cmd/cluster.ts';
import { numberFlag, readFlags } from '../../src/cmd/flags.ts';
import { ensureNamespace } from '../../src/cmd/install.ts';
import { caches } from '../../src/kube/caches.ts';
import { client as clientOf } from '../../src/kube/client.ts';
import type { Cache, Client } from '../../src/kube/types.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import { Node } from '../../src/meta/core.ts';
import type { KubeObject } from '../../src/meta/objects.ts';
import { apiVersionOf, type Kind } from '../../src/meta/resource.ts';
import { pinoLog } from '../../src/system/log.ts';
import { programOptions } from '../../scripts/launcher/options.mjs';
import { systemRuntime } from '../../src/system/runtime.ts';

const root = join(import.meta.dirname, '../..');
const sizes = { from: 1, to: 100_000 };
const flags = {
  hosts: { type: 'string', value: 'N', help: 'simulated hosts (200)' },
  vms: { type: 'string', value: 'N', help: 'virtual machines (2000)' },
} as const;

export async function applyToRunning(args: readonly string[]): Promise<object> {
  const values = readFlags(args, flags);
  const [hosts, vms] = [numberFlag(values, 'hosts', sizes) ?? 200, numberFlag(values, 'vms', sizes) ?? 2000];
  const directory = await mkdtemp(join(tmpdir(), 'hypersphere-bench-'));
  const children: ChildProcess[] = [];
  try {
    return await measure({ hosts, vms, directory, children });
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Setting {
  readonly hosts: number;
  readonly vms: number;
  readonly directory: string;
  readonly children: ChildProcess[];
}

async function measure({ hosts, vms, directory, children }: Setting): Promise<object> {
  const start = (program: string, ...more: string[]): ChildProcess => {
    const args = [...programOptions, join(root, 'src/cmd', program), ...more];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  };
  const kubeconfig = join(directory, 'kubeconfig');
  const server = start('api-server.ts', '--data-dir', join(directory, 'data'), '--port', '0', '--kubeconfig', kubeconfig);
  if (server.stdout !== null) await once(server.stdout, 'data');
  const fleet = await connect(kubeconfig);
  await ensureNamespace(fleet.client, systemNamespace);
  const operator = start('operator.ts', '--kubeconfig', kubeconfig, '--listen', '127.0.0.1:0');
  const world = start('world.ts', '--kubeconfig', kubeconfig, '--data-dir', join(directory, 'world'));
  await prepare(fleet, hosts);
  const times = await run(fleet, vms);
  const rssMiB = { server: await peak(server), operator: await peak(operator), world: await peak(world) };
  return { ...times, rssMiB };
}

interface Fleet {
  readonly client: Client;
  readonly vms: Cache<VirtualMachine>;
  readonly hosts: Cache<Host>;
  /** Requests so far that changed a resourceVersion, Events included, Lease and HostUsage not. */
  writes(): number;
}

const Event: Kind<KubeObject> = { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

async function connect(file: string): Promise<Fleet> {
  const transport = await connectCluster({ file });
  const runtime = systemRuntime('bench', new AbortController().signal, pinoLog({ level: 'error' }));
  const options = { userAgent: 'hypersphere-bench', fieldManager: 'hypersphere-bench' };
  const watched = caches(transport.controlPlane, runtime, options);
  let writes = 0;
  // Every write makes one event on a watch, and no-op writes make none.
  for (const kind of [...kinds, Node, Event] as readonly Kind<KubeObject>[]) {
    if (kind.kind !== 'HostUsage') watched.cache(kind).onChange(() => (writes += 1));
  }
  await watched.synced(runtime.stopping);
  const client = clientOf(transport.controlPlane, runtime, options);
  return { client, vms: watched.cache(VirtualMachine), hosts: watched.cache(Host), writes: () => writes };
}

async function prepare({ client, hosts }: Fleet, count: number): Promise<void> {
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

async function run({ client, vms, writes }: Fleet, count: number): Promise<object> {
  const created = new Map<string, number>();
  const took: number[] = [];
  vms.onChange((before, after) => {
    const at = created.get(after?.metadata.name ?? '');
    if (at === undefined || isTrue(before?.status.conditions, 'Ready') || !isTrue(after?.status.conditions, 'Ready')) return;
    took.push((performance.now() - at) / 1000);
  });
  const began = performance.now();
  const writesBefore = writes();
  const names = Array.from({ length: count }, (_, index) => `vm-${String(index)}`);
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

function round(value: number): number {
  return Math.round(value * 100) / 100;
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

async function peak(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${String(child.pid)}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
}
