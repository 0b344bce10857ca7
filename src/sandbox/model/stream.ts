import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { ModelEvent } from "./events";

/** A stream of server-sent events that stays alive while the script waits. */
export interface EventStream {
  readonly id: string;
  /** Ends when the client goes away. */
  readonly signal: AbortSignal;
  send(event: ModelEvent): void;
  isOpen(): boolean;
  wait(ms: number): Promise<void>;
  /** Waits for something that may take long; says so often enough that the client's idle limit does not end it. */
  waitFor(done: Promise<void>): Promise<void>;
  cut(): void;
  end(): void;
}

const keepAliveMs = 1_000;

export function openStream(response: ServerResponse, signal: AbortSignal): EventStream {
  const id = `resp_${randomUUID()}`;
  let sequence = 0;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const isOpen = (): boolean => !signal.aborted && !response.writableEnded && !response.destroyed;
  const send = (event: ModelEvent): void => {
    if (!isOpen()) return;
    const { type, ...rest } = event;
    response.write(
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...rest })}\n\n`,
    );
  };
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done, { once: true });
    });
  const waitFor = async (done: Promise<void>): Promise<void> => {
    const finished = done.then(() => "over");
    while (isOpen()) {
      const first = await Promise.race([finished, sleep(keepAliveMs)]);
      if (first === "over") return;
      send({ type: "response.in_progress", response: { id, object: "response", status: "in_progress" } });
    }
  };
  return {
    id,
    signal,
    send,
    isOpen,
    wait: (ms) => (ms <= 0 ? Promise.resolve() : waitFor(sleep(ms))),
    waitFor,
    cut: () => void response.destroy(),
    end: () => void response.end(),
  };
}
