import { clip } from "../core/text";
import { escapeLinks } from "./safeText";

/** Of the 1,000 characters that the editor shows of a notification; the rest is for the question around the list. */
const listLength = 850;

/** What a workflow asks for, in one line of plain text. What is too long is cut with a mark, each wish by the same measure. */
export function wishList(wishes: readonly string[]): string {
  const each = Math.floor(listLength / Math.max(1, wishes.length)) - "; ".length;
  return wishes.map((wish) => clip(escapeLinks(wish), each)).join("; ");
}
