/** Text that a stranger may have written, made harmless for the places where the editor would read it as markup. */

/** For a MarkdownString: every ASCII punctuation mark is escaped, so neither links, images, HTML nor icons come out. */
export function escapeMarkdown(text: string): string {
  return oneLine(text).replace(/[!-/:-@[-`{-~]/g, "\\$&");
}

/** For labels that turn `$(name)` into an icon: quick picks and the status bar. */
export function escapeIcons(text: string): string {
  return oneLine(text).replaceAll("$(", "\\$(");
}

/** For notifications and view messages, which turn `[text](command:…)` into a link that runs a command. */
export function escapeLinks(text: string): string {
  return oneLine(text).replaceAll("](", "] (");
}

/** Line breaks and other control characters become spaces; direction overrides, which can fake a text, go. */
export function oneLine(text: string): string {
  return text
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
}

/** Longest name of a branch that a row shows whole. */
export const branchLength = 60;

/** Both ends of a name that is too long: names made from titles differ at their end. */
export function middle(name: string, most: number): string {
  if (name.length <= most) return name;
  const tail = Math.floor((most - 1) / 3);
  return `${name.slice(0, most - 1 - tail)}…${name.slice(-tail)}`;
}

/** The first `count` words. */
export function firstWords(text: string, count: number): string {
  const words = oneLine(text).split(/\s+/);
  return words.length <= count ? words.join(" ") : `${words.slice(0, count).join(" ")}…`;
}
