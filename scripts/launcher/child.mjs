import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Failure } from './failure.mjs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {{ status: number | null, signal: NodeJS.Signals | null, stopped: boolean, error?: Error }} Ended */

/** @type {readonly NodeJS.Signals[]} */
const relayed = process.platform === 'win32' ? [] : ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** How long it takes until all whom a signal was sent to have it, a busy machine included. */
const settleMs = 150;
/** npm passes on what the terminal has already sent to all of us: within this time it is the same key stroke. */
const sameStrokeMs = 1_000;

/**
 * Runs a program to its end, with our own terminal, and ends as it ended.
 * @param {string} node
 * @param {string[]} args
 */
export async function run(node, args) {
  const ended = await relay(spawn(node, args, { stdio: 'inherit' }));
  if (ended.error !== undefined)
    throw new Failure(
      `${node} does not run on this system (${ended.error.message}). Install Node 24, put it first on the PATH, and try again.`,
    );
  if (ended.signal === null) {
    process.exitCode = ended.status ?? 1;
    return;
  }
  process.kill(process.pid, ended.signal);
  // Where a signal cannot end us, the shell's convention says it.
  process.exitCode = 128 + constants.signals[ended.signal];
}

/**
 * Waits for the child, however often we are told to stop: whoever sees us gone may rely on the child being gone.
 * Passes on each signal that the child has not already had from the terminal.
 * @param {ChildProcess} child
 * @returns {Promise<Ended>}
 */
export async function relay(child) {
  let stopped = false;
  const witness = startWitness();
  /** @type {(() => void)[]} */
  const undo = [];
  for (const signal of relayed) {
    const pass = oncePerStroke(witness, signal, () => child.kill(signal));
    const listener = () => {
      stopped = true;
      pass();
    };
    process.on(signal, listener);
    undo.push(() => process.off(signal, listener));
  }
  const ended = await endOf(child);
  for (const step of undo) step();
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
 * @param {{ hadToo: (signal: NodeJS.Signals) => boolean }} witness
 * @param {NodeJS.Signals} signal
 * @param {() => void} pass
 */
function oncePerStroke(witness, signal, pass) {
  let deciding = false;
  let sentToAllAt = -Infinity;
  return () => {
    if (deciding || performance.now() - sentToAllAt < sameStrokeMs) return;
    deciding = true;
    setTimeout(() => {
      deciding = false;
      if (witness.hadToo(signal)) sentToAllAt = performance.now();
      else pass();
    }, settleMs);
  };
}

/**
 * A process beside the child that dies of what it is sent. A terminal sends Ctrl-C to all of us, `kill` to one: passing on the
 * former would be the child's second, which many take as "at once". No system call tells the two apart, but the witness does.
 */
function startWitness() {
  /** @type {NodeJS.Signals | null} */
  let diedOf = null;
  let over = relayed.length === 0;
  /** @type {ChildProcess | undefined} */
  let current;
  const start = () => {
    if (over) return;
    // It ends by itself when we are gone, since its input then ends.
    current = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    current.once('error', () => undefined);
    current.once('exit', (_status, signal) => {
      diedOf = signal;
      start();
    });
    current.unref();
  };
  start();
  return {
    /** @param {NodeJS.Signals} signal */
    hadToo(signal) {
      const had = diedOf === signal;
      diedOf = null;
      return had;
    },
    end() {
      over = true;
      current?.stdin?.destroy();
      current?.kill();
    },
  };
}
