import { connect, type Socket } from "node:net";
import { LinkedAbort, neverAborted } from "../base/abort";
import { withDeadline } from "../base/deadline";
import type { Disposable } from "../base/disposable";
import type { Endpoint } from "./endpoint";
import { proveAsClient, StrangerError } from "./handshake";
import type { StateContext } from "./jsonFile";
import { lineChannel, type LineChannel } from "./lineChannel";

/** A name, where its holder listens, and what both sides prove there. */
export interface Rendezvous {
  readonly name: string;
  readonly place: string;
  readonly endpoint: Endpoint;
  readonly key: () => Promise<string>;
  readonly context: StateContext;
}

/** A connection whose two sides have proven the key to each other. Disposing ends it. */
export interface ProvenConnection extends Disposable {
  readonly channel: LineChannel;
  /** Resolves when the connection has ended, from whichever side. */
  readonly ended: Promise<void>;
}

class LateError extends Error {
  override readonly name = "LateError";
}

/** Connects to the holder and proves the key on both sides. Undefined when nobody holds the name. */
export async function meet(
  meeting: Rendezvous,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<ProvenConnection | undefined> {
  const { clock } = meeting.context;
  const late = new LateError("the other window did not answer in time");
  // A holder that stands still takes no more connections once its queue is full.
  const socket = await withDeadline(clock, deadlineMs, late, signal, (inner) => connectTo(meeting, inner));
  if (socket === undefined) return undefined;
  return await proven(socket, signal, (channel) =>
    withDeadline(clock, deadlineMs, late, signal, async () => {
      const key = await meeting.key();
      await proveAsClient(channel, { ...meeting, key }, meeting.endpoint.banner);
    }),
  );
}

/** Runs the proof on a socket; the socket is destroyed when it fails. */
export async function proven(
  socket: Socket,
  signal: AbortSignal,
  prove: (channel: LineChannel) => Promise<void>,
): Promise<ProvenConnection> {
  const life = new LinkedAbort(signal);
  const channel = lineChannel(socket, life.signal);
  const ended = new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once("close", () => resolve());
  });
  const dispose = (): void => {
    life.dispose();
    socket.destroy();
  };
  ended.then(() => life.dispose()).catch(() => undefined);
  try {
    await prove(channel);
    return { channel, ended, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/**
 * Who has a name that could not be had. `silent`: accepted the connection and said nothing yet, as a busy window does.
 * `gone`: ended the connection before it was proven, as a window does that closes.
 */
export async function whoHolds(
  meeting: Rendezvous,
  deadlineMs: number,
): Promise<"ours" | "nobody" | "stranger" | "silent" | "gone"> {
  try {
    const met = await meet(meeting, deadlineMs, neverAborted);
    met?.dispose();
    return met === undefined ? "nobody" : "ours";
  } catch (error) {
    if (error instanceof StrangerError) return "stranger";
    return error instanceof LateError ? "silent" : "gone";
  }
}

async function connectTo({ endpoint }: Rendezvous, signal: AbortSignal): Promise<Socket | undefined> {
  return await new Promise((resolve, reject) => {
    const socket = connect(endpoint.address);
    const giveUp = (): void => void socket.destroy();
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", giveUp));
    socket.once("connect", () => {
      signal.removeEventListener("abort", giveUp);
      socket.removeAllListeners("error");
      socket.on("error", () => undefined);
      resolve(socket);
    });
    socket.once("error", (error) => {
      const code: unknown = "code" in error ? error.code : undefined;
      if (code === "ECONNREFUSED" || code === "ENOENT") resolve(undefined);
      else reject(error);
    });
  });
}
