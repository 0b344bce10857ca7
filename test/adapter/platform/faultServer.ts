import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
  readonly at: number;
}

export type Answer = (request: SeenRequest, response: ServerResponse, raw: IncomingMessage) => void;

/** A real HTTP server that answers as told and remembers what it saw. */
export class FaultServer {
  readonly seen: SeenRequest[] = [];
  answer: Answer;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #port = 0;

  private constructor(answer: Answer) {
    this.answer = answer;
    this.#server = createServer((raw, response) => {
      const parts: Buffer[] = [];
      raw.on("data", (part: Buffer) => parts.push(part));
      raw.on("end", () => {
        const request = {
          method: raw.method ?? "",
          path: raw.url ?? "",
          authorization: raw.headers.authorization,
          body: Buffer.concat(parts).toString("utf8"),
          at: performance.now(),
        };
        this.seen.push(request);
        this.answer(request, response, raw);
      });
    });
    this.#server.on("connection", (socket) => {
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
    });
  }

  static async start(answer: Answer): Promise<FaultServer> {
    const server = new FaultServer(answer);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    const address = server.#server.address();
    server.#port = typeof address === "object" && address !== null ? address.port : 0;
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#open.size;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Answers JSON. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** Polls until the condition holds; fails after `limitMs`. */
export async function eventually(what: string, condition: () => boolean, limitMs = 60_000): Promise<void> {
  const until = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > until) throw new Error(`did not happen within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
