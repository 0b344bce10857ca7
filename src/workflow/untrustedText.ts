/** Removes what hides from a reader or breaks a text channel: controls, tag characters, half surrogate pairs. */
export function plainText(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .replace(/[\u{E0000}-\u{E007F}]/gu, "")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** At most `limit` UTF-16 units, cut between characters, with a note of how much is missing. */
export function bounded(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const note = (missing: number): string => `\n[cut here: ${missing} more characters]`;
  let keep = Math.max(0, limit - note(text.length).length);
  if (keep > 0 && /[\uD800-\uDBFF]/.test(text.charAt(keep - 1))) keep -= 1;
  return text.slice(0, keep) + note(text.length - keep);
}

/** Longer runs of backticks than this say nothing and only make fences long. */
const longestRun = 64;

/** A fenced block that the text cannot close: the fence is longer than any run of backticks in it. */
export function fenced(text: string): string {
  const body = text.replace(/`{65,}/g, "`".repeat(longestRun));
  let longest = 2;
  for (const [run] of body.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${body}\n${fence}`;
}

/** A path or branch as inline code that it cannot leave. */
export function code(value: string): string {
  return `\`${plainText(value).replace(/[`\n\t]/g, "'")}\``;
}
