/** The simulated world with all its agents as a process of its own: `world.ts --data-dir DIR [--kubeconfig FILE]`. To restart it is a power cut. */
import { UserError } from '../base/errors.ts';
import { fileDisk } from '../system/file-disk.ts';
import { pinoLog } from '../system/log.ts';
import { systemRuntime } from '../system/runtime.ts';
import { connectCluster } from './cluster.ts';
import { helpOf, readFlags, textFlag, type Flags } from './flags.ts';
import { main } from './main.ts';
import { runWorld } from './trial/fleet.ts';

const flags: Flags = {
  'data-dir': { type: 'string', value: 'DIR', help: 'where the world keeps its journal' },
  kubeconfig: { type: 'string', value: 'FILE', help: 'the cluster (KUBECONFIG, ~/.kube/config, or the service account of the Pod)' },
  help: { type: 'boolean', help: 'show this' },
};

await main(async (stopping) => {
  const values = readFlags(process.argv.slice(2), flags);
  if (values['help'] === true) return void process.stdout.write(`${helpOf(flags)}\n`);
  const directory = textFlag(values, 'data-dir');
  if (directory === undefined) throw new UserError(`--data-dir must say where the world keeps its journal\n\n${helpOf(flags)}`);
  const file = textFlag(values, 'kubeconfig');
  const disk = fileDisk(directory);
  await disk.lock();
  const transport = await connectCluster(file === undefined ? {} : { file });
  const runtime = systemRuntime('world', stopping, pinoLog({ level: 'warn' }));
  await runWorld({ controlPlane: transport.controlPlane, runtime, world: disk });
  await transport.close();
  await disk.unlock();
});
