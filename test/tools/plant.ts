import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Files by their path from the top of the tree. */
export type Tree = Readonly<Record<string, string>>;

export interface Planted {
  /** The folder that holds them. */
  readonly top: string;
  remove(): void;
}

/** Writes a tree of files into a folder of its own. */
export function plant(tree: Tree): Planted {
  const top = mkdtempSync(path.join(tmpdir(), 'planted-'));
  for (const [file, text] of Object.entries(tree)) {
    mkdirSync(path.dirname(path.join(top, file)), { recursive: true });
    writeFileSync(path.join(top, file), text);
  }
  return {
    top,
    remove: () => {
      rmSync(top, { recursive: true, force: true });
    },
  };
}
