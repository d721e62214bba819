// Builds the container image with whichever engine is there: npm run build:image [-- TAG]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from './tool.ts';

const tag = process.argv[2] ?? 'hypersphere:dev';
const engines = ['docker', 'podman'];

/** @returns the engine's status, or undefined when there is no such engine. */
async function build(engine: string): Promise<number | undefined> {
  const child = spawn(engine, ['build', '--tag', tag, '.'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return status ?? 1;
  } catch {
    return undefined;
  }
}

async function buildWithAny(): Promise<number> {
  for (const engine of engines) {
    const status = await build(engine);
    if (status !== undefined) return status;
  }
  process.stderr.write(`Building an image takes ${engines.join(' or ')}; neither is on the PATH.\n`);
  return 1;
}

process.exitCode = await buildWithAny();
