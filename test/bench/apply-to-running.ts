/** How long a fleet takes from the first create to all VMs Ready: server, operator, and world with agents as processes of their own over TLS. */
import { UserError } from '../../src/base/errors.ts';
import { numberFlag, readFlags } from '../../src/cmd/flags.ts';
import { embeddedServer } from './servers.ts';
import { measure } from './measure.ts';
import { besideBare } from './beside-bare.ts';

const sizes = { from: 1, to: 100_000 };
const flags = {
  hosts: { type: 'string', value: 'N', help: 'simulated hosts (200)' },
  vms: { type: 'string', value: 'N', help: 'virtual machines (2000)' },
  'control-plane': { type: 'string', value: 'NAME', help: 'embedded, or real: kube-apiserver and etcd (embedded)' },
  rounds: { type: 'string', value: 'N', help: 'with a real control plane: how often fleet and bare client take turns (3)' },
} as const;

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
