/** A directory that one process owns. Names are plain file names, never paths. */
export interface Disk {
  /** Takes the directory for this process, until it ends or unlocks. Makes it if absent. @throws {UserError} when another process has it. */
  lock(): Promise<void>;
  /** Gives the directory back. Nothing happens when it was not locked. */
  unlock(): Promise<void>;
  /** Opens the log for appending, making it if absent. That it exists is durable once this has settled. */
  open(name: string): Promise<LogFile>;
  /**
   * Puts `content`, at once or piece by piece, in place of the whole file, atomically and durably: after a crash the old or the new is there, never a mix.
   * When it rejects, the old is there, or, when the disk failed at the very end, possibly the new.
   * @throws {DiskFull} and whatever the content throws.
   */
  replace(name: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  /** The whole file, or undefined when there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** The names of all files that users of the disk made, in order. Empty when the directory is absent. */
  list(): Promise<string[]>;
  /** Removes the file durably. Nothing happens when there is none. */
  remove(name: string): Promise<void>;
}

/** An append-only file. What was appended is durable once a later `sync` has settled; a crash may lose or tear what came after. All calls take effect in the order in which they were made. */
export interface LogFile {
  /** Appends at the end. @throws {DiskFull} Whenever it rejects, a part of `bytes` may have been appended. */
  append(bytes: Uint8Array): Promise<void>;
  /** @throws {DiskFull} Whenever it rejects, nothing is known about what came after the last successful one. */
  sync(): Promise<void>;
  /** The whole log. */
  read(): Promise<Uint8Array>;
  /** Cuts the log to its first `length` bytes; durable after the next `sync`. */
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** No room left for what was to be written. */
export class DiskFull extends Error {
  override name = 'DiskFull';
  constructor(options?: ErrorOptions) {
    super('the disk is full', options);
  }
}
