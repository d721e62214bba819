import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Failure } from './failure.mjs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {{ status: number | null, signal: NodeJS.Signals | null, stopped: boolean, error?: Error }} Ended */

/** @type {readonly NodeJS.Signals[]} */
const relayed = process.platform === 'win32' ? [] : ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** npm passes on what the terminal has already sent to all of us: within this time it is the same key stroke. */
const sameStrokeMs = 2_000;
/** A death that we learn of before the signal that brought it. */
const recentMs = 500;
/** Better passed on twice than never. */
const patienceMs = 1_000;

/**
 * Runs a program to its end, with our own terminal, and ends as it ended.
 * @param {string} node
 * @param {string[]} args
 */
export async function run(node, args) {
  const ended = await relay(() => spawn(node, args, { stdio: 'inherit' }));
  if (ended.error !== undefined)
    throw new Failure(`${node} does not run here (${ended.error.message}). Install Node 24 and put it first on the PATH.`);
  if (ended.signal === null) {
    process.exitCode = ended.status ?? 1;
    return;
  }
  process.kill(process.pid, ended.signal);
  // Where a signal cannot end us, the shell's convention says it.
  process.exitCode = 128 + constants.signals[ended.signal];
}

/**
 * Starts the child and waits for it, however often we are told to stop: whoever sees us gone may rely on the child being gone.
 * Passes on each signal that the child has not already had from the terminal.
 * @param {() => ChildProcess} begin
 * @returns {Promise<Ended>}
 */
export async function relay(begin) {
  let stopped = false;
  /** @type {(signal: NodeJS.Signals) => unknown} */
  let pass = () => undefined;
  const listener = (/** @type {NodeJS.Signals} */ signal) => {
    stopped = true;
    pass(signal);
  };
  // Before the child is there, since from then on a signal must not end us; handled after it is there, since nothing here waits.
  for (const signal of relayed) process.on(signal, listener);
  const child = begin();
  const witness = startWitness();
  pass = oncePerStroke(witness, (signal) => child.kill(signal));
  const ended = await endOf(child);
  for (const signal of relayed) process.off(signal, listener);
  witness.end();
  return { ...ended, stopped };
}

/**
 * @param {ChildProcess} child
 * @returns {Promise<Omit<Ended, 'stopped'>>}
 */
function endOf(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ status: null, signal: null, error }));
    child.once('close', (status, signal) => resolve({ status, signal }));
  });
}

/**
 * @param {Witness} witness
 * @param {(signal: NodeJS.Signals) => void} pass
 * @returns {(signal: NodeJS.Signals) => Promise<void>}
 */
function oncePerStroke(witness, pass) {
  /** @type {Set<NodeJS.Signals>} */
  const deciding = new Set();
  /** @type {Map<NodeJS.Signals, number>} */
  const sentToAllAt = new Map();
  return async (signal) => {
    const stroke = sentToAllAt.get(signal) ?? -Infinity;
    if (deciding.has(signal) || performance.now() - stroke < sameStrokeMs) return;
    deciding.add(signal);
    const sentToAll = await witness.hadToo(signal);
    deciding.delete(signal);
    if (sentToAll) sentToAllAt.set(signal, performance.now());
    else pass(signal);
  };
}

/** @typedef {{ hadToo: (signal: NodeJS.Signals) => Promise<boolean>, end: () => void }} Witness */

/**
 * A process beside the child that dies of what it is sent. A terminal sends Ctrl-C to all of us, `kill` to one: passing on the
 * former would be the child's second, which many take as "at once". No system call tells the two apart, but the witness does: it
 * echoes, unless what it was sent has ended it before.
 * @returns {Witness}
 */
function startWitness() {
  let death = { of: /** @type {NodeJS.Signals | null} */ (null), at: -Infinity };
  let over = relayed.length === 0;
  /** @type {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, null> | undefined} */
  let current;
  /** @type {((diedOf: NodeJS.Signals | null) => void)[]} */
  const asking = [];
  const answer = (/** @type {NodeJS.Signals | null} */ diedOf) => {
    for (const tell of asking.splice(0)) tell(diedOf);
  };
  const start = () => {
    if (over) return;
    // It ends by itself when we are gone, since its input then ends.
    current = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
    current.stdin.on('error', () => undefined);
    current.stdout.on('data', () => answer(null));
    current.once('error', () => {
      over = true;
      answer(null);
    });
    current.once('exit', (_status, signal) => {
      death = { of: signal, at: performance.now() };
      start();
      answer(signal);
    });
  };
  start();
  return {
    async hadToo(signal) {
      if (death.of === signal && performance.now() - death.at < recentMs) return true;
      if (over) return false;
      const diedOf = await new Promise((/** @type {(diedOf: NodeJS.Signals | null) => void} */ resolve) => {
        asking.push(resolve);
        current?.stdin.write('?');
        setTimeout(resolve, patienceMs, null).unref();
      });
      return diedOf === signal;
    },
    end() {
      over = true;
      current?.stdin.destroy();
      current?.kill();
    },
  };
}
