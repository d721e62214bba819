import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { systemNamespace } from '../../src/api/common.ts';
import { Fault } from '../../src/api/fault.ts';
import { Host } from '../../src/api/host.ts';
import { HostCluster } from '../../src/api/host-cluster.ts';
import { HostPool } from '../../src/api/host-pool.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { connectCluster } from '../../src/cmd/cluster.ts';
import { ensureNamespace } from '../../src/cmd/install.ts';
import { client as clientOf } from '../../src/kube/client.ts';
import type { Client } from '../../src/kube/types.ts';
import { pinoLog } from '../../src/system/log.ts';
import { systemRuntime } from '../../src/system/runtime.ts';
import { root, scratch } from '../e2e/programs.ts';
import { start } from '../launcher/processes.ts';
import { eventually } from '../real/until.ts';

/** What is seen as soon as there is something. */
async function found<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const seen: T[] = [];
  const isThere = async (): Promise<boolean> => {
    const now = await look();
    if (now !== undefined) seen.push(now);
    return now !== undefined;
  };
  await eventually(isThere, `there was no ${what}`);
  return seen[0] ?? assert.fail(what);
}

/** API server, world and operator, each a process of its own, and a person at a keyboard. */
async function apart(after: (end: () => Promise<unknown>) => void): Promise<Client> {
  const room = await scratch();
  const kubeconfig = join(room.path, 'kubeconfig');
  const ended: (() => Promise<unknown>)[] = [];
  const program = (name: string, ...args: string[]): ReturnType<typeof start> => {
    const running = start(process.execPath, [`src/cmd/${name}.ts`, '--kubeconfig', kubeconfig, ...args], { cwd: root });
    ended.push(() => (process.kill(-running.pid, 'SIGTERM'), running.ended));
    return running;
  };
  const stopping = new AbortController();
  const server = program('api-server', '--data-dir', join(room.path, 'api'), '--port', '0');
  after(async () => {
    stopping.abort();
    for (const end of ended.reverse()) await end();
    await room.done();
  });
  await server.says(/API server at/);
  program('world', '--data-dir', join(room.path, 'world'), '--offer', '127.0.0.1:0');
  program('operator', '--listen', '127.0.0.1:0', '--simulated-hosts');
  const transport = await connectCluster({ file: kubeconfig });
  ended.push(() => transport.close());
  const runtime = systemRuntime('person', stopping.signal, pinoLog({ level: 'warn' }));
  const person = clientOf(transport.controlPlane, runtime, { userAgent: 'person', fieldManager: 'person' });
  await ensureNamespace(person, systemNamespace);
  return person;
}

it('a host that loses its power is fenced, and its VM starts elsewhere, where operator and hosts are processes of their own', async (t) => {
  const person = await apart((end) => t.after(end));
  await person.create(HostCluster, {
    apiVersion: 'hypersphere.io/v1alpha1',
    kind: 'HostCluster',
    metadata: { name: 'main' },
    spec: {
      hostSelector: { matchLabels: { 'hypersphere.io/host': 'true' } },
      datastores: [{ name: 'shared', type: 'SharedDirectory', path: '/srv' }],
    },
  } as never);
  await person.create(HostPool, {
    apiVersion: 'sim.hypersphere.io/v1alpha1',
    kind: 'HostPool',
    metadata: { name: 'host' },
    spec: { replicas: 2 },
  } as never);
  const vm = { namespace: 'default', name: 'guest' };
  await person.create(VirtualMachine, {
    apiVersion: 'hypersphere.io/v1alpha1',
    kind: 'VirtualMachine',
    metadata: vm,
    spec: { memory: { size: '1Gi' }, disks: [{ name: 'root', size: '1Gi', datastore: 'shared' }] },
  } as never);
  const placed = async (on: (host: string) => boolean): Promise<VirtualMachine | undefined> => {
    const now = await person.get(VirtualMachine, vm);
    return now?.status.phase === 'Running' && on(now.status.nodeName ?? '') ? now : undefined;
  };
  const before = await found('running machine', () => placed(() => true));
  const from = before.status.nodeName ?? '';
  await person.create(Fault, {
    apiVersion: 'sim.hypersphere.io/v1alpha1',
    kind: 'Fault',
    metadata: { name: 'dies' },
    spec: { type: 'PowerLoss', nodeName: from },
  } as never);
  const after = await found('machine on another host', () => placed((host) => host !== from));
  assert.equal(after.status.incarnation, (before.status.incarnation ?? 0) + 1);
  const fence = (await person.get(Host, { name: from }))?.status.fence;
  assert.equal(fence?.state, 'Fenced', 'fenced before replaced (rule 9)');
});
