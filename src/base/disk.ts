/** A directory that one process owns. Names are plain file names, never paths. */
export interface Disk {
  /** Takes the directory for this process, until it ends. @throws {UserError} when another process has it. */
  lock(): Promise<void>;
  /** Opens the log for appending, making it if absent. */
  open(name: string): Promise<LogFile>;
  /** Puts `content` in place of the whole file, atomically and durably: after a crash the old or the new is there, never a mix. */
  replace(name: string, content: Uint8Array): Promise<void>;
  /** The whole file, or undefined when there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  list(): Promise<string[]>;
  remove(name: string): Promise<void>;
}

/** An append-only file. What was appended is durable once a later `sync` has settled; a crash may lose or tear what came after. */
export interface LogFile {
  /** Appends at the end. Appends are ordered as they were called. */
  append(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  /** The whole log. */
  read(): Promise<Uint8Array>;
  /** Cuts the log to its first `length` bytes. */
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}
