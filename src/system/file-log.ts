import type { FileHandle } from 'node:fs/promises';
import type { LogFile } from '../base/disk.ts';
import { translated } from './file-errors.ts';

/** An append-only file on `handle`, which was opened to read and append. */
export function fileLog(handle: FileHandle): LogFile {
  // The thread pool runs calls side by side: a queue keeps them in order.
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(call: () => Promise<T>): Promise<T> => {
    const result = last.then(call).catch((error: unknown) => {
      throw translated(error);
    });
    last = result.catch(() => undefined);
    return result;
  };
  return {
    append: (bytes) => inOrder(() => writeAll(handle, bytes)),
    // The length counts as data; only times are left behind.
    sync: () => inOrder(() => handle.datasync()),
    read: () => inOrder(() => readAll(handle)),
    truncate: (length) => inOrder(() => handle.truncate(length)),
    close: () => inOrder(() => handle.close()),
  };
}

/** Writes at the end (or at the position of a file that is not open for appending). */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, null);
    written += bytesWritten;
  }
}

/** One call reads less than 2 GiB. */
const largestRead = 1 << 30;

/** The whole file, of any size. */
export async function readAll(handle: FileHandle): Promise<Uint8Array> {
  const { size } = await handle.stat();
  const bytes = new Uint8Array(size);
  let read = 0;
  while (read < size) {
    const { bytesRead } = await handle.read(bytes, read, Math.min(size - read, largestRead), read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}
