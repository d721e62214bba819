/** A program of ours as a process that is killed, stopped and let go on, and that comes back by itself as under a kubelet. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programOptions } from '../../scripts/launcher/options.mjs';
import { root } from '../../scripts/tool.ts';
import type { Random } from '../../src/base/random.ts';
import { kubeconfigFor } from '../../src/net/kubeconfig.ts';
import { faultProxy, type FaultProxy } from '../churn/fault-proxy.ts';
import { Eyes } from './eyes.ts';

export interface Stage {
  readonly url: string;
  /** PEM text. */
  readonly ca: string;
  readonly token: string;
  readonly folder: string;
  readonly random: Random;
}

export interface ActorOptions {
  readonly name: string;
  /** Below src/cmd. */
  readonly program: string;
  readonly args: readonly string[];
}

/** One that talks to the API server through a proxy of its own. */
export class Actor {
  readonly name: string;
  readonly eyes: Eyes;
  readonly proxy: FaultProxy;
  /** Ends that nobody caused: there should be none. */
  readonly surprises: string[] = [];
  readonly #start: () => Promise<ChildProcess>;
  #child: ChildProcess | undefined;
  #stopped = false;
  #coming: Promise<void> = Promise.resolve();

  private constructor(name: string, eyes: Eyes, proxy: FaultProxy, start: () => Promise<ChildProcess>) {
    this.name = name;
    this.eyes = eyes;
    this.proxy = proxy;
    this.#start = start;
  }

  static async of({ url, ca, token, folder, random }: Stage, { name, program, args }: ActorOptions): Promise<Actor> {
    const eyes = new Eyes({ url, ca });
    const proxy = await faultProxy({ url, ca }, random, eyes);
    const kubeconfig = join(folder, `${name}.kubeconfig`);
    const text = kubeconfigFor({ server: proxy.url, ca: proxy.ca, token, user: 'chaos', cluster: 'chaos' });
    await writeFile(kubeconfig, text, { mode: 0o600 });
    const all = [...programOptions, join(root, 'src/cmd', program), '--kubeconfig', kubeconfig, ...args];
    const start = async (): Promise<ChildProcess> => {
      const log = await open(join(folder, `${name}.log`), 'a', 0o600);
      const child = spawn(process.execPath, all, { stdio: ['ignore', log.fd, log.fd], env: { ...process.env, POD_NAME: name } });
      await log.close();
      running.add(child);
      child.once('exit', () => running.delete(child));
      return child;
    };
    return new Actor(name, eyes, proxy, start);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    if (this.#stopped) return;
    const child = await this.#start();
    this.#child = child;
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return;
      this.surprises.push(`${this.name} ended by itself: ${String(code ?? signal)}`);
      this.#child = undefined;
      this.#comeBack(1000);
    });
  }

  /** As when its power fails; it is started again after `ms`. */
  async kill(ms: number): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined) await end(child);
    this.#comeBack(ms);
  }

  /** It stands still for so long, and knows nothing of it afterwards. */
  async pause(ms: number): Promise<void> {
    const child = this.#child;
    child?.kill('SIGSTOP');
    await sleep(ms);
    child?.kill('SIGCONT');
  }

  /** It goes on, or comes back. */
  async heal(): Promise<void> {
    this.eyes.open();
    this.proxy.blackHole(false);
    this.proxy.refuse(undefined);
    this.#child?.kill('SIGCONT');
    await this.#coming;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined) await end(child);
    await this.#coming;
    this.proxy.close();
  }

  #comeBack(ms: number): void {
    this.#coming = this.#coming.then(() => sleep(ms)).then(() => (this.#child === undefined ? this.start() : undefined));
  }
}

/** Whoever runs: it must not outlive us, however we end. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
