import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { plain, type Seen } from './cruise.ts';

/**
 * What the tool should have seen of `folders` and did not, one line each: a rule that looks at nothing finds nothing.
 * Files are those on disk, imports those that a plain reading of the text finds.
 */
export function unseen(top: string, folders: readonly string[], seen: Seen): string[] {
  return sources(top, folders).flatMap((file) => {
    const found = seen.get(file);
    if (found === undefined) return [`${file} was not looked at`];
    return importsIn(readFileSync(path.join(top, file), 'utf8'))
      .filter((specifier) => !found.has(plain(specifier)))
      .map((specifier) => `${file}: its import of ${specifier} was not seen`);
  });
}

/** All source files below `folders`, with `/`. */
export function sources(top: string, folders: readonly string[]): string[] {
  return globSync(
    folders.map((folder) => `${folder}/**/*.{ts,mjs}`),
    { cwd: top },
  ).map((file) => file.split(path.sep).join('/'));
}

/** What the statements `import … from '…'`, `export … from '…'` and `import '…'` name. */
export function importsIn(text: string): string[] {
  return [...text.matchAll(/^(?:import|export)\s(?:[^'";]*\sfrom\s)?'([^']+)';/gm)].flatMap((match) => match[1] ?? []);
}
