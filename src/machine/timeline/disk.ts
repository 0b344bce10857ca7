/** What of a file was read already. */
export interface FileMark {
  /** Another one where the file was replaced. */
  readonly file: string;
  readonly size: number;
}

export interface Piece {
  readonly mark: FileMark;
  /** From the start of the file, because it is not the one of the mark, or was cut. */
  readonly whole: boolean;
  readonly bytes: Uint8Array;
}

/** The private folder of timelines. Names are plain file names. Nothing is vouched for after a crash. */
export interface TimelineDisk {
  /** Where the folder lies, for logs. */
  readonly folder: string;
  /** What came after the mark; undefined when there is no such file. Rejects with UnreadableFileError when the file is at fault. */
  readSince(name: string, mark: FileMark | undefined): Promise<Piece | undefined>;
  /** Adds lines to the end of a file, which is made where it is missing. Resolves with its size. */
  append(name: string, bytes: Uint8Array): Promise<number>;
  /** Makes or replaces a file whole. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  /** Moves a file out of the way under a new name. */
  setAside(name: string): Promise<void>;
}
