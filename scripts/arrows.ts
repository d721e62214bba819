// Who imports whom: the rules stand in .dependency-cruiser.mjs. Fails too when it saw less than there is.
import { cruise } from './arrows/cruise.ts';
import { unseen } from './arrows/floor.ts';
import { root } from './tool.ts';

const { violations, seen } = await cruise(root, ['src', 'test', 'scripts']);
// Tests carry sources in texts, so the floor stands under what runs.
const blind = unseen(root, ['src', 'scripts'], seen).filter((line) => !/[.]test[.]ts[ :]/.test(line));
const faults = [...violations.map(({ rule, from, to }) => `${rule}: ${from} → ${to}`), ...blind];
const imports = [...seen.values()].reduce((sum, specifiers) => sum + specifiers.size, 0);

for (const fault of faults) process.stdout.write(`${fault}\n`);
process.stdout.write(`${String(seen.size)} files, ${String(imports)} imports, ${String(faults.length)} faults\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
