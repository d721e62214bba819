import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dump, load } from 'js-yaml';
import type { ScenarioShape } from './normalise.ts';

const folder = path.join(import.meta.dirname, 'golden');
const notice = '# What a real kube-apiserver answers. Made by `npm run golden`; do not edit.\n';

/** A group's golden answers, by the names of its scenarios. */
export type Golden = ReadonlyMap<string, ScenarioShape>;

export async function readGolden(group: string): Promise<Golden> {
  if (!existsSync(fileOf(group))) return new Map();
  const shapes = load(await readFile(fileOf(group), 'utf8')) as ScenarioShape[];
  return new Map(shapes.map((shape) => [shape.scenario, shape]));
}

export async function writeGolden(group: string, shapes: readonly ScenarioShape[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(fileOf(group), notice + dump(shapes, { noRefs: true, lineWidth: -1 }));
}

function fileOf(group: string): string {
  return path.join(folder, `${group}.yaml`);
}
