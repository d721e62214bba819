/**
 * The simulated world with all its agents as a process of its own: `world.ts --data-dir DIR [--kubeconfig FILE] [--offer ADDR:PORT]`. To restart it is
 * a power cut.
 */
import { simulationManager } from '../api/common.ts';
import { messageOf, UserError } from '../base/errors.ts';
import type { Runtime } from '../base/runtime.ts';
import { programVersion } from '../base/version.ts';
import { client as clientOf } from '../kube/client.ts';
import type { ControlPlane } from '../meta/control-plane.ts';
import type { SimulatedWorld } from '../sim/world/world.ts';
import { fileDisk } from '../system/file-disk.ts';
import { pinoLog } from '../system/log.ts';
import { systemRuntime } from '../system/runtime.ts';
import { connectCluster } from './cluster.ts';
import { addressFlag, helpOf, readFlags, textFlag, type Flags, type FlagValues } from './flags.ts';
import { main } from './main.ts';
import { offerSite } from './site.ts';
import { runWorld } from './trial/fleet.ts';

const flags: Flags = {
  'data-dir': { type: 'string', value: 'DIR', help: 'where the world keeps its journal' },
  kubeconfig: { type: 'string', value: 'FILE', help: 'the cluster (KUBECONFIG, ~/.kube/config, or the service account of the Pod)' },
  offer: {
    type: 'string',
    value: 'ADDR:PORT',
    help: 'where operators with --simulated-hosts hear and switch the hosts (nowhere: no host is ever taken for dead)',
  },
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
  const offered = offering(values, transport.controlPlane, runtime);
  await runWorld({ controlPlane: transport.controlPlane, runtime, world: disk, onWorld: (world) => offered.begin(world) });
  await offered.end();
  await transport.close();
  await disk.unlock();
});

/** Offers the world to operators, where that was asked for. */
function offering(
  values: FlagValues,
  controlPlane: ControlPlane,
  runtime: Runtime,
): { begin(world: SimulatedWorld): void; end(): Promise<void> } {
  let offered: Promise<() => Promise<void>> | undefined;
  if (textFlag(values, 'offer') === undefined) return { begin: () => undefined, end: () => Promise.resolve() };
  const address = addressFlag(values, 'offer', '');
  const client = clientOf(controlPlane, runtime, { userAgent: `hypersphere-world/${programVersion}`, fieldManager: simulationManager });
  return {
    begin: (world) => {
      offered = offerSite({ world, client, runtime, address });
      offered.catch((error: unknown) => {
        runtime.log.error('the simulated hosts are not offered to operators', { error: messageOf(error) });
      });
    },
    end: async () => {
      const close = await offered?.catch(() => undefined);
      await close?.();
    },
  };
}
