import type { ArtifactFolder, Artifacts, CollectedArtifacts } from "../../src/core/ports/artifacts";
import type { AttemptFolders } from "../../src/core/work";

const nothingLeft: CollectedArtifacts = { accepted: [], refused: [], unnamed: 0 };

/** What the tool left, as a test says; the copies are their own names. */
export class FakeArtifacts implements Artifacts {
  /** What is found in each folder. */
  found: CollectedArtifacts = nothingLeft;
  failure: Error | undefined;
  readonly gone = new Set<string>();
  readonly collected: string[] = [];
  readonly discarded: string[] = [];

  async collect({ path }: ArtifactFolder): Promise<CollectedArtifacts> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    this.collected.push(path);
    return this.found;
  }

  async read(artifactId: string): Promise<Uint8Array> {
    await Promise.resolve();
    if (this.gone.has(artifactId)) throw new Error("gone");
    return new TextEncoder().encode(`content of ${artifactId}`);
  }

  async discard({ path }: ArtifactFolder): Promise<void> {
    await Promise.resolve();
    this.discarded.push(path);
  }
}

/** Folders of an attempt that are nowhere. */
export function fakeFolders(
  sessionId: string,
  tidy: () => Promise<void> = () => Promise.resolve(),
): AttemptFolders {
  const artifacts = { path: `/artifacts/${sessionId}`, identity: "1:1" };
  return {
    id: `folders of ${sessionId}`,
    artifacts,
    quarantine: `/quarantine/${sessionId}`,
    inputs: `/inputs/${sessionId}`,
    keepInput: () => Promise.resolve(),
    tidy,
  };
}
