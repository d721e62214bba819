// The type check: the whole project, then the rooms that must do without a machine (see tsconfig.pure.json).
import { runTool } from './tool.ts';

const projects = ['tsconfig.json', 'tsconfig.pure.json'];

let ok = true;
for (const project of projects) {
  const outcome = await runTool(['node_modules/typescript/bin/tsc', '-p', project], { show: true });
  ok &&= outcome.ok;
}
process.exitCode = ok ? 0 : 1;
