/** Processes that play plans, side by side. */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Order, Played } from './worker.ts';

export interface Player {
  play(order: Order): Promise<Played>;
  stop(): void;
}

const worker = path.join(import.meta.dirname, 'worker.ts');
const compiled = path.join(import.meta.dirname, '../../.cache/compiled');

/**
 * What a process that plays may have kept, bytes. The signals of simulated processes that died never fire, and the runtime keeps those that
 * somebody listens to: about 13 MB a seed. Rather than pretend that the dead went on, their process is replaced.
 */
const mostKept = 1e9;

/** A player whose process is another one whenever the last has kept too much. @param mutant the guard to be missing. */
export async function newPlayer(mutant?: string): Promise<Player> {
  let child = await newChild(mutant);
  return {
    play: async (order) => {
      const played = next(child);
      child.send(order);
      const answer = (await played) as Played;
      if (answer.keptBytes > mostKept) {
        end(child);
        child = await newChild(mutant);
      }
      return answer;
    },
    stop: () => {
      end(child);
    },
  };
}

async function newChild(mutant: string | undefined): Promise<ChildProcess> {
  const execArgv = [
    ...process.execArgv.filter((option) => !option.startsWith('--test')),
    '--max-old-space-size=2000',
    '--max-semi-space-size=64',
  ];
  // What was stripped of its types and compiled once is kept by its content, so that a process of its own for each mutant begins sooner.
  const env = { ...process.env, NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? compiled };
  const child = fork(worker, mutant === undefined ? [] : [mutant], { execArgv, env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await next(child);
  return child;
}

function end(child: ChildProcess): void {
  if (child.connected) child.disconnect();
}

function next(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null): void => {
      reject(new Error(`a process that plays ended with ${String(code)}`));
    };
    child.once('exit', died);
    child.once('message', (message) => {
      child.off('exit', died);
      resolve(message);
    });
  });
}

/** Does `work` for each of `items`, as many at a time as there are players; stops giving out when `enough` says so. */
export async function share<T>(
  items: Iterable<T>,
  players: readonly Player[],
  work: (player: Player, item: T) => Promise<void>,
  enough: () => boolean = () => false,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const busy = async (player: Player): Promise<void> => {
    for (let item = rest.next(); item.done !== true && !enough(); item = rest.next()) await work(player, item.value);
  };
  await Promise.all(players.map(busy));
}
