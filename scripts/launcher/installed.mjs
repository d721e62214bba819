import fs from 'node:fs';
import path from 'node:path';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} Locked */

/**
 * Whether node_modules holds what package-lock.json asks for. npm leaves a list of what it installed, and leaves it last.
 * @param {string} root
 * @param {string | undefined} pinned the package that must be there although it is optional
 */
export function isCurrent(root, pinned) {
  const wanted = packagesIn(path.join(root, 'package-lock.json'));
  const present = packagesIn(path.join(root, 'node_modules', '.package-lock.json'));
  if (present === undefined || wanted === undefined) return false;
  return Object.entries(wanted).every(
    ([name, asked]) => name === '' || satisfies(present[name], asked, name === `node_modules/${pinned ?? ''}`),
  );
}

/**
 * @param {Locked | undefined} found
 * @param {Locked} asked
 * @param {boolean} required
 */
function satisfies(found, asked, required) {
  // What is optional is left out where it belongs to another platform.
  if (found === undefined) return asked.optional === true && !required;
  return found.version === asked.version && found.integrity === asked.integrity;
}

/**
 * @param {string} file
 * @returns {Record<string, Locked> | undefined}
 */
function packagesIn(file) {
  try {
    /** @type {{ packages?: Record<string, Locked> }} */
    const lock = JSON.parse(fs.readFileSync(file, 'utf8'));
    return lock.packages;
  } catch {
    return undefined;
  }
}
