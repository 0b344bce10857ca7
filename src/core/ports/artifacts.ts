/** The folder of an attempt in which the tool leaves what people should see. */
export interface ArtifactFolder {
  /** Absolute path. */
  readonly path: string;
  /** What the operating system knows it by since it was made: another folder in its place is not taken for it. */
  readonly identity: string;
}

/** A file that may be shown to people. What is uploaded and shown is a copy of our own, made when it was looked at. */
export interface FoundArtifact {
  /** Names the copy. */
  readonly artifactId: string;
  /** One line without separators of paths, at most 100 characters; no two of one collection are equal. */
  readonly name: string;
  readonly mediaType: string;
  /** Bytes of the copy. */
  readonly size: number;
  /** It could not be searched for secrets. */
  readonly binary: boolean;
}

/** A file that is not shown to people, with the reason as a clause. */
export interface RefusedArtifact {
  /** One line, at most 100 characters. */
  readonly name: string;
  readonly why: string;
}

export interface CollectedArtifacts {
  readonly accepted: readonly FoundArtifact[];
  readonly refused: readonly RefusedArtifact[];
  /** How many more were refused than are named. */
  readonly unnamed: number;
}

/** What a tool leaves for people: looked through once, kept as copies that nobody else can write. */
export interface Artifacts {
  /**
   * Copies what may be shown, texts without secrets. Rejects with the signal's reason, and when the folder is not the one
   * that was made or the disk does not take the copies.
   */
  collect(folder: ArtifactFolder, signal: AbortSignal): Promise<CollectedArtifacts>;
  /** The bytes of a copy. Rejects when it is not there any more. */
  read(artifactId: string): Promise<Uint8Array>;
  /** All of it is told: removes the folder with all that is in it. Never rejects. */
  discard(folder: ArtifactFolder): Promise<void>;
}
