import type { Socket } from "node:net";

/** The other side sends a line that is longer than it may be. */
export class LongLineError extends Error {
  override readonly name = "LongLineError";
}

/** Lines over a socket, read one at a time, each bounded. */
export interface LineChannel {
  /** The next line without its line break. Rejects at the end of the connection or when the line is longer than `limit` bytes. */
  read(limit: number): Promise<string>;
  /** Resolves when the text, and a line break after it, is handed to the operating system. */
  write(line: string): Promise<void>;
}

/** Reads and writes lines on a socket until `signal` aborts, which destroys the socket. Owns the socket's errors. */
export function lineChannel(socket: Socket, signal: AbortSignal): LineChannel {
  let buffered = Buffer.alloc(0);
  let ended: Error | undefined;
  let wake: (() => void) | undefined;
  const end = (error: Error): void => {
    ended ??= error;
    wake?.();
  };
  const abort = (): void => {
    end(new Error("the time for this exchange is over"));
    socket.destroy();
  };
  socket.on("error", end);
  socket.on("close", () => {
    signal.removeEventListener("abort", abort);
    end(new Error("the other side closed the connection"));
  });
  socket.on("data", (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    socket.pause();
    wake?.();
  });
  socket.pause();
  if (socket.destroyed) end(new Error("the connection is closed"));
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });

  return {
    read: async (limit) => {
      for (;;) {
        const at = buffered.indexOf(0x0a);
        if (at > limit || (at < 0 && buffered.length > limit)) {
          throw new LongLineError("the line is too long");
        }
        if (at >= 0) {
          const line = buffered.subarray(0, at).toString("utf8");
          buffered = buffered.subarray(at + 1);
          return line;
        }
        if (ended !== undefined) throw ended;
        const more = new Promise<void>((resolve) => (wake = resolve));
        socket.resume();
        await more;
      }
    },
    write: (line) =>
      new Promise((resolve, reject) => {
        socket.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
      }),
  };
}
