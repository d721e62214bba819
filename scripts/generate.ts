/** Writes what is made from the schemas: crds/ and docs/reference/api.md; and docs/differences.md. With --check it only says whether they are up to date. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { dump } from 'js-yaml';
import { simGroup } from '../src/api/common.ts';
import { crdOf } from '../src/api/crd.ts';
import { kinds } from '../src/api/kinds.ts';
import { referencePage } from '../src/api/reference.ts';
import { differencesPage } from '../test/differential/differences-page.ts';
import { knownDifferences } from '../test/differential/known.ts';

const root = join(import.meta.dirname, '..');
const notice = '# Made by `npm run generate` from src/api; do not edit.\n';

const yaml = (value: unknown): string => notice + dump(value, { noRefs: true, lineWidth: 140 });
/** The kinds of the simulation stand apart: kustomize reaches no file beside a folder, and production installs all but them. */
const folderOf = (group: string): string => (group === simGroup ? 'crds/sim' : 'crds');

const wanted = new Map<string, string>();
for (const kind of kinds) wanted.set(`${folderOf(kind.group)}/${kind.group}_${kind.plural}.yaml`, yaml(crdOf(kind)));
for (const folder of new Set([...wanted.keys()].map((file) => dirname(file)))) {
  const resources = [...wanted.keys()].filter((file) => dirname(file) === folder).map((file) => basename(file));
  wanted.set(
    `${folder}/kustomization.yaml`,
    yaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: resources.sort() }),
  );
}
wanted.set('docs/reference/api.md', referencePage(kinds));
wanted.set('docs/differences.md', differencesPage(knownDifferences));

const entries = await readdir(join(root, 'crds'), { recursive: true, withFileTypes: true }).catch(() => []);
const present = entries
  .filter((entry) => entry.isFile())
  .map((entry) => join(relative(root, entry.parentPath), entry.name).replaceAll('\\', '/'));
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
  await mkdir(join(root, 'crds/sim'), { recursive: true });
  await mkdir(join(root, 'docs/reference'), { recursive: true });
  for (const file of different) await writeFile(join(root, file), wanted.get(file) ?? '');
  for (const file of stale) await rm(join(root, file));
  console.log(`${String(different.length)} written, ${String(stale.length)} removed, ${String(wanted.size)} in all`);
}
