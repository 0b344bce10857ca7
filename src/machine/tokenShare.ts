import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import * as z from "zod/mini";
import { LinkedAbort } from "../base/abort";
import { abortReason } from "../base/clock";
import { onDispose, type Disposable } from "../base/disposable";
import { messageOf } from "../base/log";
import type { TokenShare, TokenShareHandler } from "../core/ports/tokenShare";
import type { ExclusiveNames } from "./exclusive";
import type { StateContext } from "./jsonFile";
import { lineChannel, type LineChannel } from "./lineChannel";
import { proofOf, readSharedKey, sameProof } from "./sharedKey";

/** Requests and answers, bytes of UTF-8. */
const textBytes = 65_536;
/** JSON may write one byte of text as six. */
const messageBytes = textBytes * 6 + 100;
const handshakeBytes = 500;
/** Long enough for a holder whose loop another extension blocks for a while. */
const handshakeMs = 5000;
const exchangeMs = 60_000;

const nonce = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const challenge = z.object({ nonce });
const response = z.object({ nonce, proof: nonce });
const serverProof = z.object({ proof: nonce });
const message = z.object({ text: z.string() });
const answered = z.union([message, z.object({ failed: z.literal(true) })]);

/**
 * The channel between windows. The server shows a challenge; the client proves the key first, so that a stranger who
 * connects gets a random number and nothing else; then the server proves it, so that a stranger who took the name gets
 * no request.
 */
export function createTokenShare(
  stateFolder: string,
  names: ExclusiveNames,
  context: StateContext,
): TokenShare {
  const keyPath = join(stateFolder, "share.key");
  const nameOf = (name: string): string => `share ${name}`;
  return {
    serve: async (name, handler) => {
      await readSharedKey(keyPath, context);
      const closing = new AbortController();
      // Every connection listens to it; Node warns of a leak from the eleventh on.
      setMaxListeners(0, closing.signal);
      const answer = async (socket: Socket): Promise<void> => {
        const key = await readSharedKey(keyPath, context);
        await withDeadline(context, closing.signal, exchangeMs, async (deadline) => {
          const channel = lineChannel(socket, deadline);
          await withDeadline(context, deadline, handshakeMs, async (soon) => {
            await destroyingOn(soon, socket, proveAsServer(channel, key, name));
          });
          await answerOne(channel, handler, deadline);
        });
      };
      const held = await names.hold(nameOf(name), (socket) => {
        answer(socket)
          .catch((error: unknown) => {
            context.log.warn("A request from another process was not served", { reason: messageOf(error) });
          })
          .finally(() => socket.destroy())
          .catch(() => undefined);
      });
      if (held === undefined) throw new Error("another process already serves this name");
      return both(held, closing);
    },
    ask: async (name, request, signal) => {
      refuseLong(request);
      const socket = await names.connect(nameOf(name));
      if (socket === undefined) return undefined;
      try {
        const key = await readSharedKey(keyPath, context);
        return await withDeadline(context, signal, exchangeMs, async (deadline) => {
          const channel = lineChannel(socket, deadline);
          await withDeadline(context, deadline, handshakeMs, async (soon) => {
            const proven = proveAsClient(channel, key, name, names.bannerOf(nameOf(name)));
            await destroyingOn(soon, socket, proven);
          });
          await channel.write(JSON.stringify({ text: request }));
          const answer = parse(answered, await channel.read(messageBytes));
          if ("failed" in answer) throw new Error("the window that holds the sign-in could not answer");
          refuseLong(answer.text);
          return answer.text;
        });
      } finally {
        socket.destroy();
      }
    },
  };
}

async function proveAsServer(channel: LineChannel, key: string, name: string): Promise<void> {
  const own = randomBytes(32).toString("hex");
  await channel.write(JSON.stringify({ nonce: own }));
  const theirs = parse(response, await channel.read(handshakeBytes));
  if (!sameProof(theirs.proof, proofOf(key, "client", name, own, theirs.nonce))) {
    throw new Error("it could not prove the key");
  }
  await channel.write(JSON.stringify({ proof: proofOf(key, "server", name, own, theirs.nonce) }));
}

async function proveAsClient(channel: LineChannel, key: string, name: string, banner: string): Promise<void> {
  if ((await channel.read(handshakeBytes)) !== banner) {
    throw new Error("another program answers in our place");
  }
  const server = parse(challenge, await channel.read(handshakeBytes));
  const own = randomBytes(32).toString("hex");
  await channel.write(JSON.stringify({ nonce: own, proof: proofOf(key, "client", name, server.nonce, own) }));
  const { proof } = parse(serverProof, await channel.read(handshakeBytes));
  if (!sameProof(proof, proofOf(key, "server", name, server.nonce, own))) {
    throw new Error("another program answers in our place: it could not prove the key");
  }
}

async function answerOne(
  channel: LineChannel,
  handler: TokenShareHandler,
  signal: AbortSignal,
): Promise<void> {
  const { text } = parse(message, await channel.read(messageBytes));
  refuseLong(text);
  const answer = await handler(text, signal).then(
    (one) => ({ text: one }),
    () => ({ failed: true }),
  );
  if ("text" in answer) refuseLong(answer.text);
  await channel.write(JSON.stringify(answer));
}

/** Runs `work` under a signal that follows `parent` and aborts after `ms`. */
async function withDeadline<T>(
  context: StateContext,
  parent: AbortSignal,
  ms: number,
  work: (deadline: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new LinkedAbort(parent);
  const timer = new LinkedAbort(deadline.signal);
  const late = context.clock.sleep(ms, timer.signal).then(
    () => deadline.abort(new Error("the other window did not answer in time")),
    () => undefined,
  );
  try {
    return await work(deadline.signal);
  } catch (error) {
    throw deadline.signal.aborted ? abortReason(deadline.signal) : error;
  } finally {
    timer.abort(new Error("done"));
    await late;
    timer.dispose();
    deadline.dispose();
  }
}

/** Destroys the socket when the signal aborts before `work` has ended. */
async function destroyingOn(signal: AbortSignal, socket: Socket, work: Promise<void>): Promise<void> {
  const destroy = (): void => void socket.destroy();
  signal.addEventListener("abort", destroy, { once: true });
  try {
    await work;
  } finally {
    signal.removeEventListener("abort", destroy);
  }
}

function both(held: Disposable, closing: AbortController): Disposable {
  return onDispose(() => {
    closing.abort(new Error("the channel is closed"));
    held.dispose();
  });
}

function parse<T extends z.ZodMiniType>(schema: T, line: string): z.infer<T> {
  const json: unknown = JSON.parse(line);
  return schema.parse(json);
}

function refuseLong(text: string): void {
  if (Buffer.byteLength(text) > textBytes) throw new Error("the text is longer than 64 KiB");
}
