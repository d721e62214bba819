/** `npm run picture [-- --kubeconfig FILE]`: which VM hangs on which port of which group on which host, as Mermaid. */
import { PortGroup } from '../api/port-group.ts';
import { SwitchPort } from '../api/switch-port.ts';
import { programVersion } from '../base/version.ts';
import { networkPicture } from '../domain/picture.ts';
import { client as clientOf } from '../kube/client.ts';
import { pinoLog } from '../system/log.ts';
import { systemRuntime } from '../system/runtime.ts';
import { connectCluster } from './cluster.ts';
import { helpOf, readFlags, textFlag, type Flags } from './flags.ts';
import { main } from './main.ts';

const flags: Flags = {
  kubeconfig: { type: 'string', value: 'FILE', help: 'the cluster (KUBECONFIG, or ~/.kube/config)' },
  help: { type: 'boolean', help: 'show this' },
};

await main(async (stopping) => {
  const values = readFlags(process.argv.slice(2), flags);
  if (values['help'] === true) return void process.stdout.write(`${helpOf(flags)}\n`);
  const file = textFlag(values, 'kubeconfig');
  const transport = await connectCluster(file === undefined ? {} : { file });
  const options = { userAgent: `hypersphere-picture/${programVersion}`, fieldManager: 'hypersphere-picture' };
  const client = clientOf(transport.controlPlane, systemRuntime('picture', stopping, pinoLog({ level: 'warn' })), options);
  const [groups, ports] = await Promise.all([client.list(PortGroup), client.list(SwitchPort)]);
  process.stdout.write(networkPicture({ groups: groups.items, ports: ports.items }));
  await transport.close();
});
