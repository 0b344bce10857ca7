import { asWritten } from "../base/words";
/** Bytes of a branch's name in UTF-8: hosts take 255 with `refs/heads/`, and file systems 255 in each part, of which git needs some. */
const mostBytes = 244;

interface Rule {
  readonly sign: RegExp;
  /** Ends the sentence "… is no branch name: it …". */
  readonly why: string;
}

/** What git refuses, and what is a name for git but could be taken for an option, an expression or another ref. */
const rules: readonly Rule[] = [
  { sign: /^$/u, why: asWritten("is empty") },
  { sign: /^-/u, why: asWritten("begins like an option") },
  { sign: /^refs(\/|$)/iu, why: asWritten("is a full ref and not a branch") },
  { sign: /^(HEAD|@)$/iu, why: asWritten("stands for what is checked out") },
  { sign: /\p{Z}/u, why: asWritten("has a space in it") },
  { sign: /[\p{Cc}\p{Cf}\p{Cs}]/u, why: asWritten("has characters in it that cannot be seen") },
  { sign: /[~^:?*[\\]/u, why: asWritten("has one of ~ ^ : ? * [ \\ in it") },
  { sign: /\.\./u, why: asWritten('has ".." in it') },
  { sign: /@\{/u, why: asWritten('has "@{" in it') },
  { sign: /^\/|\/$|\/\//u, why: asWritten("has an empty part between slashes") },
  { sign: /(^|\/)\./u, why: asWritten("has a part that begins with a dot") },
  { sign: /\.$/u, why: asWritten("ends with a dot") },
  { sign: /\.lock(\/|$)/iu, why: asWritten('has a part that ends with ".lock"') },
];

/** Why a text is no name of a branch, as the end of a sentence; undefined where it is one that git takes as it is. */
export function whyNoBranch(name: string): string | undefined {
  const broken = rules.find((rule) => rule.sign.test(name));
  if (broken !== undefined) return broken.why;
  return bytesOf(name) > mostBytes ? asWritten("is longer than {0} bytes", mostBytes) : undefined;
}

/** Do two names mean one branch, also where the file system does not tell upper from lower case? */
export function sameBranch(one: string, other: string): boolean {
  return one.normalize("NFC").toLowerCase() === other.normalize("NFC").toLowerCase();
}

function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
