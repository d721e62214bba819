import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { relay } from './child.mjs';
import { Failure } from './failure.mjs';
import { isCurrent } from './installed.mjs';
import { exclusively, isAlive } from './lock.mjs';
import { needsPinned } from './runtime.mjs';

/**
 * Installs what package-lock.json asks for, and tells the person so. Safe beside others that do the same.
 * @param {string} root
 */
export async function install(root) {
  const cache = path.join(root, '.cache');
  const waiting = () => say('Another start is installing the packages; waiting for it…');
  try {
    fs.mkdirSync(cache, { recursive: true });
    await exclusively(path.join(cache, 'install.lock'), waiting, async () => {
      if (!isCurrent(root, needsPinned(root))) await installAside(root, cache);
    });
  } catch (error) {
    if (error instanceof Failure || !(error instanceof Error && 'syscall' in error)) throw error;
    throw new Failure(`The packages could not be installed: ${error.message}`);
  }
}

/**
 * In a folder of its own, then swapped: node_modules is whole or absent, whenever we are stopped, and serves others meanwhile.
 * @param {string} root
 * @param {string} cache
 */
async function installAside(root, cache) {
  const started = Date.now();
  say('Installing the packages (once; about half a minute)…');
  removeLeftovers(cache);
  const aside = path.join(cache, `install-${String(process.pid)}`);
  fs.mkdirSync(aside);
  try {
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) fs.copyFileSync(path.join(root, file), path.join(aside, file));
    await npmCi(aside);
    const target = path.join(root, 'node_modules');
    if (fs.existsSync(target)) fs.renameSync(target, path.join(aside, 'replaced'));
    fs.renameSync(path.join(aside, 'node_modules'), target);
  } finally {
    fs.rmSync(aside, { recursive: true, force: true });
  }
  say(`Installed in ${String(Math.round((Date.now() - started) / 1000))} s.`);
}

/**
 * What installations left that were killed.
 * @param {string} cache
 */
function removeLeftovers(cache) {
  for (const name of fs.readdirSync(cache)) {
    const installer = /^install-(\d+)$/.exec(name)?.[1];
    if (installer !== undefined && !isAlive(Number(installer))) fs.rmSync(path.join(cache, name), { recursive: true, force: true });
  }
}

/**
 * No package of ours needs an install script, so none may run.
 * @param {string} folder
 */
async function npmCi(folder) {
  const args = ['ci', '--prefix', folder, '--ignore-scripts', '--include=dev', '--include=optional', '--loglevel=error', '--no-progress'];
  const [command, ...first] = npmCommand();
  /** @type {Buffer[]} */
  const said = [];
  const ended = await relay(() => {
    const child = spawn(command, [...first, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], shell: command === 'npm.cmd' });
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => said.push(chunk));
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => said.push(chunk));
    return child;
  });
  if (ended.error !== undefined)
    throw new Failure(`npm could not be started (${ended.error.message}). Install npm, which comes with Node, and try again.`);
  if (ended.signal !== null || ended.stopped) throw new Failure('The installation was interrupted; the next start does it again.');
  if (ended.status !== 0) throw new Failure(npmFailed(Buffer.concat(said).toString('utf8')));
}

/** @returns {[string, ...string[]]} */
function npmCommand() {
  // npm says where it is to the scripts that it runs; other package managers do too, and are not npm.
  const running = process.env.npm_execpath;
  if (running !== undefined && /npm-cli\.[cm]?js$/.test(running)) return [process.execPath, running];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

/** @param {string} output */
function npmFailed(output) {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !line.includes('EBADENGINE'));
  return [
    'npm could not install the packages. It said:',
    ...lines.slice(-12).map((line) => `  ${line}`),
    'The packages come from the npm registry: check the network, the proxy and `npm config get registry`, then try again (`npm ci` shows it all).',
  ].join('\n');
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}
