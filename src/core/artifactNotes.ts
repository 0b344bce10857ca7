import { asWritten } from "../base/words";
import type { FoundArtifact, RefusedArtifact } from "./ports/artifacts";

/** One file of an attempt on its way to the platform. */
export interface NotedArtifact extends FoundArtifact {
  /** `sending` is noted before it leaves: a later process that finds it so cannot know whether it arrived. */
  readonly upload: "waiting" | "sending" | "uploaded" | "failed" | "unknown";
  /** Set with `uploaded`. */
  readonly fileId?: string | undefined;
  readonly url?: string | undefined;
  /** Why it was not uploaded, a clause. */
  readonly why?: string | undefined;
}

/** What an attempt left for people and what became of it. On the disk before anything of it is sent. */
export interface ArtifactNotes {
  readonly files: readonly NotedArtifact[];
  readonly refused: readonly RefusedArtifact[];
  /** How many more were refused than are named. */
  readonly unnamed: number;
  /** Stands in the comment, which is found by it where the answer was lost. */
  readonly reference: string;
  /** `none`: the session has no task. */
  readonly comment: "waiting" | "sending" | "told" | "failed" | "none";
}

/** What nobody knows the outcome of, because the process that sent it died, is not sent again. */
export function afterRestart(notes: ArtifactNotes): ArtifactNotes {
  return {
    ...notes,
    files: notes.files.map((file) =>
      file.upload === "sending"
        ? { ...file, upload: "unknown", why: asWritten("the worker was interrupted while it was sent") }
        : file,
    ),
  };
}

/** The notes with one file changed. */
export function withFile(
  notes: ArtifactNotes,
  artifactId: string,
  facts: Partial<NotedArtifact>,
): ArtifactNotes {
  return {
    ...notes,
    files: notes.files.map((file) => (file.artifactId === artifactId ? { ...file, ...facts } : file)),
  };
}

/** A file of an attempt as the views show it. */
export interface ShownArtifact {
  /** Names the copy; undefined for a file that was refused, of which there is none. */
  readonly artifactId: string | undefined;
  readonly name: string;
  /** Bytes. */
  readonly size: number | undefined;
  readonly mediaType: string | undefined;
  readonly state: NotedArtifact["upload"] | "refused";
  /** Why it is not on the platform, a clause. */
  readonly why: string | undefined;
  readonly url: string | undefined;
}

export function shownArtifacts(notes: ArtifactNotes | undefined): readonly ShownArtifact[] {
  if (notes === undefined) return [];
  const files = notes.files.map(({ artifactId, name, size, mediaType, upload, why, url }): ShownArtifact => ({
    artifactId,
    name,
    size,
    mediaType,
    state: upload,
    why,
    url,
  }));
  const refused = notes.refused.map(({ name, why }): ShownArtifact => ({
    artifactId: undefined,
    name,
    size: undefined,
    mediaType: undefined,
    state: "refused",
    why,
    url: undefined,
  }));
  return [...files, ...refused];
}
