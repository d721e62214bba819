/** What a cluster does with manifests/overlays/simulated, without kubelets: their containers as processes, under their own service accounts. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { dump } from 'js-yaml';
import { run } from '../e2e/programs.ts';
import { image, imageFolder, onThisMachine, type Image, type ImageFolder } from '../manifests/image.ts';
import { objectsOf } from '../manifests/kustomize.ts';
import { commandOf, containerOf, workloads, type Container, type Workload } from '../manifests/workloads.ts';
import type { RealAddresses } from './control-plane.ts';
import { leashed, type Leashed } from './leash.ts';
import { asks, until } from './until.ts';

export const overlay = 'manifests/overlays/simulated';

export interface DeployOptions {
  readonly real: RealAddresses;
  /** Simulated hosts, in a HostPool named `host`. */
  readonly hosts: number;
}

export interface RunningFleet {
  /** The end of what each Pod logged, for a person who asks why. */
  lastWords(): Promise<string>;
  /** Kills all of it. @throws {AssertionError} when something was written into the image. */
  stop(): Promise<void>;
}

/** Applies the overlay, runs its Pods, makes the pool, and settles when the probes of all are content. Its hosts come up in their own time. */
export async function deploy({ real, hosts }: DeployOptions): Promise<RunningFleet> {
  const folder = await mkdtemp(join(tmpdir(), 'hypersphere-pods-'));
  const files = await imageFolder();
  const before = await files.contents();
  const cluster: Cluster = { real, folder, files, image: await image(), pods: [] };
  const stop = async (): Promise<void> => {
    await Promise.all(cluster.pods.map((pod) => pod.stop()));
    const after = await files.contents();
    await Promise.all([files.remove(), rm(folder, { recursive: true, force: true, maxRetries: 5 })]);
    assert.deepEqual(after, before, 'a Pod wrote into its image, which a cluster mounts read-only');
  };
  const lastWords = async (): Promise<string> => (await Promise.all(cluster.pods.map((pod) => pod.lastWords()))).join('\n');
  try {
    await kubectl(real, ['apply', '-k', overlay]);
    for (const workload of workloads(objectsOf(overlay)))
      for (let ordinal = 0; ordinal < workload.spec.replicas; ordinal++) cluster.pods.push(await runPod(cluster, workload, ordinal));
    await kubectl(real, ['apply', '-f', '-'], JSON.stringify(poolOf(hosts)));
    return { lastWords, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

interface Cluster {
  readonly real: RealAddresses;
  readonly folder: string;
  readonly files: ImageFolder;
  readonly image: Image;
  readonly pods: RunningPod[];
}

interface RunningPod {
  lastWords(): Promise<string>;
  stop(): Promise<void>;
}

/** A container that ended is started again, as by a kubelet that has seen it end before. */
const restartMs = 10_000;

function poolOf(replicas: number): object {
  return { apiVersion: 'sim.hypersphere.io/v1alpha1', kind: 'HostPool', metadata: { name: 'host' }, spec: { replicas } };
}

async function runPod(cluster: Cluster, workload: Workload, ordinal: number): Promise<RunningPod> {
  const name = `${workload.metadata.name}-${String(ordinal)}`;
  const folder = join(cluster.folder, name);
  await mkdir(folder);
  const account = await serviceAccount(cluster, workload, folder);
  const container = containerOf(workload);
  const fields = { 'metadata.name': name, 'status.podIP': anAddress() };
  const volumes = Object.fromEntries((container.volumeMounts ?? []).map((mount) => [mount.name, join(folder, mount.name)]));
  const command = commandOf(container, { fields, volumes });
  let process = await start(cluster, command, { folder, kubeconfig: account.kubeconfig });
  const stopping = new AbortController();
  const keepUp = async (): Promise<void> => {
    for (;;) {
      await process.ended;
      await setTimeout(restartMs, undefined, { signal: stopping.signal });
      process = await start(cluster, command, { folder, kubeconfig: account.kubeconfig });
    }
  };
  const kept = keepUp().catch(() => undefined);
  await until(() => isReady(container, fields['status.podIP']), process);
  return {
    lastWords: async () => `${name}: ${await process.lastWords()}`,
    stop: async () => {
      account.stop();
      stopping.abort();
      await process.kill();
      await kept;
    },
  };
}

/** One of loopback's 16 million, so that each Pod has the ports to itself. */
function anAddress(): string {
  const part = (): string => String(1 + Math.floor(Math.random() * 254));
  return `127.${part()}.${part()}.${part()}`;
}

interface Place {
  readonly folder: string;
  readonly kubeconfig: string;
}

/** The image's entry point with nothing of our environment but the Pod's, where its files are. */
function start({ image: { entrypoint }, files }: Cluster, command: ReturnType<typeof commandOf>, place: Place): Promise<Leashed> {
  const { program, args } = onThisMachine(entrypoint);
  // No home and no place for temporary files: the root of a Pod is read-only.
  const env = { ...command.env, KUBECONFIG: place.kubeconfig, HOME: '/nonexistent', TMPDIR: '/nonexistent' };
  const words = ['env', '-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), program, ...args, ...command.args];
  return leashed('/bin/sh', ['-c', 'cd "$0" && exec "$@"', files.path, ...words], join(place.folder, 'container.log'));
}

async function isReady({ livenessProbe, readinessProbe, ports }: Container, address: string): Promise<boolean> {
  for (const probe of [livenessProbe, readinessProbe]) {
    if (probe === undefined) continue;
    const port = ports?.find(({ name }) => name === probe.httpGet.port)?.containerPort;
    if ((await asks(`http://${address}:${String(port)}`)(probe.httpGet.path)).status !== 200) return false;
  }
  return true;
}

/** How often a token is written anew: often enough that each run sees it. */
const rotationMs = 60_000;

/** A kubeconfig that leads to a token file, which is written anew again and again, as a kubelet does. */
async function serviceAccount(
  { real }: Cluster,
  workload: Workload,
  folder: string,
): Promise<{ readonly kubeconfig: string; stop(): void }> {
  const { metadata, spec } = workload;
  const namespace = metadata.namespace ?? 'default';
  const tokenFile = join(folder, 'token');
  const write = async (): Promise<void> => {
    const token = await kubectl(real, ['create', 'token', spec.template.spec.serviceAccountName, '-n', namespace, '--duration=10m']);
    await writeFile(`${tokenFile}.new`, token, { mode: 0o600 });
    await rename(`${tokenFile}.new`, tokenFile);
  };
  await write();
  // A server that is away leaves the token as it is, for the next time.
  const timer = setInterval(() => void write().catch(() => undefined), rotationMs);
  const kubeconfig = join(folder, 'kubeconfig');
  const config = {
    clusters: [{ name: 'real', cluster: { server: real.url, 'certificate-authority': real.caFile } }],
    users: [{ name: 'pod', user: { tokenFile: 'token' } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'pod' } }],
    'current-context': 'real',
  };
  await writeFile(kubeconfig, dump(config), { mode: 0o600 });
  return {
    kubeconfig,
    stop: () => {
      clearInterval(timer);
    },
  };
}

async function kubectl(real: RealAddresses, args: readonly string[], input?: string): Promise<string> {
  const options = { env: { KUBECONFIG: real.kubeconfig }, ...(input === undefined ? {} : { input }) };
  const { code, stdout, stderr } = await run(real.tools.kubectl['1.37'], args, options);
  assert.deepEqual([code, stderr], [0, ''], `kubectl ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}
