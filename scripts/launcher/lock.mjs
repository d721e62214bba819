import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A holder shows that it lives by touching the file; one that has not for so long is gone, whatever its number says. */
const silentAfterMs = 30_000;

/**
 * Runs `work` while no other process that asks for the same `file` does. A holder that died is passed over.
 * @template T
 * @param {string} file
 * @param {() => void} onWait called once, when somebody else has it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function exclusively(file, onWait, work) {
  let told = false;
  while (!take(file)) {
    if (!told) onWait();
    told = true;
    await sleep(200);
  }
  const beat = setInterval(() => touch(file), 2_000);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    fs.rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  // Two who find the same dead holder may both go on: whoever installs does so aside and swaps, so that is waste and no harm.
  if (isAbandoned(file)) fs.rmSync(file, { force: true });
  return false;
}

/** @param {string} file */
function isAbandoned(file) {
  try {
    const silentMs = Date.now() - fs.statSync(file).mtimeMs;
    const holder = Number(fs.readFileSync(file, 'utf8'));
    return silentMs > silentAfterMs || (holder > 0 && !isAlive(holder));
  } catch {
    return false;
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** @param {string} file */
function touch(file) {
  try {
    fs.utimesSync(file, new Date(), new Date());
  } catch {
    // Passed over by somebody who took us for dead.
  }
}

/**
 * @param {unknown} error
 * @returns {string | undefined}
 */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
