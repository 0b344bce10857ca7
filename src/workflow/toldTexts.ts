import { createHash } from "node:crypto";
import type { Session } from "../core/session";

type Comment = Session["untrusted"]["comments"][number];
type TaskDocument = Session["untrusted"]["documents"][number];

/** A comment is told once, whatever becomes of it; one without an id is known by its text. */
export function commentKey({ commentId, content }: Comment): string {
  return keyOf(commentId === "" ? ["comment", "", content] : ["comment", commentId]);
}

/** A document that was changed is told again. */
export function documentKey({ documentId, title, content }: TaskDocument): string {
  return keyOf(["document", documentId, title, content ?? ""]);
}

/** 22 characters, from which nothing of the text can be read. */
function keyOf(facts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(facts)).digest("base64url").slice(0, 22);
}
