/** One file of a `multipart/form-data` body. */
export interface FormFile {
  /** Of the form's part. */
  readonly part: string;
  /** One line. */
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/**
 * A form with one file (RFC 7578). Pure.
 * @param boundary random: nobody who wrote the file may know it.
 */
export function formBody(file: FormFile, boundary: string): { type: string; bytes: Uint8Array<ArrayBuffer> } {
  const head =
    `--${boundary}\r\n` +
    `Content-Disposition: form-data; name="${escaped(file.part)}"; filename="${escaped(file.name)}"\r\n` +
    `Content-Type: ${file.mediaType.replace(/[^\w./+-]/gu, "")}\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const encoder = new TextEncoder();
  const parts = [encoder.encode(head), file.content, encoder.encode(tail)];
  const bytes = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) {
    bytes.set(one, at);
    at += one.length;
  }
  return { type: `multipart/form-data; boundary=${boundary}`, bytes };
}

/** As browsers write it: neither a quote nor a line break ends the value. */
function escaped(text: string): string {
  return text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
