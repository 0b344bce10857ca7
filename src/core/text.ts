/** A stranger's title made fit for a row: one line, no control or direction-changing characters, at most 200 characters. */
export function plainTitle(title: string): string {
  const plain = title
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[\p{Cf}\p{Cs}]+/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
  return plain === "" ? "(untitled session)" : clip(plain, 200);
}

/** The text, or its start with an ellipsis, never longer than `limit` characters and never half a surrogate pair. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${/[\uD800-\uDBFF]$/u.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** The first line, clipped. */
export function firstLine(text: string, limit: number): string {
  return clip(text.trim().split(/\r?\n/u, 1)[0] ?? "", limit);
}

/** A fenced code span that the content cannot close: for commands and paths inside Markdown. Empty for empty text. */
export function code(text: string): string {
  const oneLine = text.replace(/\s+/gu, " ").trim();
  if (oneLine === "") return "";
  const longest = Math.max(0, ...[...oneLine.matchAll(/`+/gu)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  return longest === 0 ? `${fence}${oneLine}${fence}` : `${fence} ${oneLine} ${fence}`;
}
