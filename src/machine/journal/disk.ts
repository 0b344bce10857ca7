/**
 * One private folder as the journal uses it. Names are plain file names. Every call that writes rejects when it cannot
 * vouch for the result, and what it vouches for survives a crash.
 */
export interface JournalDisk {
  /** Where the folder lies, for messages and logs. */
  readonly folder: string;
  /** The names in the folder; none when it is missing. Makes nothing. */
  list(): Promise<readonly string[]>;
  /** All bytes of a file, undefined when it is missing. Rejects with UnreadableFileError when the file itself is at fault. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Makes an empty file, with the folder when that is missing; false when the name is taken. Atomic among processes. */
  reserve(name: string): Promise<boolean>;
  /** Makes or replaces a file: after a crash it has all the bytes, or what was there before. */
  create(name: string, bytes: Uint8Array): Promise<void>;
  /** Adds to the end of a file that must exist. When it rejects, any part of the bytes may have been written. */
  append(name: string, bytes: Uint8Array): Promise<void>;
  /** Cuts a file that must exist to `size` bytes. */
  truncate(name: string, size: number): Promise<void>;
  /** A missing file is fine. After a crash the file may be there again. */
  remove(name: string): Promise<void>;
  /** Moves a file out of the way under a new name, and returns that name; undefined when it is gone already. */
  setAside(name: string): Promise<string | undefined>;
}

/** A file that can be listed and not read: it is set aside, not taken for an empty one. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}
