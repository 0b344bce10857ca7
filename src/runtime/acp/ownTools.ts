import { timingSafeEqual } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Disposable } from "../../base/disposable";
import { messageOf, type Log } from "../../base/log";
import type { RunRequest } from "../../core/ports/runtime";
import { LineReader } from "../lineReader";
import { serverName } from "./ownToolNames";
import { ToolServer } from "./toolServer";

const longestLineBytes = 2 * 1024 * 1024;
/** An agent may start the server more than once, for a helper of its own. */
const connectionsAtMost = 4;
/** Longer addresses are cut by the system. */
const longestAddress = 100;

export interface OwnToolsDeps {
  readonly log: Log;
  readonly clientVersion: string;
  /** Absolute path of the bundle that an agent runs. */
  readonly toolPipe: string;
  /** A private folder of the run. */
  readonly folder: string;
  /** A new random text. */
  readonly unique: () => string;
  readonly useTool: RunRequest["useTool"];
  /** While it is held, the turn's limits stand still. */
  readonly hold: () => Disposable;
}

/**
 * The worker's own tools, for an agent that takes tools from a program that it starts: that program is a pipe to here, and has
 * to show a key. Owned by the caller, who must `close` it.
 */
export class OwnTools {
  /** For the request that opens a session. */
  readonly server: object;
  readonly #listener: Server;
  readonly #sockets: ReadonlySet<Socket>;

  private constructor(listener: Server, sockets: ReadonlySet<Socket>, server: object) {
    this.#listener = listener;
    this.#sockets = sockets;
    this.server = server;
  }

  /** Undefined where no address can be had: the work goes on without. */
  static async open(deps: OwnToolsDeps, signal: AbortSignal): Promise<OwnTools | undefined> {
    const key = deps.unique();
    const windows = process.platform === "win32";
    const address = windows ? `\\\\.\\pipe\\one-worker-${deps.unique()}` : join(deps.folder, "tools.sock");
    if (address.length > longestAddress) {
      deps.log.warn("the worker's own tools have no address", { length: address.length });
      return undefined;
    }
    const sockets = new Set<Socket>();
    const listener = createServer((socket) => serve(socket, key, sockets, deps, signal));
    try {
      await new Promise<void>((resolve, reject) => {
        listener.once("error", reject);
        listener.listen(address, () => resolve());
      });
    } catch (error) {
      deps.log.warn("the worker's own tools cannot be offered", { message: messageOf(error) });
      return undefined;
    }
    const variables = { ELECTRON_RUN_AS_NODE: "1", ONE_HORIZON_TOOLS_KEY: key };
    return new OwnTools(listener, sockets, {
      name: serverName,
      command: process.execPath,
      args: [deps.toolPipe, address],
      env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()));
  }
}

function serve(
  socket: Socket,
  key: string,
  sockets: Set<Socket>,
  deps: OwnToolsDeps,
  signal: AbortSignal,
): void {
  socket.on("error", () => socket.destroy());
  if (sockets.size >= connectionsAtMost) {
    socket.destroy();
    return;
  }
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
  const server = new ToolServer({ ...deps, send: (line) => void socket.write(`${line}\n`) }, signal);
  let known = false;
  const reader = new LineReader({
    maxBytes: longestLineBytes,
    onLine: (line) => {
      if (known) server.receive(line);
      else if (same(line, key)) known = true;
      else socket.destroy();
    },
    onOverlong: () => socket.destroy(),
  });
  socket.on("data", (chunk: Uint8Array) => {
    if (!socket.destroyed) reader.push(chunk);
  });
}

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
