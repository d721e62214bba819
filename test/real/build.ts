/** Builds what is missing of the real control plane. The last line is the folder of the newest kubectl, for a PATH. */
import { dirname } from 'node:path';
import { realTools } from './tools.ts';

const { kubectl } = await realTools();
process.stdout.write(`${dirname(kubectl['1.37'])}\n`);
