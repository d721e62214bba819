/** client-node's authenticators, told what client-go tells its own. */
import { KubeConfig } from '@kubernetes/client-node';
import { isAbsolute, join, sep } from 'node:path';

type Cluster = ReturnType<KubeConfig['getClusters']>[number];
type User = ReturnType<KubeConfig['getUsers']>[number];

/**
 * The same users, to ask who they are: an exec plug-in finds KUBERNETES_EXEC_INFO, and its command relative to the kubeconfig.
 * @param folder the one with the kubeconfig
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export function authenticatorsOf(config: KubeConfig, folder: string): KubeConfig {
  const cluster = config.getCurrentCluster();
  const asking = new KubeConfig();
  asking.loadFromOptions({
    // Only who they are is asked here: the agent that client-node makes besides refuses plain HTTP, and some proxies.
    clusters: config.clusters.map(({ name, skipTLSVerify, caData, caFile }) => ({
      ...{ name, skipTLSVerify, server: 'https://localhost' },
      ...(caData === undefined ? {} : { caData }),
      ...(caFile === undefined ? {} : { caFile }),
    })),
    users: config.users.map((user) => withExecInfo(user, cluster, folder)),
    contexts: config.contexts,
    currentContext: config.currentContext,
  });
  return asking;
}

interface Exec {
  readonly command?: string;
  readonly apiVersion?: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly provideClusterInfo?: boolean;
}

function withExecInfo(user: User, cluster: Cluster | null, folder: string): User {
  const exec = user.exec as Exec | null | undefined;
  if (exec === null || exec === undefined) return user;
  const { command = '', apiVersion, env, provideClusterInfo } = exec;
  const spec = { interactive: false, ...(provideClusterInfo === true && cluster !== null ? { cluster: clusterInfo(cluster) } : {}) };
  const info = { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify({ apiVersion, kind: 'ExecCredential', spec }) };
  const isRelative = command.includes(sep) && !isAbsolute(command);
  return { ...user, exec: { ...exec, command: isRelative ? join(folder, command) : command, env: [...(env ?? []), info] } };
}

function clusterInfo({ server, tlsServerName, skipTLSVerify, caData, proxyUrl }: Cluster): object {
  return {
    server,
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
    ...(skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(caData === undefined ? {} : { 'certificate-authority-data': caData }),
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
  };
}
