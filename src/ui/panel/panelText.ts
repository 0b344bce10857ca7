/** Bidirectional and zero-width characters: invisible, and able to make a text read as another one. */
const invisible = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/gu;
/** Control characters but line feed and tab. */
const control = /(?![\n\t])[\p{Cc}\u2028\u2029]/gu;

/**
 * A text exactly as it is, for who is to approve it: what would not be seen, or would reorder the rest, stands there as
 * an escape such as `\u{202e}`.
 */
export function verbatim(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(invisible, escaped).replace(control, escaped);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Is it an address that may be opened in a browser? */
export function isWebLink(url: string): boolean {
  return URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol);
}
