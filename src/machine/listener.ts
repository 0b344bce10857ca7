import { setMaxListeners } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { LinkedAbort } from "../base/abort";
import { withDeadline } from "../base/deadline";
import { onDispose, type Disposable } from "../base/disposable";
import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import { LockError } from "../core/ports/machineLock";
import type { Endpoint } from "./endpoint";
import { proveAsServer } from "./handshake";
import { proven, type ProvenConnection, type Rendezvous } from "./meeting";

/** Long enough for a window whose loop another extension blocks for a while. */
const handshakeMs = 5000;
/** Connections that have not proven the key yet: strangers can make no more of them. */
const mostUnproven = 32;
/** Windows of one person. */
const mostProven = 200;

/** Listens at the name and proves the key to whoever connects. Undefined when the name is taken. */
export async function listen(
  meeting: Rendezvous,
  onConnection: ((connection: ProvenConnection) => void) | undefined,
): Promise<Disposable | undefined> {
  const open = new Set<Socket>();
  const closing = new LinkedAbort();
  // Every connection listens to it; Node warns of a leak from the eleventh on.
  setMaxListeners(0, closing.signal);
  const take = onConnection ?? untilTheyLeave;
  let unproven = 0;
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    if (unproven >= mostUnproven) {
      socket.destroy();
      return;
    }
    unproven += 1;
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.unref();
    welcome(meeting, socket, closing.signal)
      .finally(() => {
        unproven -= 1;
      })
      .then(
        (connection) => take(connection),
        (error: unknown) => tellStranger(meeting, closing.signal, error),
      )
      .catch(() => socket.destroy());
  });
  server.maxConnections = mostProven + mostUnproven;
  if (!(await bind(server, meeting.endpoint))) {
    closing.dispose();
    return undefined;
  }
  server.unref();
  return onDispose(() => {
    server.close();
    closing.abort(new Error("the name is given back"));
    closing.dispose();
    for (const socket of open) socket.destroy();
  });
}

async function welcome(meeting: Rendezvous, socket: Socket, closing: AbortSignal): Promise<ProvenConnection> {
  const { context, endpoint, key } = meeting;
  const late = new Error("it did not prove the key in time");
  return await proven(socket, closing, (channel) =>
    withDeadline(context.clock, handshakeMs, late, closing, async () => {
      await proveAsServer(channel, { ...meeting, key: await key() }, endpoint.banner);
    }),
  );
}

/** They only want to know when this process ends; their own end is noticed by reading. */
async function untilTheyLeave(connection: ProvenConnection): Promise<void> {
  await connection.channel.read(0).catch(() => undefined);
  connection.dispose();
}

function tellStranger({ context, name }: Rendezvous, closing: AbortSignal, error: unknown): void {
  if (closing.aborted) return;
  context.log.debug("A connection from another process did not prove the key", {
    name,
    reason: messageOf(error),
  });
}

async function bind(server: Server, endpoint: Endpoint): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if ("code" in error && error.code === "EADDRINUSE") resolve(false);
      else {
        const message = asWritten(
          "The worker cannot make sure that it runs only once: {0}. Nothing was started. Start it again when this is mended.",
          error.message,
        );
        reject(new LockError(message, { passing: false, cause: error }));
      }
    });
    server.listen({ ...endpoint.address, exclusive: true }, () => {
      // A failure to accept one connection, for want of file descriptors, must not end the process.
      server.on("error", () => undefined);
      resolve(true);
    });
  });
}
