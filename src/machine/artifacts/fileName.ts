import { clip } from "../../core/text";
import { endings, type ContentType } from "./contentType";

/** Longest name that is shown and sent, characters. */
const nameLimit = 100;
const extensionLimit = 12;
/** Names that Windows keeps for devices, whatever their ending. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/iu;

/** The ending of a name, in lower case with its dot; empty for none. */
export function extensionOf(name: string): string {
  return /[^.](\.[a-z0-9]+)$/iu.exec(name)?.[1]?.toLowerCase() ?? "";
}

/**
 * A name that a tool chose, made harmless for every file system, form and view: one line without control, invisible or
 * direction-changing characters, separators or what shells and Windows read as more. At most 100 characters, never empty.
 */
export function plainFileName(raw: Uint8Array): string {
  const plain = new TextDecoder()
    .decode(raw)
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}]+/gu, "")
    .replace(/[/\\:*?"<>|]/gu, "_")
    .replace(/\s+/gu, " ")
    .replace(/^[\s.]+|[\s.]+$/gu, "")
    .replace(devices, "_$1");
  return plain === "" ? "unnamed" : clipName(plain);
}

/** The name with an ending that says what the content is. */
export function withExtension(name: string, type: ContentType): string {
  return endings(type).includes(extensionOf(name)) ? name : clipName(`${name}${type.extension}`);
}

/** The name, or with a number the first one that is not taken. File systems may take capitals for small letters. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  const [stem, extension] = parts(name);
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : clipName(`${stem} (${number})${extension}`, ` (${number})`);
    if (!taken.has(tried.toLowerCase())) return tried;
  }
}

/** Clipped before the ending, which says what it is. @param kept what stands before the ending stays too. */
function clipName(name: string, kept = ""): string {
  if (name.length <= nameLimit) return name;
  const [stem, extension] = parts(name);
  const end = `${kept}${extension}`;
  return `${clip(stem.slice(0, stem.length - kept.length), nameLimit - end.length)}${end}`;
}

function parts(name: string): readonly [string, string] {
  const { length } = extensionOf(name);
  if (length === 0 || length > extensionLimit) return [name, ""];
  return [name.slice(0, -length), name.slice(-length)];
}
