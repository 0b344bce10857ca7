/**
 * Paths of a repository as git has them: bytes, not text. Here each byte is one character (latin1), so that a name that
 * is no UTF-8 passes through unchanged and two different names never become one.
 */

const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "\\": 92,
};

export function rawOf(bytes: Buffer): string {
  return bytes.toString("latin1");
}

/** The raw form of a path of this process, for example of a worktree's folder. */
export function rawOfText(path: string): string {
  return rawOf(Buffer.from(path, "utf8"));
}

export function bytesOf(raw: string): Buffer {
  return Buffer.from(raw, "latin1");
}

/** For people and messages. */
export function shownPath(raw: string): string {
  return bytesOf(raw).toString("utf8");
}

/** As git reads it on a line of its standard input: always quoted, in ASCII. */
export function quoted(raw: string): string {
  const inner = raw.replace(
    /[^\x20\x21\x23-\x5b\x5d-\x7e]/g,
    (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
  return `"${inner}"`;
}

/** A path from a line of git's output with core.quotePath: quoted only where it has to be. */
export function unquoted(shown: string): string {
  if (!shown.startsWith('"')) return shown;
  return shown.slice(1, -1).replace(/\\([0-7]{3}|.)/gs, (_whole, code: string) => {
    const value = code.length === 3 ? Number.parseInt(code, 8) : escapes[code];
    return String.fromCharCode(value ?? code.charCodeAt(0));
  });
}

/** The lines of git's output without the empty last one. */
export function linesOf(output: string): string[] {
  return output.split("\n").filter((line) => line !== "");
}
