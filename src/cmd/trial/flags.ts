import { numberFlag, readFlags, textFlag, helpOf, type Flags, type FlagValues } from '../flags.ts';
import { UserError } from '../../base/errors.ts';

export interface TrialFlags {
  /** Given only when a person said so: an older pool keeps its size. */
  readonly hosts: number | undefined;
  /** The kubeconfig of a cluster to run on, instead of an API server of our own. */
  readonly cluster: string | undefined;
  readonly dataDir: string;
  /** Where the kubeconfig is written. */
  readonly kubeconfig: string | undefined;
  readonly port: number;
  readonly bind: string;
  readonly empty: boolean;
  readonly help: boolean;
}

export const trialFlags: Flags = {
  hosts: { type: 'string', value: 'N', help: 'simulated hosts, 0 to 1000 (8 at the first start; later: as they are)' },
  'data-dir': { type: 'string', value: 'DIR', help: 'where everything is kept (./data)' },
  kubeconfig: { type: 'string', value: 'FILE', help: 'where the kubeconfig is written (DIR/kubeconfig)' },
  port: { type: 'string', value: 'N', help: 'port of the API server, 0 for any that is free (16443)' },
  bind: { type: 'string', value: 'ADDR', help: 'address of the API server (127.0.0.1)' },
  empty: { type: 'boolean', help: 'leave the sample shop out' },
  cluster: {
    type: 'string',
    value: 'FILE',
    help: 'run operator and simulated hosts on the cluster of this kubeconfig; nothing else is put there',
  },
  help: { type: 'boolean', help: 'show this' },
};

export const trialHelp = `npm start -- [flags]: a fleet to try, with simulated hosts, in one process.\n\n${helpOf(trialFlags)}`;

/** @throws {UserError} that names the flag and what it takes. */
export function readTrialFlags(args: readonly string[]): TrialFlags {
  const values = readFlags(args, trialFlags);
  const hosts = numberFlag(values, 'hosts', { from: 0, to: 1000 });
  refuseBesideCluster(values);
  return {
    hosts,
    cluster: values['cluster'] === undefined ? undefined : notEmpty('cluster', textFlag(values, 'cluster') ?? ''),
    dataDir: notEmpty('data-dir', textFlag(values, 'data-dir') ?? 'data'),
    kubeconfig: values['kubeconfig'] === undefined ? undefined : notEmpty('kubeconfig', textFlag(values, 'kubeconfig') ?? ''),
    port: numberFlag(values, 'port', { from: 0, to: 65_535 }) ?? 16_443,
    bind: notEmpty('bind', textFlag(values, 'bind') ?? '127.0.0.1'),
    empty: values['empty'] === true,
    help: values['help'] === true,
  };
}

/** What is about our own API server, or the shop, has no meaning on another's cluster. */
function refuseBesideCluster(values: FlagValues): void {
  if (values['cluster'] === undefined) return;
  const idle = ['kubeconfig', 'port', 'bind', 'empty'].find((name) => values[name] !== undefined);
  if (idle !== undefined) throw new UserError(`--${idle} has no meaning with --cluster, which has an API server of its own`);
}

function notEmpty(name: string, value: string): string {
  if (value === '') throw new UserError(`--${name} needs a value\n\n${helpOf(trialFlags)}`);
  return value;
}
