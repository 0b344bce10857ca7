// A language that nobody speaks and everybody can read: accents on each letter, brackets around each text. What is on the screen without
// them never went through the translation.

const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const accents = "áƀçďéƒĝĥîĵķļɱñöþǫřšťûṽŵẋýžÁɃÇĎÉƑĜĤÎĴĶĻṀÑÖÞǪŘŠŤÛṼŴẊÝŽ";

/** Values, icons, targets of links and the names of keys in them stay as they are. */
const kept = /\{\d+\}|\$\([\w~-]+\)|\]\([^)]*\)|`[^`]*`/gu;

/** The text in the language that nobody speaks. */
export function pseudo(text: string): string {
  let at = 0;
  let result = "";
  for (const match of text.matchAll(kept)) {
    result += accented(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return `⟦${result}${accented(text.slice(at))}⟧`;
}

/** A bundle of texts in the language that nobody speaks; of the manifest or of the code. */
export function pseudoBundle(english: Readonly<Record<string, unknown>>): Record<string, string> {
  const messageOf = (text: unknown): string =>
    typeof text === "object" && text !== null && "message" in text ? String(text.message) : String(text);
  return Object.fromEntries(Object.entries(english).map(([key, text]) => [key, pseudo(messageOf(text))]));
}

function accented(text: string): string {
  return text.replace(/[A-Za-z]/gu, (letter) => accents.charAt(plain.indexOf(letter)));
}

/**
 * Words in plain letters: what nobody translated.
 * @param data what is no text of ours: titles, names, commands, paths.
 */
export function rawWords(text: string, data: readonly string[] = []): readonly string[] {
  let rest = text.replace(/\$\([\w~-]+\)/gu, " ").replace(/`[^`]*`|\]\([^)]*\)/gu, " ");
  for (const one of data.toSorted((a, b) => b.length - a.length)) rest = rest.replaceAll(one, " ");
  return rest.match(/(?<![\p{L}\d])[A-Za-z]{3,}(?![\p{L}\d])/gu) ?? [];
}
