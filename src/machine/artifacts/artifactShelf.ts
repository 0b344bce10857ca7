import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../base/clock";
import { messageOf, type Log } from "../../base/log";
import type { Random } from "../../base/random";
import { asWritten } from "../../base/words";
import type {
  ArtifactFolder,
  Artifacts,
  CollectedArtifacts,
  FoundArtifact,
} from "../../core/ports/artifacts";
import { ensurePrivateFolder, writePrivateFile } from "../files";
import { collectArtifacts, type Accepted } from "./collect";
import { openFolder } from "./openFile";

/** How long copies are kept, and how much of them, the oldest gone first. */
const kept = { ms: 30 * 24 * 3_600_000, bytes: 1024 * 1024 * 1024 } as const;
const idShape = /^[0-9a-f-]{36}$/u;

export interface ArtifactShelfDeps {
  /** Absolute path of a folder of our own. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
}

/** Keeps a private copy of each artifact, in a folder that bears its id, for uploads and for the editor. */
export class ArtifactShelf implements Artifacts {
  readonly #deps: ArtifactShelfDeps;

  constructor(deps: ArtifactShelfDeps) {
    this.#deps = deps;
  }

  async collect(folder: ArtifactFolder, signal: AbortSignal): Promise<CollectedArtifacts> {
    const accepted: FoundArtifact[] = [];
    const keep = async (file: Accepted): Promise<void> => {
      // Nothing is made on the disk as long as there is nothing to keep.
      if (accepted.length === 0) await this.#prune();
      accepted.push(await this.#keep(file));
    };
    const { refused, unnamed } = await collectArtifacts(folder, { redact: this.#deps.redact, keep }, signal);
    return { accepted, refused, unnamed };
  }

  async read(artifactId: string): Promise<Uint8Array> {
    const path = await this.pathOf(artifactId);
    if (path === undefined) throw new Error(asWritten("The copy of this file is not there any more."));
    return await readFile(path);
  }

  /** Where a copy lies, under the name that people see; undefined when it is gone. */
  async pathOf(artifactId: string): Promise<string | undefined> {
    if (!idShape.test(artifactId)) return undefined;
    const folder = join(this.#deps.folder, artifactId);
    const [name] = await readdir(folder).catch(() => []);
    return name === undefined ? undefined : join(folder, name);
  }

  /** Links in it are removed, not followed. */
  async discard({ path, identity }: ArtifactFolder): Promise<void> {
    try {
      const open = await openFolder(Buffer.from(path));
      await open.handle.close();
      if (open.identity === identity) await rm(path, { recursive: true, force: true });
    } catch (error) {
      this.#deps.log.warn("the folder of told artifacts could not be removed", { message: messageOf(error) });
    }
  }

  async #keep({ name, mediaType, binary, content }: Accepted): Promise<FoundArtifact> {
    const artifactId = this.#deps.random.uuid();
    const folder = join(this.#deps.folder, artifactId);
    await ensurePrivateFolder(this.#deps.folder);
    await ensurePrivateFolder(folder);
    await writePrivateFile(join(folder, name), content);
    return { artifactId, name, mediaType, binary, size: content.length };
  }

  /** Makes room. Never rejects: an old copy too many keeps nobody from a new one. */
  async #prune(): Promise<void> {
    const { folder, clock, log } = this.#deps;
    try {
      const names = await readdir(folder).catch(() => []);
      const copies = await Promise.all(
        names.filter((name) => idShape.test(name)).map((id) => this.#ageOf(id)),
      );
      let bytes = 0;
      for (const copy of copies.sort((one, other) => other.at - one.at)) {
        bytes += copy.size;
        if (bytes <= kept.bytes && clock.now() - copy.at <= kept.ms) continue;
        await rm(join(folder, copy.artifactId), { recursive: true, force: true });
      }
    } catch (error) {
      log.warn("old copies of artifacts could not be removed", { message: messageOf(error) });
    }
  }

  async #ageOf(artifactId: string): Promise<{ artifactId: string; at: number; size: number }> {
    const path = await this.pathOf(artifactId);
    const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
    return { artifactId, at: found?.mtimeMs ?? 0, size: found?.size ?? 0 };
  }
}
