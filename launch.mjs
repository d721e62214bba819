// Runs a TypeScript program of this project under a Node that can: `node launch.mjs [node options] program.ts [arguments]`.
// It needs nothing but Node 20 and npm: it installs the packages on first use, and with them, where this Node is too old, a newer one.
// Nothing here may import a package, or use what Node 20 lacks.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './scripts/launcher/child.mjs';
import { Failure } from './scripts/launcher/failure.mjs';
import { install } from './scripts/launcher/install.mjs';
import { isCurrent } from './scripts/launcher/installed.mjs';
import { optionsFor } from './scripts/launcher/options.mjs';
import { chooseRuntime, needsPinned } from './scripts/launcher/runtime.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));

/** @param {string[]} args */
async function launch(args) {
  if (args.length === 0) throw new Failure('Say which program to run: node launch.mjs src/cmd/trial.ts');
  const own = process.versions.node;
  if (Number(own.split('.')[0]) < 20)
    throw new Failure(`This is Node ${own}; Hypersphere needs Node 20 or later. Install one from your system's packages.`);
  if (!isCurrent(root, needsPinned(root))) await install(root);
  await run(chooseRuntime(root), [...optionsFor(args[0]), ...args]);
}

try {
  await launch(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
