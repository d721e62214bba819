/** Which cluster is meant, and who we are there. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { load } from 'js-yaml';
import { messageOf, UserError } from '../base/errors.ts';

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface Credentials {
  readonly config: KubeConfig;
  /** Where relative paths of the user begin. */
  readonly folder: string;
  /** Where the bearer token stands, when it stands in a file of its own. */
  readonly tokenFile: string | undefined;
}

export interface CredentialsOptions {
  /** A kubeconfig; absent: KUBECONFIG, ~/.kube/config, or the service account of the Pod, whichever is there first. */
  readonly file?: string;
  /** Stands before the paths of the Pod's service account. Default: nothing. */
  readonly podRoot?: string;
}

/** @throws {UserError} when there is no cluster to go to, saying where one was looked for. */
export function credentials({ file, podRoot = '' }: CredentialsOptions): Credentials {
  const files = file === undefined ? filesOfThePerson() : [file];
  if (files.length > 0) return ofFiles(files, file);
  if (process.env['KUBERNETES_SERVICE_HOST'] !== undefined) return ofThePod(podRoot);
  throw new UserError(
    'there is no cluster to go to: name its kubeconfig by --kubeconfig or KUBECONFIG, or put it at ~/.kube/config (and this is no Pod: KUBERNETES_SERVICE_HOST is not set)',
  );
}

function filesOfThePerson(): string[] {
  const named = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (named.length > 0) return named;
  const usual = join(homedir(), '.kube/config');
  return existsSync(usual) ? [usual] : [];
}

function ofFiles(files: readonly string[], given: string | undefined): Credentials {
  const config = new KubeConfig();
  const named = files.join(', ');
  try {
    if (given === undefined) config.loadFromDefault();
    else config.loadFromFile(given);
    if (config.getCurrentCluster() !== null) return { config, ...userIn(files, config.getCurrentUser()?.name) };
  } catch (error) {
    throw new UserError(`the kubeconfig ${named} cannot be read: ${messageOf(error)}`);
  }
  throw new UserError(`the kubeconfig ${named} has no current context: kubectl config use-context NAME sets it`);
}

function ofThePod(podRoot: string): Credentials {
  const config = new KubeConfig();
  config.loadFromCluster(podRoot);
  const [tokenFile, caFile] = ['token', 'ca.crt'].map((name) => join(podRoot, accountFolder, name));
  for (const file of [tokenFile, caFile]) {
    if (file === undefined || !existsSync(file))
      throw new UserError(`the Pod has no service account: ${String(file)} is not there (automountServiceAccountToken puts it there)`);
  }
  // What stands in the file is ours to read: client-node would read it once a minute, and leave a line break in the header.
  config.loadFromOptions({
    clusters: config.clusters,
    contexts: config.contexts,
    currentContext: config.currentContext,
    users: config.users.map(({ name }) => ({ name })),
  });
  return { config, folder: podRoot, tokenFile };
}

/** `tokenFile` of a user, which client-node knows nothing of. As in client-go the first file that has the user counts, and paths are relative to it. */
function userIn(files: readonly string[], user: string | undefined): Pick<Credentials, 'folder' | 'tokenFile'> {
  for (const file of files) {
    const found = usersIn(load(readFileSync(file, 'utf8'))).find(({ name }) => name === user);
    const folder = resolve(dirname(file));
    if (found !== undefined) return { folder, tokenFile: found.tokenFile === undefined ? undefined : resolve(folder, found.tokenFile) };
  }
  return { folder: resolve('.'), tokenFile: undefined };
}

function usersIn(kubeconfig: unknown): { name: unknown; tokenFile: string | undefined }[] {
  const users = field(kubeconfig, 'users');
  if (!Array.isArray(users)) return [];
  return users.map((entry: unknown) => {
    const path = field(field(entry, 'user'), 'tokenFile');
    return { name: field(entry, 'name'), tokenFile: typeof path === 'string' && path !== '' ? path : undefined };
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
}
