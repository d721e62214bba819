import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/tool.ts';
import { plant } from './plant.ts';

/** What the compiler says of one file of domain, by the project's own settings. */
function saidOf(code: string): string {
  const settings = {
    extends: path.join(root, 'tsconfig.pure.json'),
    compilerOptions: { incremental: false, tsBuildInfoFile: null },
    files: [path.join(root, 'pure.d.ts')],
    include: ['src/domain', 'src/api'],
  };
  const { top, remove } = plant({
    'package.json': JSON.stringify({ type: 'module' }),
    'tsconfig.json': JSON.stringify(settings),
    'src/domain/planted.ts': code,
    'src/api/empty.ts': 'export {};',
  });
  try {
    execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', top, '--noEmit'], { encoding: 'utf8' });
    return '';
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return String(error.stdout);
    throw error;
  } finally {
    remove();
  }
}

test('domain compiles without timers, input, output or a machine', () => {
  const effects = [
    'setTimeout',
    'setInterval',
    'setImmediate',
    'fetch',
    'process',
    'console',
    'performance',
    'crypto',
    'Buffer',
    'WebSocket',
    'AbortSignal.timeout',
  ];
  const said = saidOf(effects.map((effect) => `export const a${effect.replace('.', '')} = ${effect};`).join('\n'));
  effects.forEach((effect, index) => assert.match(said, new RegExp(`planted.ts\\(${String(index + 1)},`), effect));
});

test('domain has the language and what only computes', () => {
  assert.equal(saidOf('export const f = (signal: AbortSignal): number => (signal.aborted ? 0 : structuredClone([1]).length);'), '');
});
