/** A real control plane on loopback: etcd, kube-apiserver and kube-controller-manager, with keys and data that are thrown away. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfigFor } from '../../src/net/kubeconfig.ts';
import { apiserverFlags, controllerManagerFlags, etcdFlags, writeSecrets, type AuditLevel, type Secrets } from './flags.ts';
import { freePorts } from './ports.ts';
import { leashed, type Leashed } from './leash.ts';
import { asks, until } from './until.ts';
import { realTools, type RealTools } from './tools.ts';

export interface RealControlPlaneOptions {
  /** Default: `realTools()`, which builds what is missing. */
  readonly tools?: RealTools;
  /** How much of each request is written to the audit log: nothing at all, who asked for what, or bodies too; default Metadata. */
  readonly audit?: false | AuditLevel;
  /** Whether kube-controller-manager runs; default true. Without it nothing writes but who asks. */
  readonly controllers?: boolean;
  /** Further flags of kube-apiserver, such as `--goaway-chance=0.01`. */
  readonly apiserverFlags?: readonly string[];
}

/** What tests need to know of it; it can be written as JSON. */
export interface RealAddresses {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  /** A file with the rights of system:masters, readable by its owner alone. */
  readonly kubeconfig: string;
  /** PEM. */
  readonly caFile: string;
  readonly adminToken: string;
  /** JSON lines, one for each request that was answered: audit.k8s.io/v1 Event at level Metadata. Empty without `audit`. */
  readonly auditLog: string;
  /** `http://127.0.0.1:port`: etcd's client address, which speaks JSON below /v3/ too. */
  readonly etcdUrl: string;
  readonly tools: RealTools;
}

export interface RealControlPlane extends RealAddresses {
  /** Kills kube-apiserver, starts it again at the same address, and settles when it is ready. */
  restartApiserver(): Promise<void>;
  /** Kills everything, and removes its files. */
  stop(): Promise<void>;
}

/** Starts it, in some seconds once its programs are built. Nothing of it outlives this process. */
export async function realControlPlane(options: RealControlPlaneOptions = {}): Promise<RealControlPlane> {
  const tools = options.tools ?? (await realTools());
  const folder = await mkdtemp(join(tmpdir(), 'hypersphere-real-'));
  const running = new Map<string, Leashed>();
  const stop = async (): Promise<void> => {
    await Promise.all([...running.values()].map((server) => server.kill()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    return await started({ options, tools, folder, running, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Start {
  readonly options: RealControlPlaneOptions;
  readonly tools: RealTools;
  readonly folder: string;
  readonly running: Map<string, Leashed>;
  readonly stop: () => Promise<void>;
}

async function started({ options, tools, folder, running, stop }: Start): Promise<RealControlPlane> {
  const [port, etcdPort, etcdPeerPort] = await freePorts(3);
  const url = `https://127.0.0.1:${String(port)}`;
  const etcdUrl = `http://127.0.0.1:${String(etcdPort)}`;
  const secrets = await writeSecrets(folder, options.audit === false ? 'Metadata' : (options.audit ?? 'Metadata'));
  const kubeconfig = await writeKubeconfig(folder, url, secrets, 'admin');
  const managerKubeconfig = await writeKubeconfig(folder, url, secrets, 'system:kube-controller-manager');
  const auditLog = join(folder, 'audit.log');
  await writeFile(auditLog, '', { mode: 0o600 });
  const ask = asks(url, { ca: secrets.ca, token: secrets.tokens.admin });

  const launch = async (program: string, flags: readonly string[], ready: () => Promise<boolean>): Promise<void> => {
    const server = await leashed(program, flags, `${join(folder, program.split('/').at(-1) ?? '')}.log`);
    running.set(program, server);
    await until(ready, server);
  };
  const startApiserver = (): Promise<void> =>
    launch(
      tools.kubeApiserver,
      [
        ...apiserverFlags({ folder, port, etcdUrl, auditLog: options.audit === false ? undefined : auditLog }),
        ...(options.apiserverFlags ?? []),
      ],
      async () => (await ask('/readyz')).status === 200,
    );

  await launch(
    tools.etcd,
    etcdFlags({ folder, url: etcdUrl, peerPort: etcdPeerPort }),
    async () => (await asks(etcdUrl)('/readyz')).status === 200,
  );
  await startApiserver();
  // The first thing that the controllers make for everybody: then they are at work.
  if (options.controllers !== false)
    await launch(tools.kubeControllerManager, controllerManagerFlags({ folder, kubeconfig: managerKubeconfig }), async () => {
      return (await ask('/api/v1/namespaces/default/serviceaccounts/default')).status === 200;
    });
  const restartApiserver = async (): Promise<void> => {
    await running.get(tools.kubeApiserver)?.kill();
    await startApiserver();
  };
  return { url, kubeconfig, caFile: secrets.caFile, adminToken: secrets.tokens.admin, auditLog, etcdUrl, tools, restartApiserver, stop };
}

async function writeKubeconfig(folder: string, server: string, secrets: Secrets, user: keyof Secrets['tokens']): Promise<string> {
  const file = join(folder, `${user.replace(':', '-')}.kubeconfig`);
  const text = kubeconfigFor({ server, ca: secrets.ca, token: secrets.tokens[user], user, cluster: 'real' });
  await writeFile(file, text, { mode: 0o600 });
  return file;
}
