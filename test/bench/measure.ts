/** One run of a fleet: operator, and world with agents, as processes of their own over TLS. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemNamespace } from '../../src/api/common.ts';
import { ensureNamespace } from '../../src/cmd/install.ts';
import { connect, prepare, run, type Times } from './fleet.ts';
import { peak, processes } from './processes.ts';
import type { BenchServer } from './servers.ts';

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
