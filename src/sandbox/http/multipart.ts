import { badRequest } from "../refusal";

/** One part of a multipart/form-data body. */
export interface FormPart {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly contentType: string;
  readonly content: Buffer;
}

const partLimit = 8;

/** Reads a multipart/form-data body (RFC 7578). Throws a 400 where it is not one. */
export function readMultipart(contentType: string, body: Buffer): FormPart[] {
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) throw badRequest("The multipart body has no boundary.");
  const opening = Buffer.from(`--${mark}`);
  const separator = Buffer.from(`\r\n--${mark}`);
  if (!body.subarray(0, opening.length).equals(opening)) {
    throw badRequest("The multipart body does not start with its boundary.");
  }
  const parts: FormPart[] = [];
  let at = opening.length;
  while (body.subarray(at, at + 2).toString("latin1") === "\r\n") {
    const end = body.indexOf(separator, at);
    if (end < 0 || parts.length === partLimit) {
      throw badRequest("The multipart body is cut off or has too many parts.");
    }
    parts.push(readPart(body.subarray(at + 2, end)));
    at = end + separator.length;
  }
  if (body.subarray(at, at + 2).toString("latin1") !== "--") {
    throw badRequest("The multipart body has no end.");
  }
  return parts;
}

function readPart(raw: Buffer): FormPart {
  const split = raw.indexOf("\r\n\r\n");
  if (split < 0) throw badRequest("A part of the multipart body has no headers.");
  const headers = raw.subarray(0, split).toString("utf8");
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(headers)?.[1] ?? "";
  const name = /(?:^|[;\s])name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw badRequest("A part of the multipart body has no name.");
  return {
    name,
    fileName: /filename="([^"]*)"/i.exec(disposition)?.[1],
    contentType:
      /^content-type:\s*([^\s;]+)/im.exec(headers)?.[1]?.toLowerCase() ?? "application/octet-stream",
    content: raw.subarray(split + 4),
  };
}
