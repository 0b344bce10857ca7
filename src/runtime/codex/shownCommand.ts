/** The shells that Codex puts around a command by itself. One that the model chose is part of what is shown. */
const wrapped = /^(?:\/usr(?:\/local)?)?\/bin\/(?:ba|z)?sh -l?c ([^]+)$/u;
/** What a word of a command line is made of: in single quotes, in double quotes, a character after a backslash, plain. */
const piece = /'([^']*)'|"((?:[^"\\$`]|\\[^])*)"|\\([^\n])|([\w%+,./:=@^-]+)/uy;

/**
 * A command as a person reads it: without the shell that Codex wraps it into, and nothing else left out. Codex's own reading
 * of it (`commandActions`) is no such thing: of `cat a | tee b` it names `cat a` alone. Pure.
 * @param command argv that was joined as a shell would read it.
 */
export function shownCommand(command: string): string {
  const word = wrapped.exec(command)?.[1];
  return (word === undefined ? undefined : unquoted(word)) ?? command;
}

/** The one word that a shell would read; undefined where it would read more than one, or put something in. */
function unquoted(word: string): string | undefined {
  const read: string[] = [];
  piece.lastIndex = 0;
  while (piece.lastIndex < word.length) {
    const found = piece.exec(word);
    if (found === null) return undefined;
    const [, single, double, escaped, plain] = found;
    read.push(single ?? double?.replace(/\\([$`"\\])/gu, "$1") ?? escaped ?? plain ?? "");
  }
  return read.join("");
}
