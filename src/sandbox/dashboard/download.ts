import type { HttpReply, HttpRequest } from "../http/call";
import { notFound } from "../refusal";
import type { State } from "../state/schema";
import { downloadPath, type Uploads } from "../state/uploads";

/** What a browser may show by itself without running anything; all else is only kept. */
const shown = /^(image\/(png|jpeg|gif|webp)|text\/plain)$/u;

/**
 * Gives out an uploaded file by the address that its upload was answered with, so that links in comments open. The address
 * holds a key that nobody can guess; a browser that follows a link sends no token.
 */
export function download(
  { state }: { readonly state: Pick<State, "files"> },
  uploads: Uploads,
  { method, path }: HttpRequest,
): HttpReply | undefined {
  if (method !== "GET" || !path.startsWith(downloadPath)) return undefined;
  const [fileId = "", key = "", ...more] = path.slice(downloadPath.length).split("/");
  const file = state.files.find((one) => one.fileId === fileId);
  if (file === undefined || more.length > 0 || !uploads.isKey(fileId, key)) throw notFound("file");
  const bytes = uploads.read(fileId);
  if (bytes === undefined) throw notFound("file");
  const { contentType, name } = file;
  return {
    status: 200,
    bytes,
    headers: {
      "content-type": contentType.startsWith("text/") ? `${contentType}; charset=utf-8` : contentType,
      "content-disposition": `${shown.test(contentType) ? "inline" : "attachment"}; filename*=UTF-8''${extended(name)}`,
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; sandbox",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    },
  };
}

/** A name as the header's extended notation wants it (RFC 8187). */
function extended(name: string): string {
  return encodeURIComponent(name).replace(/['()*!]/gu, (one) => `%${one.charCodeAt(0).toString(16)}`);
}
