/** The largest answer that is read, bytes. */
const maxBodyBytes = 8 * 1024 * 1024;

/** An answer was larger than is read. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** The part of a stream's reader that is needed, without the typings' `any`. */
interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  cancel(): Promise<void>;
}

/** The text of an answer, at most `limit` bytes of it. Throws BodyTooLarge and drops the connection beyond. */
export async function readBody(response: Response, limit = maxBodyBytes): Promise<string> {
  const declared = Number(response.headers.get("content-length") ?? "0");
  if (declared > limit) {
    await response.body?.cancel();
    throw new BodyTooLarge(`the answer is larger than ${limit} bytes`);
  }
  if (response.body === null) return "";
  const reader: ByteReader = response.body.getReader();
  const decoder = new TextDecoder();
  let size = 0;
  let text = "";
  for (;;) {
    const part = await reader.read();
    if (part.done) return text + decoder.decode();
    if (!(part.value instanceof Uint8Array)) continue;
    size += part.value.byteLength;
    if (size > limit) {
      await reader.cancel();
      throw new BodyTooLarge(`the answer is larger than ${limit} bytes`);
    }
    text += decoder.decode(part.value, { stream: true });
  }
}

/** JSON, or undefined when the text is none. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
