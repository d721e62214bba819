/** What the Dockerfile makes, without an engine: its entry point, and a folder with the files of the image. */
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, matchesGlob } from 'node:path';
import { root } from '../../scripts/tool.ts';

interface Instruction {
  readonly name: string;
  readonly value: string;
}

export interface Image {
  /** Of the last stage. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly user: string;
  readonly from: string;
  readonly stages: number;
  readonly workdir: string;
  /** What the last stage takes from the repository. */
  readonly copied: readonly string[];
}

export async function image(): Promise<Image> {
  const text = await readFile(join(root, 'Dockerfile'), 'utf8');
  const all = text
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line): Instruction => {
      const [name = '', ...rest] = line.split(' ');
      return { name, value: rest.join(' ') };
    });
  const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'));
  const one = (wanted: string): string => last.findLast(({ name }) => name === wanted)?.value ?? '';
  return {
    entrypoint: JSON.parse(one('ENTRYPOINT')) as string[],
    command: JSON.parse(one('CMD')) as string[],
    user: one('USER'),
    from: one('FROM'),
    stages: all.filter(({ name }) => name === 'FROM').length,
    workdir: one('WORKDIR'),
    copied: last.filter(({ name, value }) => name === 'COPY' && !value.startsWith('--from')).map(({ value }) => value.split(' ')[0] ?? ''),
  };
}

export interface ImageFolder {
  readonly path: string;
  /** All files in it, but for the packages, with their sizes: what is written there shows. */
  contents(): Promise<string[]>;
  remove(): Promise<void>;
}

/** A folder with what the image has below its WORKDIR: files by COPY and .dockerignore, and the packages that are no developer's. */
export async function imageFolder(): Promise<ImageFolder> {
  const path = await mkdtemp(join(tmpdir(), 'hypersphere-image-'));
  const ignored = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n').filter((line) => line.startsWith('**/'));
  for (const name of (await image()).copied) {
    await cp(join(root, name), join(path, name), {
      recursive: true,
      filter: (from) => !ignored.some((pattern) => matchesGlob(from.slice(root.length + 1), pattern)),
    });
  }
  await linkPackages(path);
  const contents = async (): Promise<string[]> => {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return Promise.all(files.sort().map(async (file) => `${file} ${String((await stat(file)).mtimeMs)}`));
  };
  return { path, contents, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean; readonly devOptional?: boolean }>>;
}

/** As `npm ci --omit=dev --omit=optional`. */
async function linkPackages(folder: string): Promise<void> {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
  for (const [place, { dev, optional, devOptional }] of Object.entries(packages)) {
    const nested = place.lastIndexOf('node_modules/') > 0;
    if (place === '' || nested || dev === true || optional === true || devOptional === true) continue;
    await mkdir(dirname(join(folder, place)), { recursive: true });
    await symlink(join(root, place), join(folder, place));
  }
}

/** `["node", …]` of the image as a command of this machine, with its own Node. */
export function onThisMachine(entrypoint: readonly string[]): { readonly program: string; readonly args: readonly string[] } {
  const [program = '', ...args] = entrypoint;
  if (basename(program) !== 'node') throw new Error(`the image starts ${program}, not node`);
  return { program: process.execPath, args };
}
