/** What a file is by its first bytes, or by being a text of a kind that people read. */
export interface ContentType {
  readonly mediaType: string;
  /** The ending that says so, with its dot. */
  readonly extension: string;
  /** Other endings that say the same. */
  readonly aliases: readonly string[];
  readonly binary: boolean;
}

const binary = (mediaType: string, extension: string, ...aliases: string[]): ContentType => ({
  mediaType,
  extension,
  aliases,
  binary: true,
});
const text = (mediaType: string, extension: string, ...aliases: string[]): ContentType => ({
  mediaType,
  extension,
  aliases,
  binary: false,
});

const png = binary("image/png", ".png");
const jpg = binary("image/jpeg", ".jpg", ".jpeg");
const gif = binary("image/gif", ".gif");
const webp = binary("image/webp", ".webp");
const mp4 = binary("video/mp4", ".mp4", ".m4v");
const webm = binary("video/webm", ".webm");
const pdf = binary("application/pdf", ".pdf");
const plain = text("text/plain", ".txt", ".text", ".log");
const markdown = text("text/markdown", ".md", ".markdown");
const json = text("application/json", ".json");

/** Brands of an ISO media file that are MP4: pictures and QuickTime have the same shape and other brands. */
const mp4Brand = /^(isom|iso[2-9a-c]|mp4[12]|avc1|M4V.|dash|MSNV|mmp4|f4v.)$/su;

/**
 * Undefined for what is not accepted. A binary file is what its bytes say, whatever its name; a text is what its name says,
 * since nothing else can tell, and only where the name says one of the accepted kinds or none.
 * @param extension of the file's name, in lower case with its dot; empty for none.
 */
export function contentTypeOf(content: Buffer, extension: string): ContentType | undefined {
  return binaryType(content) ?? textType(content, extension);
}

function binaryType(content: Buffer): ContentType | undefined {
  const at = (from: number, to: number): string => content.toString("latin1", from, to);
  if (at(0, 8) === "\x89PNG\r\n\x1a\n") return png;
  if (at(0, 3) === "\xff\xd8\xff") return jpg;
  if (at(0, 6) === "GIF87a" || at(0, 6) === "GIF89a") return gif;
  if (at(0, 4) === "RIFF" && at(8, 12) === "WEBP") return webp;
  if (at(4, 8) === "ftyp" && mp4Brand.test(at(8, 12))) return mp4;
  if (at(0, 4) === "\x1aE\xdf\xa3" && at(4, 64).includes("webm")) return webm;
  if (at(0, 5) === "%PDF-") return pdf;
  return undefined;
}

function textType(content: Buffer, extension: string): ContentType | undefined {
  const named = [plain, markdown, json].find((one) => endings(one).includes(extension));
  if (named === undefined && extension !== "") return undefined;
  const read = decodedText(content);
  if (read === undefined) return undefined;
  return named === json && !isJson(read) ? plain : (named ?? plain);
}

/** The text of bytes that are one: UTF-8 throughout, no NUL. */
export function decodedText(content: Uint8Array): string | undefined {
  if (content.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

function isJson(read: string): boolean {
  try {
    JSON.parse(read);
    return true;
  } catch {
    return false;
  }
}

/** The endings that a name of this type may have. */
export function endings(type: ContentType): readonly string[] {
  return [type.extension, ...type.aliases];
}
