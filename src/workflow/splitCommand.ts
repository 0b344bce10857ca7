import { asWritten } from "../base/words";
/** A command line as argv, or why it cannot be one. */
export type SplitCommand =
  | { readonly kind: "ok"; readonly argv: readonly string[] }
  | { readonly kind: "refused"; readonly reason: string };

const asList = asWritten("write the command as a YAML list of strings");

/**
 * Splits a command line into argv the way a shell would, for lines that need no shell: words, single and double
 * quotes, and a backslash before a space, quote or backslash. Whatever only a shell could do is refused, never guessed.
 */
export function splitCommand(line: string): SplitCommand {
  const words: string[] = [];
  let word: string | undefined;
  let quote: "'" | '"' | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (quote !== undefined && char === quote) {
      quote = undefined;
    } else if (quote !== "'" && char === "\\") {
      const next = line.charAt(at + 1);
      if (!/^[ "'\\]$/.test(next)) {
        return refused(asWritten("a backslash before {0}; {1}", nameOf(next), asList));
      }
      word = (word ?? "") + next;
      at += 1;
    } else if (quote !== "'" && (char === "$" || char === "`")) {
      return refused(asWritten('"{0}" would need a shell; {1}', char, asList));
    } else if (isControl(char)) {
      return refused(asWritten("a line break or control character"));
    } else if (quote !== undefined) {
      word = (word ?? "") + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === " " || char === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[|&;<>(){}[\]*?]/.test(char) || (word === undefined && (char === "~" || char === "#"))) {
      return refused(asWritten('"{0}" would need a shell; {1}', char, asList));
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== undefined) return refused(asWritten("a quote ({0}) that is not closed", quote));
  if (word !== undefined) words.push(word);
  return checked(words);
}

function checked(words: readonly string[]): SplitCommand {
  const first = words[0];
  if (first === undefined || first === "") return refused(asWritten("no program"));
  if (/^[A-Za-z_][A-Za-z0-9_]*=/.test(first)) {
    return refused(
      asWritten("a variable before the program; name variables to pass on in runtime.environment"),
    );
  }
  return { kind: "ok", argv: words };
}

function refused(reason: string): SplitCommand {
  return { kind: "refused", reason };
}

function nameOf(char: string): string {
  return char === ""
    ? asWritten("the end")
    : isControl(char)
      ? asWritten("a control character")
      : `"${char}"`;
}

function isControl(char: string): boolean {
  return char !== "\t" && /\p{Cc}/u.test(char);
}
