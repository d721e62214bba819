/** The programs of a real control plane and the kubectls that drive it: pinned by go.mods of their own here, built once for each of them and Go. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../scripts/tool.ts';

export const kubectlVersions = ['1.29', '1.32', '1.37'] as const;
export type KubectlVersion = (typeof kubectlVersions)[number];

/** Paths of executables. */
export interface RealTools {
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly etcd: string;
  readonly kubectl: Readonly<Record<KubectlVersion, string>>;
}

interface Tool {
  /** The folder with the go.mod. */
  readonly module: string;
  readonly name: string;
  readonly package: string;
}

const kubernetes = (module: string, name: string): Tool => ({ module, name, package: `k8s.io/kubernetes/cmd/${name}` });

/** In the order in which they are built: what is wanted first, first. */
const tools = {
  kubeApiserver: kubernetes('kubernetes-1.37', 'kube-apiserver'),
  etcd: { module: 'kubernetes-1.37', name: 'etcd', package: 'go.etcd.io/etcd/server/v3' },
  'kubectl-1.37': kubernetes('kubernetes-1.37', 'kubectl'),
  kubeControllerManager: kubernetes('kubernetes-1.37', 'kube-controller-manager'),
  'kubectl-1.32': kubernetes('kubectl-1.32', 'kubectl'),
  'kubectl-1.29': kubernetes('kubectl-1.29', 'kubectl'),
} as const satisfies Readonly<Record<string, Tool>>;

/** Why they cannot be built here; false when they can. */
export function missing(): string | false {
  return goVersion() === undefined ? 'there is no Go on the PATH, which builds the real control plane' : false;
}

/**
 * Builds what is not there yet, one program after the other (minutes each), and tells how long each took.
 * @throws {Error} when there is no Go, or what it said when a build fails.
 */
export async function realTools(tell: (line: string) => void = (line) => void process.stderr.write(`${line}\n`)): Promise<RealTools> {
  const why = missing();
  if (why !== false) throw new Error(why);
  for (const tool of Object.values(tools)) await built(tool, tell);
  const kubectl = { '1.29': fileOf(tools['kubectl-1.29']), '1.32': fileOf(tools['kubectl-1.32']), '1.37': fileOf(tools['kubectl-1.37']) };
  const { kubeApiserver, kubeControllerManager, etcd } = tools;
  return { kubeApiserver: fileOf(kubeApiserver), kubeControllerManager: fileOf(kubeControllerManager), etcd: fileOf(etcd), kubectl };
}

async function built(tool: Tool, tell: (line: string) => void): Promise<void> {
  const file = fileOf(tool);
  if (existsSync(file)) return;
  const began = performance.now();
  const title = `${tool.name} of ${tool.module}`;
  tell(`building ${title}`);
  await mkdir(join(file, '..'), { recursive: true });
  const part = `${file}.${String(process.pid)}.part`;
  try {
    await goBuild(tool, part);
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
  tell(`built ${title} in ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

/** Without cgo: the same program on every Linux, and no C compiler is needed. */
async function goBuild(tool: Tool, output: string): Promise<void> {
  const args = ['build', '-trimpath', '-ldflags', linkerFlags(tool.module), '-o', output, tool.package];
  const child = spawn('go', args, {
    cwd: folderOf(tool.module),
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`go ${args.join(' ')} in test/real/${tool.module} ended with ${String(code)}:\n${said}`);
}

/** A program built without these calls itself v0.0.0-master. */
function linkerFlags(module: string): string {
  const version = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(readFileSync(join(folderOf(module), 'go.mod'), 'utf8'));
  if (version === null) throw new Error(`test/real/${module}/go.mod requires no k8s.io/kubernetes`);
  const [, gitVersion = '', gitMajor = '', gitMinor = ''] = version;
  const values = Object.entries({ gitVersion, gitMajor, gitMinor });
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const sets = packages.flatMap((name) => values.map(([variable, value]) => `-X ${name}.${variable}=${value}`));
  return ['-s', '-w', ...sets].join(' ');
}

function fileOf({ module, name }: Tool): string {
  const key = createHash('sha256').update(goVersion() ?? '');
  for (const file of ['go.mod', 'go.sum']) key.update(readFileSync(join(folderOf(module), file)));
  return join(root, '.cache/real', key.digest('hex').slice(0, 16), name);
}

function folderOf(module: string): string {
  return join(root, 'test/real', module);
}

let knownVersion: string | undefined;

function goVersion(): string | undefined {
  try {
    knownVersion ??= execFileSync('go', ['version'], {
      encoding: 'utf8',
      cwd: folderOf('kubernetes-1.37'),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
  return knownVersion;
}
