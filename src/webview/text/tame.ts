/** Characters that are not seen and can make a text read as another one: overrides of direction, zero widths, soft hyphens. */
const invisible = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/gu;
/** Control characters but line feed and tab, and halves of characters. */
const control = /(?![\n\t])[\p{Cc}\u2028\u2029\p{Cs}]/gu;

/** A text without what acts instead of being read. Every text of the timeline goes through here before it is shown. */
export function tame(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(invisible, "").replace(control, "");
}

/** The same on one line. */
export function tameLine(text: string): string {
  return tame(text.replace(/[\r\n\u2028\u2029]+/gu, " "))
    .replace(/\s+/gu, " ")
    .trim();
}
