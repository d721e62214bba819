/** Two hosts with 40 VMs are drained at once, while Kubernetes' own controllers of nodes and taints are at work. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bytes } from '../../src/base/quantity.ts';
import { takenBy } from '../../src/domain/resources.ts';
import { run } from '../e2e/programs.ts';
import { realControlPlane } from './control-plane.ts';
import { deploy } from './deploy.ts';
import { eventually } from './until.ts';

interface List<T> {
  readonly items: readonly T[];
}
interface Vm {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly nodeName?: string;
    readonly conditions: readonly { readonly type: string; readonly lastTransitionTime: string }[];
  };
}
interface Instance {
  readonly spec: { readonly nodeName: string; readonly cpu: { readonly cores: number }; readonly memory: { readonly size: string } };
}

const names = Array.from({ length: 40 }, (_, index) => `vm-${String(index)}`);
const apiVersion = 'hypersphere.io/v1alpha1';
const vm = (name: string): object => ({
  apiVersion,
  kind: 'VirtualMachine',
  metadata: { name, namespace: 'default' },
  spec: { cpu: { cores: 1 }, memory: { size: '2Gi' } },
});

it('two drains at once: no VM is ever not ready, no host is promised more than it has, and kubectl ends with 0', async (t) => {
  const real = await realControlPlane({ audit: false });
  t.after(() => real.stop());
  const fleet = await deploy({ real, hosts: 4 });
  t.after(() => fleet.stop());
  const options = { env: { KUBECONFIG: real.kubeconfig }, limit: 300_000 };
  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await run(real.tools.kubectl['1.37'], args, { ...options, ...(input === undefined ? {} : { input }) });
    assert.equal(code, 0, `kubectl ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  };
  const read = async <T>(kind: string): Promise<readonly T[]> =>
    (JSON.parse(await kubectl(['get', kind, '-A', '-o', 'json'])) as List<T>).items;
  const apply = (...objects: object[]): Promise<string> =>
    kubectl(['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const readySince = async (): Promise<string[]> =>
    (await read<Vm>('hsvm')).map(
      ({ metadata, status }) => `${metadata.name} ${status.conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? ''}`,
    );

  const datastores = [{ name: 'shared', type: 'SharedDirectory', path: '/srv/hypersphere' }];
  await apply({ apiVersion, kind: 'HostCluster', metadata: { name: 'main' }, spec: { hostSelector: {}, datastores } });
  await eventually(async () => (await read('hshost')).length === 4, 'the hosts did not come');
  await kubectl(['wait', '--for=condition=Ready', 'hshost', '--all', '--timeout=100s']);
  await kubectl(['cordon', 'host-3', 'host-4']);
  await apply(...names.map(vm));
  await kubectl(['wait', '--for=condition=Ready', 'hsvm', '--all', '--timeout=200s']);
  await kubectl(['uncordon', 'host-3', 'host-4']);
  const before = await readySince();

  let over = 0;
  const drain = (host: string): Promise<string> =>
    kubectl(['drain', host, '--ignore-daemonsets', '--timeout=250s']).finally(() => {
      over++;
    });
  const drains = Promise.all(['host-1', 'host-2'].map(drain));
  const room = bytes('64Gi');
  while (over < 2) {
    const promised = new Map<string, number>();
    for (const { spec } of await read<Instance>('hsvmi'))
      promised.set(spec.nodeName, (promised.get(spec.nodeName) ?? 0) + takenBy(spec.cpu, spec.memory).memoryBytes);
    for (const [host, taken] of promised) assert.ok(taken <= room, `${host}: ${String(taken)}`);
  }
  await drains;

  assert.deepEqual(await readySince(), before, 'ready all the time');
  const hosts = (await read<Vm>('hsvm')).map(({ status }) => status.nodeName ?? '');
  assert.deepEqual([...new Set(hosts)].sort(), ['host-3', 'host-4']);
  assert.equal((await read('hsvmm')).length, names.length, 'each moved once');
  // Their nodes are seen by the controllers: nothing was evicted by them, and no taint of theirs is left.
  assert.equal((await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].spec.taints[?(@.effect=="NoExecute")].key}'])).trim(), '');
});
