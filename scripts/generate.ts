/** Writes what is made from the schemas: crds/*.yaml and docs/reference/api.md. With --check it only says whether they are up to date. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { crdOf } from '../src/api/crd.ts';
import { kinds } from '../src/api/kinds.ts';
import { referencePage } from '../src/api/reference.ts';

const root = join(import.meta.dirname, '..');
const notice = '# Made by `npm run generate` from src/api; do not edit.\n';

const wanted = new Map<string, string>();
for (const kind of kinds)
  wanted.set(`crds/${kind.group}_${kind.plural}.yaml`, notice + dump(crdOf(kind), { noRefs: true, lineWidth: 140 }));
wanted.set('docs/reference/api.md', referencePage(kinds));

const present = (await readdir(join(root, 'crds')).catch(() => [])).map((file) => `crds/${file}`);
const stale = present.filter((file) => !wanted.has(file));
const different: string[] = [];
for (const [file, text] of wanted) {
  const found = await readFile(join(root, file), 'utf8').catch(() => undefined);
  if (found !== text) different.push(file);
}

if (process.argv.includes('--check')) {
  for (const file of [...different, ...stale]) console.error(`${file} is not what src/api makes: run npm run generate`);
  process.exitCode = different.length + stale.length === 0 ? 0 : 1;
} else {
  await mkdir(join(root, 'crds'), { recursive: true });
  await mkdir(join(root, 'docs/reference'), { recursive: true });
  for (const file of different) await writeFile(join(root, file), wanted.get(file) ?? '');
  for (const file of stale) await rm(join(root, file));
  console.log(`${String(different.length)} written, ${String(stale.length)} removed, ${String(wanted.size)} in all`);
}
