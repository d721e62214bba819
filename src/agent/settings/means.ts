import type { Runtime } from '../../base/runtime.ts';
import type { Client } from '../../kube/types.ts';
import type { HostPort } from '../../ports/host-port.ts';

/** What an agent keeps the settings of its host with. */
export interface SettingsMeans {
  readonly nodeName: string;
  readonly host: Pick<HostPort, 'guests' | 'inventory' | 'settings'>;
  readonly client: Client;
  readonly runtime: Runtime;
  /** Files, and folders that end with a slash, whose contents profiles may say. */
  readonly paths: readonly string[];
}

/** Of an agent that is told no others. */
export const usualPaths: readonly string[] = [
  '/etc/hypersphere/',
  '/etc/issue',
  '/etc/kernel/cmdline',
  '/etc/modprobe.d/',
  '/etc/motd',
  '/etc/sysctl.d/',
];
