import { asWritten } from "../../base/words";
import type { ArtifactFolder, RefusedArtifact } from "../../core/ports/artifacts";
import { contentTypeOf, decodedText, type ContentType } from "./contentType";
import { extensionOf, freeName, plainFileName, withExtension } from "./fileName";
import { entryPath, NotTaken, openFolder, readRegular } from "./openFile";
import { walk, type Entry } from "./walk";

const megabyte = 1024 * 1024;
/** What one attempt may show to people. */
const limits = { files: 20, fileBytes: 25 * megabyte, allBytes: 100 * megabyte } as const;
/** How many refused files are named. */
const namedRefusals = 20;

/** A file that is accepted, with what is kept of it. */
export interface Accepted {
  readonly name: string;
  readonly mediaType: string;
  readonly binary: boolean;
  readonly content: Uint8Array;
}

export interface CollectDeps {
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
  /** Keeps what is accepted; called for one file after the other. */
  readonly keep: (file: Accepted) => Promise<void>;
}

export interface Refusals {
  readonly refused: readonly RefusedArtifact[];
  readonly unnamed: number;
}

/**
 * Looks through a folder that a tool has written and hands over what may be shown. Resolves with what may not. Rejects when
 * the folder is another one than was made, when `keep` does, or with the signal's reason.
 */
export async function collectArtifacts(
  { path, identity }: ArtifactFolder,
  deps: CollectDeps,
  signal: AbortSignal,
): Promise<Refusals> {
  signal.throwIfAborted();
  const root = await openFolder(Buffer.from(path)).catch(() => undefined);
  if (root === undefined) throw new Error(asWritten("The artifacts folder is gone or was replaced."));
  const collection = new Collection(deps);
  try {
    if (root.identity !== identity) {
      throw new Error(asWritten("The artifacts folder was replaced by another one."));
    }
    const all = await walk(root, (entry) => collection.take(entry), signal);
    if (!all) {
      collection.refuse(asWritten("and further files"), asWritten("there are more than are looked at"));
    }
  } finally {
    await root.handle.close();
  }
  return collection;
}

class Collection implements Refusals {
  readonly refused: RefusedArtifact[] = [];
  unnamed = 0;
  readonly #deps: CollectDeps;
  readonly #names = new Set<string>();
  #bytes = 0;

  constructor(deps: CollectDeps) {
    this.#deps = deps;
  }

  refuse(name: string, why: string): void {
    if (this.refused.length < namedRefusals) this.refused.push({ name, why });
    else this.unnamed += 1;
  }

  async take(entry: Entry): Promise<void> {
    const judged = await this.#judge(entry).catch((error: unknown) => whyNot(error));
    if (typeof judged === "string") {
      this.refuse(plainFileName(entry.name), judged);
      return;
    }
    const { content, type } = judged;
    const name = freeName(withExtension(plainFileName(entry.own), type), this.#names);
    await this.#deps.keep({ name, content, mediaType: type.mediaType, binary: type.binary });
    this.#names.add(name.toLowerCase());
    this.#bytes += content.length;
  }

  /** What is kept of a file, or why it is not taken. */
  async #judge(entry: Entry): Promise<string | { readonly content: Uint8Array; readonly type: ContentType }> {
    if (entry.refused !== undefined) return entry.refused;
    if (!entry.isFile) return asWritten("it is a link or no regular file");
    if (this.#names.size >= limits.files) return asWritten("there are more than {0} files", limits.files);
    const path = entryPath(entry.folder, entry.own);
    const raw = await readRegular(path, limits.fileBytes, asWritten("it is larger than 25 MB"));
    if (this.#bytes + raw.length > limits.allBytes) return asWritten("all of them are larger than 100 MB");
    const type = contentTypeOf(raw, extensionOf(plainFileName(entry.own)));
    if (type === undefined) return asWritten("files of its kind are not taken");
    if (type.binary) return { type, content: raw };
    return { type, content: new TextEncoder().encode(this.#deps.redact(decodedText(raw) ?? "")) };
  }
}

function whyNot(error: unknown): string {
  if (error instanceof NotTaken) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ELOOP") return asWritten("it is a link or no regular file");
  if (code === "ENXIO" || code === "ENODEV") return asWritten("it is no regular file");
  return asWritten("it could not be read");
}
