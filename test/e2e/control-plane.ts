/**
 * The control plane that the suite is played on: the one that HYPERSPHERE_E2E_KUBECONFIG leads to (with an operator and simulated hosts on it
 * already), else a trial of its own. The suite itself knows a kubeconfig, nothing more.
 */
import assert from 'node:assert/strict';
import { findKubectl, run, scratch, trial, type Outcome, type RunOptions } from './programs.ts';

/** Leads to the control plane to play on. */
export const e2eVariable = 'HYPERSPHERE_E2E_KUBECONFIG';

export interface Suite {
  /** Runs kubectl; anything but exit code 0 fails the test, with what was printed. @returns standard output. */
  kubectl(...args: string[]): Promise<string>;
  /** Runs kubectl, whatever comes of it. */
  tryKubectl(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** kubectl apply of a manifest given as an object. */
  apply(...objects: object[]): Promise<string>;
  /** One object, read back. */
  get<T = Readable>(...args: string[]): Promise<T>;
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

/** As much of an object as tests look at. */
export interface Readable {
  metadata: {
    name: string;
    uid: string;
    resourceVersion: string;
    generation: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Record<string, unknown>;
  status: Record<string, unknown> & { conditions?: { type: string; status: string; reason: string; message: string }[] };
}

export const kubectlMissing = findKubectl() === undefined ? 'kubectl is not on the PATH' : false;

export async function startSuite(...flags: string[]): Promise<Suite> {
  const given = process.env[e2eVariable];
  if (given !== undefined) return suiteOver(given, () => Promise.resolve());
  const directory = await scratch();
  const process_ = trial(directory.path, ...flags);
  await process_.printed('Ctrl-C stops it');
  return suiteOver(process_.kubeconfig, async () => {
    process_.child.kill('SIGTERM');
    await process_.ended();
    await directory.done();
  });
}

function suiteOver(kubeconfig: string, stop: () => Promise<void>): Suite {
  const program = findKubectl() ?? 'kubectl';
  const tryKubectl: Suite['tryKubectl'] = (args, options = {}) =>
    run(program, args, { ...options, env: { ...options.env, KUBECONFIG: kubeconfig } });
  const checked = (args: readonly string[], { code, stdout, stderr }: Outcome): string => {
    assert.equal(code, 0, `kubectl ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    kubeconfig,
    stop,
    tryKubectl,
    kubectl: async (...args) => checked(args, await tryKubectl(args)),
    apply: async (...objects) =>
      checked(
        ['apply'],
        await tryKubectl(['apply', '-f', '-'], { input: objects.map((object) => JSON.stringify(object)).join('\n---\n') }),
      ),
    get: async <T>(...args: string[]) => JSON.parse(checked(args, await tryKubectl(['get', ...args, '-o', 'json']))) as T,
  };
}
