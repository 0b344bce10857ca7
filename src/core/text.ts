const titleLimit = 200;
/** Words of visible ASCII with one space between two: most titles, and nothing in them is to be changed. */
const plainWords = /^[!-~]+(?: [!-~]+)*$/u;

/** A stranger's title made fit for a row: one line, no control or direction-changing characters, at most 200 characters. */
export function plainTitle(title: string): string {
  // Years of sessions are read at each start of the worker, and the classes of Unicode take their time.
  if (title.length <= titleLimit && plainWords.test(title)) return title;
  const plain = title
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[\p{Cf}\p{Cs}]+/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
  return plain === "" ? "(untitled session)" : clip(plain, titleLimit);
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

/** Without what acts instead of being read: controls but line breaks, overrides of direction, half characters. */
function tame(text: string): string {
  return text.replace(/(?![\n\r\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069\p{Cs}]/gu, "");
}

/**
 * Markdown of a stranger that ends what it begins: an open code block or comment would take in whatever is written after it.
 * At most `limit` characters.
 */
export function wholeMarkdown(text: string, limit: number): string {
  const cut = clip(tame(text), limit);
  const fence = openFence(cut);
  if (fence !== undefined) return `${clip(cut, limit - fence.length - 1)}\n${fence}`;
  const comment = cut.lastIndexOf("<!--");
  if (comment === -1 || cut.includes("-->", comment)) return cut;
  return clip(`${cut.slice(0, comment)}&lt;${cut.slice(comment + 1)}`, limit);
}

/** The fence that ends the code block in which the text ends. */
function openFence(text: string): string | undefined {
  let open: string | undefined;
  for (const line of text.split(/\r?\n/u)) {
    const [, fence = "", rest = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/u.exec(line) ?? [];
    if (fence === "") continue;
    if (open === undefined) open = fence.startsWith("`") && rest.includes("`") ? undefined : fence;
    else if (fence.startsWith(open) && rest.trim() === "") open = undefined;
  }
  return open;
}

/** A fenced code span that the content cannot close: for commands and paths inside Markdown. Empty for empty text. */
export function code(text: string): string {
  const oneLine = tame(text)
    .replace(/\p{Cf}/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
  if (oneLine === "") return "";
  const longest = Math.max(0, ...[...oneLine.matchAll(/`+/gu)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  return longest === 0 ? `${fence}${oneLine}${fence}` : `${fence} ${oneLine} ${fence}`;
}
