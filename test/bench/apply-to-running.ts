/** How long a fleet takes from the first create to all VMs Ready: server, operator, and world with agents as processes of their own over TLS. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemNamespace } from '../../src/api/common.ts';
import { UserError } from '../../src/base/errors.ts';
import { ensureNamespace } from '../../src/cmd/install.ts';
import { numberFlag, readFlags } from '../../src/cmd/flags.ts';
import { embeddedServer, type BenchServer } from './servers.ts';
import { connect, prepare, run, type Times } from './fleet.ts';
import { peak, processes } from './processes.ts';
import { besideBare } from './beside-bare.ts';

const sizes = { from: 1, to: 100_000 };
const flags = {
  hosts: { type: 'string', value: 'N', help: 'simulated hosts (200)' },
  vms: { type: 'string', value: 'N', help: 'virtual machines (2000)' },
  'control-plane': { type: 'string', value: 'NAME', help: 'embedded, or real: kube-apiserver and etcd (embedded)' },
  rounds: { type: 'string', value: 'N', help: 'with a real control plane: how often fleet and bare client take turns (3)' },
} as const;

export interface Size {
  readonly hosts: number;
  readonly vms: number;
  /** What the VMs are called; vm-0 and so on by default. */
  readonly nameOf?: (index: number) => string;
}

export interface FleetLine extends Times {
  /** The most that each process had, MiB. */
  readonly rssMiB: { readonly server: number; readonly operator: number; readonly world: number };
}

export async function applyToRunning(args: readonly string[]): Promise<object> {
  const values = readFlags(args, flags);
  const size = { hosts: numberFlag(values, 'hosts', sizes) ?? 200, vms: numberFlag(values, 'vms', sizes) ?? 2000 };
  const controlPlane = values['control-plane'] ?? 'embedded';
  if (controlPlane === 'real') return besideBare(size, numberFlag(values, 'rounds', { from: 1, to: 100 }) ?? 3);
  if (controlPlane !== 'embedded') throw new UserError(`--control-plane: ${controlPlane} is neither embedded nor real`);
  const server = await embeddedServer();
  try {
    return await measure(server, size);
  } finally {
    await server.stop();
  }
}

/** Plays it once on a server that has our CRDs and nothing else. What it starts there has ended when it settles. */
export async function measure(server: BenchServer, { hosts, vms, nameOf = usualName }: Size): Promise<FleetLine> {
  const directory = await mkdtemp(join(tmpdir(), 'hypersphere-bench-world-'));
  const { start, end } = processes();
  const fleet = await connect(server.kubeconfig);
  try {
    await ensureNamespace(fleet.client, systemNamespace);
    const operator = start('operator.ts', '--kubeconfig', server.kubeconfig, '--listen', '127.0.0.1:0');
    const world = start('world.ts', '--kubeconfig', server.kubeconfig, '--data-dir', join(directory, 'world'));
    await prepare(fleet, hosts);
    const times = await run(
      fleet,
      Array.from({ length: vms }, (_, index) => nameOf(index)),
    );
    return { ...times, rssMiB: { server: await server.peak(), operator: await peak(operator.pid), world: await peak(world.pid) } };
  } finally {
    await fleet.close();
    await end();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function usualName(index: number): string {
  return `vm-${String(index)}`;
}
