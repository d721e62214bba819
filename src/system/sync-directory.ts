import { open } from 'node:fs/promises';

/** Makes the names in a directory last: they are kept by the directory that they stand in. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
