/** `npm start -- --cluster FILE` as a process, for whatever control plane there is. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../scripts/tool.ts';
import { systemNamespace } from '../../src/api/common.ts';
import { Host } from '../../src/api/host.ts';
import { HostPool } from '../../src/api/host-pool.ts';
import { kinds } from '../../src/api/kinds.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { silentLog } from '../../src/base/log.ts';
import { connectCluster } from '../../src/cmd/cluster.ts';
import { client as clientOf } from '../../src/kube/client.ts';
import type { Client } from '../../src/kube/types.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import { CustomResourceDefinition, Namespace } from '../../src/meta/core.ts';
import { systemRuntime } from '../../src/system/runtime.ts';

export interface OnCluster {
  /** Settles when it has printed `text`; rejects, with all that it printed, when it ends first. */
  printed(text: string): Promise<void>;
  /** Ctrl-C. @returns the exit code */
  interrupt(): Promise<unknown>;
  output(): string;
}

export function start(...flags: string[]): OnCluster {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'src/cmd/trial.ts'), ...flags]);
  let output = '';
  const heard = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of heard) listener();
    });
  const ended = once(child, 'close').then(([code]: unknown[]) => code);
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      heard.add(look);
      look();
      void ended.then((code) => {
        reject(new Error(`it ended with ${String(code)} before it printed "${text}":\n${output}`));
      });
    });
  const interrupt = async (): Promise<unknown> => {
    child.kill('SIGINT');
    return ended;
  };
  return { printed, interrupt, output: () => output };
}

/** Plays what the flag promises, on a control plane that holds nothing of ours. */
export async function playClusterFlag(kubeconfig: string, dataDir: string): Promise<void> {
  const stop = new AbortController();
  const transport = await connectCluster({ file: kubeconfig });
  const runtime = systemRuntime('test', stop.signal, silentLog);
  const client = clientOf(transport.controlPlane, runtime, { userAgent: 'test', fieldManager: 'test' });
  const started: OnCluster[] = [];
  const run = (...flags: string[]): OnCluster => {
    const program = start('--cluster', kubeconfig, '--data-dir', dataDir, ...flags);
    started.push(program);
    return program;
  };
  try {
    const before = await namespaces(client);
    const first = run();
    await first.printed('Ctrl-C stops both');
    assert.equal((await client.list(CustomResourceDefinition)).items.length, kinds.length);
    assert.deepEqual(await namespaces(client), [...before, systemNamespace].sort());
    assert.deepEqual([(await client.list(HostPool)).items, (await client.list(VirtualMachine)).items], [[], []]);
    assert.equal(await first.interrupt(), 0);
    assert.match(first.output(), /What was on the cluster is still there/);

    const second = run('--hosts', '2');
    await second.printed('Ctrl-C stops both');
    await until(async () => (await client.list(Host)).items.filter((host) => isTrue(host.status.conditions, 'Ready')).length === 2);
    assert.equal(await second.interrupt(), 0);
    assert.equal((await client.list(Host)).items.length, 2);
  } finally {
    for (const program of started) await program.interrupt();
    stop.abort();
    await transport.close();
  }
}

async function namespaces(client: Client): Promise<string[]> {
  return (await client.list(Namespace)).items.map((namespace) => namespace.metadata.name).sort();
}

/** Asks again and again; the runner's own limit ends what does not come true. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}
