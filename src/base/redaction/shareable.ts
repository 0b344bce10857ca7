/** Whose machine a text comes from. */
export interface Owner {
  /** Absolute path of the home folder. */
  readonly home: string;
  /** The account's name. */
  readonly user: string;
}

/**
 * A text that may be shown to strangers: the home folder is `~`, the user's name in other paths is hidden, and addresses
 * lose what may be secret in them (user, password, query, fragment). Secrets by value or form are the redactor's. Pure.
 */
export function shareable(text: string, owner: Owner): string {
  return withoutUser(withoutHome(plainAddresses(text), owner.home), owner.user);
}

/** A text whose addresses have lost what may be secret in them. To be used before the redactor too, whose notes part an address. */
export function plainAddresses(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/giu, "$1")
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?#<>"'`()[\]{}|\\]*)[?#][^\s<>"'`)\]}|]*/giu, "$1");
}

function withoutHome(text: string, home: string): string {
  const bare = home.replace(/[\\/]+$/u, "");
  // A home that is the root of everything would take every path with it.
  if (bare.length < 2) return text;
  const spellings = new Set([bare, bare.replaceAll("\\", "/"), bare.replaceAll("\\", "\\\\")]);
  const pattern = [...spellings].map(escaped).join("|");
  return text.replace(new RegExp(`(?:${pattern})(?![\\w-]|\\.\\w)`, "giu"), "~");
}

/** The name as a part of a path, and before the name of a machine. */
function withoutUser(text: string, user: string): string {
  if (user === "") return text;
  return text.replace(new RegExp(`([\\\\/])${escaped(user)}(?=[\\\\/]|$|[\\s"'\`,;:)\\]])`, "giu"), "$1…");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&");
}
