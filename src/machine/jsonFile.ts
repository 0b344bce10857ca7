import type * as z from "zod/mini";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { say } from "../base/words";
import { UserError } from "../core/actions";
import { readPrivateFile, setAside, writePrivateFile } from "./files";

/** What reading state needs: a clock to name what is set aside, a log to tell it. */
export interface StateContext {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Reads a JSON state file. Undefined when there is none. A damaged one is moved aside under a new name and logged as a
 * warning, so that it is neither lost nor taken for "nothing" in silence. Errors of the disk itself are thrown, and so is a
 * UserError where a newer version of the extension wrote the file: it stays as it is.
 */
export async function readJsonFile<T extends z.ZodMiniType>(
  path: string,
  schema: T,
  context: StateContext,
): Promise<z.infer<T> | undefined> {
  const text = await readPrivateFile(path);
  if (text === undefined) return undefined;
  const parsed = parse(text, schema);
  if (parsed.kind === "ok") return parsed.value;
  if (parsed.kind === "newer") throw newer(path);
  const aside = await setAside(path, context.clock.now());
  context.log.warn("A state file was damaged and is kept under a new name", {
    path,
    aside,
    reason: parsed.reason,
  });
  return undefined;
}

/** Writes a value as JSON, whole and on disk when this resolves. */
export async function writeJsonFile(path: string, value: object): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

type Parsed<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "newer" }
  | { readonly kind: "damaged"; readonly reason: string };

/** Every file of this build has this version. */
const presentVersion = 1;

function newer(path: string): UserError {
  return new UserError(
    say(
      "{0} was written by a newer version of this extension. It stays as it is, and nothing was started. Update the extension, or reload this window where it was updated already.",
      path,
    ),
  );
}

function parse<T extends z.ZodMiniType>(text: string, schema: T): Parsed<z.infer<T>> {
  try {
    const json: unknown = JSON.parse(text);
    const parsed = schema.safeParse(json);
    if (parsed.success) return { kind: "ok", value: parsed.data };
    if (isNewer(json)) return { kind: "newer" };
    const first = parsed.error.issues[0];
    return {
      kind: "damaged",
      reason: `${first?.path.map(String).join(".") ?? ""}: ${first?.message ?? "invalid"}`,
    };
  } catch (error) {
    return { kind: "damaged", reason: messageOf(error) };
  }
}

function isNewer(json: unknown): boolean {
  return (
    typeof json === "object" &&
    json !== null &&
    "version" in json &&
    Number.isInteger(json.version) &&
    Number(json.version) > presentVersion
  );
}
