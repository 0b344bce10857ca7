import { homedir, hostname, tmpdir } from "node:os";
import { realpathSync } from "node:fs";

const longestChars = 1500;

/** Names that stand for the same thing throughout one transcript, in the order in which they come. */
class Names {
  readonly #known = new Map<string, string>();
  readonly #make: (number: number) => string;

  constructor(make: (number: number) => string) {
    this.#make = make;
  }

  of(text: string): string {
    const known = this.#known.get(text) ?? this.#make(this.#known.size + 1);
    this.#known.set(text, known);
    return known;
  }
}

/**
 * Takes out of the messages of one conversation what belongs to a machine, a person or a moment: paths, ids, times, the
 * machine's names. The same message gives the same text on every machine.
 * @param root the folder of the recording, which becomes `/lab`
 */
export class Scrubber {
  readonly #folders: readonly (readonly [string, string])[];
  readonly #uuids = new Names((one) => `00000000-0000-4000-8000-${String(one).padStart(12, "0")}`);
  readonly #itemIds = new Map<string, Names>();

  constructor(root: string) {
    const folders: readonly (readonly [string, string])[] = [
      [root, "/lab"],
      [tmpdir(), "/temporary"],
      [homedir(), "/home-folder"],
    ];
    this.#folders = folders.flatMap(([path, name]) => [
      [realpathSync(path), name] as const,
      [path, name] as const,
    ]);
  }

  value(value: unknown, key = ""): unknown {
    if (typeof value === "string") return this.#string(value, key);
    if (typeof value === "number") return /(?:At|Ms)$/u.test(key) ? 0 : value;
    if (Array.isArray(value)) return value.map((one: unknown) => this.value(one, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]: [string, unknown]) => [name, this.value(inner, name)]),
    );
  }

  #string(text: string, key: string): string {
    if (key === "serverName") return "machine";
    if (key === "processId") return "1";
    if (key === "userAgent") return text.replace(/ .*$/u, " (system)");
    let clean = text;
    for (const [path, name] of this.#folders) clean = clean.replaceAll(path, name);
    clean = clean
      .replaceAll(/[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}/giu, (uuid) => this.#uuids.of(uuid))
      .replaceAll(/\b(msg|rs|fc|ctc|call|resp)_\d+\b/gu, (id, kind: string) => this.#itemId(id, kind))
      .replaceAll(/\b[\da-f]{40}\b/gu, (sha) => "0".repeat(sha.length))
      .replaceAll(/one-worker-[\w-]+/gu, "one-worker-scratch")
      .replaceAll(
        /\d{4}\/\d\d\/\d\d\/rollout-[\d-]{10}T[\d-]{8}-/gu,
        "2026/01/01/rollout-2026-01-01T00-00-00-",
      )
      .replaceAll(/127\.0\.0\.1:\d+/gu, "127.0.0.1:1")
      .replaceAll(hostname().length > 3 ? hostname() : "\0", "machine");
    return clean.length > longestChars ? `${clean.slice(0, longestChars)}…` : clean;
  }

  #itemId(id: string, kind: string): string {
    const names = this.#itemIds.get(kind) ?? new Names((one) => `${kind}_${one}`);
    this.#itemIds.set(kind, names);
    return names.of(id);
  }
}
