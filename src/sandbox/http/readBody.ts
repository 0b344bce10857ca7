import type { IncomingMessage } from "node:http";
import { Refusal } from "../refusal";

/**
 * Reads a body of at most `limit` bytes within `deadlineMs`.
 * Throws a 413 or 408 {@link Refusal}; what is left of the body is thrown away by closing the connection.
 */
export function readBody(request: IncomingMessage, limit: number, deadlineMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => refuse(new Refusal(408, "The body did not arrive in time.")), deadlineMs);
    const refuse = (error: Error): void => {
      clearTimeout(timer);
      request.pause();
      reject(error);
    };
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) refuse(new Refusal(413, `The body is larger than ${limit} bytes.`));
      else chunks.push(chunk);
    });
    request.once("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    request.once("error", refuse);
    request.once("close", () => {
      if (!request.complete) refuse(new Error("The caller went away."));
    });
  });
}
