import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { Protection } from '../../ports/fault-tolerance.ts';
import type { AgentContext } from '../context.ts';

/** Whether it has a shadow, or had one. */
export function isProtected({ spec, status }: VirtualMachineInstance): boolean {
  return spec.shadow !== undefined || status.protection !== undefined;
}

/** The protection that the guest of `instance` takes part in, in that role. */
export async function ownProtection(
  { host }: Pick<AgentContext, 'host'>,
  { metadata }: VirtualMachineInstance,
  role: Protection['role'],
): Promise<Protection | undefined> {
  return (await host.protection.list()).find((one) => one.id === metadata.uid && one.role === role);
}
