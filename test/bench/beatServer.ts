import { once } from "node:events";
import { Worker } from "node:worker_threads";
import * as z from "zod/mini";

/** In a thread of its own: it notes beats whatever this thread does. Its clock is monotonic. */
const source = `
const { createServer } = require("node:http");
const { parentPort } = require("node:worker_threads");
const beats = [];
const server = createServer((request, response) => {
  const at = performance.now();
  request.resume();
  beats.push({ at, worker: /workers\\/([^/]+)\\//.exec(request.url)?.[1] ?? "" });
  response.writeHead(200, { "content-type": "application/json" });
  response.end("{}");
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage({ port: server.address().port }));
parentPort.on("message", () => parentPort.postMessage({ beats }));
`;
const beatsSchema = z.object({ beats: z.array(z.object({ at: z.number(), worker: z.string() })) });

/** A platform that takes heartbeats and nothing else. */
export class BeatServer {
  readonly origin: string;
  readonly #worker: Worker;

  private constructor(worker: Worker, port: number) {
    this.#worker = worker;
    this.origin = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<BeatServer> {
    const worker = new Worker(source, { eval: true });
    const said: unknown = (await once(worker, "message"))[0];
    return new BeatServer(worker, z.object({ port: z.number() }).parse(said).port);
  }

  /** Every beat so far: when it came, milliseconds, and under which worker's name. */
  async beats(): Promise<z.infer<typeof beatsSchema>["beats"]> {
    const answer = once(this.#worker, "message");
    this.#worker.postMessage("beats");
    const said: unknown = (await answer)[0];
    return beatsSchema.parse(said).beats;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
