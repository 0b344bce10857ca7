import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Refusal } from "../refusal";
import type { HttpReply, HttpRequest } from "./call";
import { readBody } from "./readBody";

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly bodyLimit: (request: IncomingMessage) => number;
  /** Gives the answer, or takes over the response itself and gives `undefined`. */
  readonly answer: (request: HttpRequest, response: ServerResponse) => Promise<HttpReply | undefined>;
  /** Told about what should not have happened. */
  readonly onError: (error: unknown) => void;
}

const bodyDeadlineMs = 15_000;

/** Listens on loopback. A port that is taken is replaced by a free one, which `port` of the result tells. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const closing = new AbortController();
  const server = createServer((request, response) => {
    void serve(request, response, options, closing.signal);
  });
  server.keepAliveTimeout = 5_000;
  server.headersTimeout = 10_000;
  const port = await bind(server, options.host, options.port);
  return {
    port,
    close: async () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bind(server: Server, host: string, port: number): Promise<number> {
  try {
    return await tryPort(server, host, port);
  } catch (error) {
    if (port === 0) throw error;
    return tryPort(server, host, 0);
  }
}

function tryPort(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.removeListener("error", reject);
      const address = server.address();
      if (typeof address === "object" && address) resolve(address.port);
      else reject(new Error("The server has no port."));
    });
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: ListenerOptions,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.once("error", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, closing]);
  try {
    const body = await readBody(request, options.bodyLimit(request), bodyDeadlineMs);
    const url = new URL(request.url ?? "/", "http://sandbox.invalid");
    const reply = await options.answer(
      {
        method: request.method ?? "GET",
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body,
        signal,
      },
      response,
    );
    if (reply) send(response, reply);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Refusal)) options.onError(error);
    const closesConnection = error instanceof Refusal && error.status === 413;
    send(response, refusalReply(error), closesConnection);
  }
}

/** The body every refusal carries. What was not meant to happen is told without its details. */
export function refusalReply(error: unknown): HttpReply {
  if (!(error instanceof Refusal)) {
    return { status: 500, json: { code: 500, message: "The sandbox failed." } };
  }
  const { status, message, reason, headers } = error;
  return { status, json: { code: status, message, ...(reason === undefined ? {} : { reason }) }, headers };
}

/** Sends an answer that no cache keeps and no browser reinterprets. */
function send(response: ServerResponse, reply: HttpReply, closesConnection = false): void {
  if (response.headersSent || response.destroyed) return;
  const payload = reply.json === undefined ? (reply.bytes ?? reply.text ?? "") : JSON.stringify(reply.json);
  response.writeHead(reply.status, {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(reply.json === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    ...(reply.status === 204 ? {} : { "content-length": Buffer.byteLength(payload) }),
    ...(closesConnection ? { connection: "close" } : {}),
    ...reply.headers,
  });
  response.end(reply.status === 204 ? undefined : payload);
}
