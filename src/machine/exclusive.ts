import { randomUUID } from "node:crypto";
import { realpath } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { onDispose, type Disposable } from "../base/disposable";
import type { Clock } from "../base/clock";
import { endpointFor, type Endpoint } from "./endpoint";
import { ensurePrivateFolder } from "./files";
import { lineChannel } from "./lineChannel";

/** How long a listener may take to show its banner. */
const bannerMs = 2000;
const bannerBytes = 200;

/** Exclusivity is not to be had here: nothing that needs it may start. The message is for the user. */
export class ExclusivityError extends Error {
  override readonly name = "ExclusivityError";
}

/** Names that one process of this user on this machine can hold at a time. */
export interface ExclusiveNames {
  /**
   * Undefined when another holder, in this process or another one, has the name. Rejects with ExclusivityError when
   * a stranger has its place. Connections are closed after the banner unless `onConnection` takes them.
   */
  hold(name: string, onConnection?: (socket: Socket) => void): Promise<Disposable | undefined>;
  /** A connection to the holder, banner not yet read; undefined when nobody holds the name. */
  connect(name: string): Promise<Socket | undefined>;
  /** The banner that the holder of `name` sends first. */
  bannerOf(name: string): string;
}

/** Names of one state folder. `platform` decides the primitive. */
export async function createExclusiveNames(
  stateFolder: string,
  clock: Clock,
  platform: NodeJS.Platform = process.platform,
): Promise<ExclusiveNames> {
  await ensurePrivateFolder(stateFolder);
  const folder = await realpath(stateFolder);
  const endpointOf = (name: string): Endpoint => endpointFor(platform, folder, name);
  let proven: Promise<void> | undefined;
  return {
    hold: async (name, onConnection) => {
      proven ??= prove(endpointOf(`proof ${randomUUID()}`));
      await proven.catch((error: unknown) => {
        proven = undefined;
        throw error;
      });
      return await holdEndpoint(endpointOf(name), clock, onConnection);
    },
    connect: async (name) => await connectTo(endpointOf(name)),
    bannerOf: (name) => endpointOf(name).banner,
  };
}

async function holdEndpoint(
  endpoint: Endpoint,
  clock: Clock,
  onConnection: ((socket: Socket) => void) | undefined,
): Promise<Disposable | undefined> {
  const held = await listen(endpoint, onConnection);
  if (held !== undefined || "path" in endpoint.address) return held;
  switch (await whoListens(endpoint, clock)) {
    case "ours":
      return undefined;
    case "nobody":
      return await listen(endpoint, onConnection);
    case "stranger":
      throw new ExclusivityError(
        `Port ${endpoint.address.port} on this machine is used by another program, so the worker cannot make sure that it runs only once. Nothing was started. Close that program and try again.`,
      );
  }
}

/** Undefined when the address is taken. */
async function listen(
  endpoint: Endpoint,
  onConnection: ((socket: Socket) => void) | undefined,
): Promise<Disposable | undefined> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.unref();
    if (onConnection === undefined) {
      socket.end(`${endpoint.banner}\n`, () => socket.destroy());
    } else {
      socket.write(`${endpoint.banner}\n`);
      onConnection(socket);
    }
  });
  server.maxConnections = 32;
  if (!(await bind(server, endpoint))) return undefined;
  server.unref();
  return onDispose(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
}

async function bind(server: Server, endpoint: Endpoint): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if (codeOf(error) === "EADDRINUSE") resolve(false);
      else {
        reject(new ExclusivityError(`The worker cannot make sure that it runs only once: ${error.message}`));
      }
    });
    server.listen({ ...endpoint.address, exclusive: true }, () => {
      // A failure to accept one connection, for want of file descriptors, must not end the process.
      server.on("error", () => undefined);
      resolve(true);
    });
  });
}

/** Proves on a throw-away name that a second bind is refused: where it is not, a lock would hold nothing. */
async function prove(endpoint: Endpoint): Promise<void> {
  const first = await listen(endpoint, undefined);
  const second = await listen(endpoint, undefined);
  first?.dispose();
  second?.dispose();
  if (second !== undefined) {
    throw new ExclusivityError("This system lets two programs hold one name. Nothing was started.");
  }
}

async function connectTo(endpoint: Endpoint): Promise<Socket | undefined> {
  return await new Promise((resolve, reject) => {
    const socket = connect(endpoint.address);
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      socket.on("error", () => undefined);
      resolve(socket);
    });
    socket.once("error", (error) => {
      const code = codeOf(error);
      if (code === "ECONNREFUSED" || code === "ENOENT") resolve(undefined);
      else reject(error);
    });
  });
}

/** A listener that stays silent counts as ours: its process may be busy, and taking its place is not possible anyway. */
async function whoListens(endpoint: Endpoint, clock: Clock): Promise<"ours" | "nobody" | "stranger"> {
  const socket = await connectTo(endpoint);
  if (socket === undefined) return "nobody";
  const deadline = new AbortController();
  const channel = lineChannel(socket, deadline.signal);
  const timer = new AbortController();
  const timeout = clock.sleep(bannerMs, timer.signal).then(
    () => "silent" as const,
    () => "silent" as const,
  );
  const banner = channel.read(bannerBytes).then(
    (line) => (line === endpoint.banner ? ("same" as const) : ("other" as const)),
    () => "other" as const,
  );
  const seen = await Promise.race([banner, timeout]);
  timer.abort();
  deadline.abort();
  return seen === "other" ? "stranger" : "ours";
}

function codeOf(error: Error): unknown {
  return "code" in error ? error.code : undefined;
}
