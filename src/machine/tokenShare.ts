import { setMaxListeners } from "node:events";
import * as z from "zod/mini";
import { LinkedAbort } from "../base/abort";
import { withDeadline } from "../base/deadline";
import { messageOf } from "../base/log";
import type { TokenShare, TokenShareHandler } from "../core/ports/tokenShare";
import type { ExclusiveNames } from "./exclusive";
import type { StateContext } from "./jsonFile";
import type { LineChannel } from "./lineChannel";
import type { ProvenConnection } from "./meeting";

/** Requests and answers, bytes of UTF-8. */
const textBytes = 65_536;
/** JSON may write one byte of text as six. */
const messageBytes = textBytes * 6 + 100;
const exchangeMs = 60_000;

const message = z.object({ text: z.string() });
const answered = z.union([message, z.object({ failed: z.literal(true) })]);

/** One request and one answer on a connection that both sides have proven. */
export function createTokenShare(names: ExclusiveNames, context: StateContext): TokenShare {
  const nameOf = (name: string): string => `share ${name}`;
  const late = new Error("the other window did not answer in time");
  return {
    serve: async (name, handler) => {
      const closing = new LinkedAbort();
      // Every request listens to it; Node warns of a leak from the eleventh on.
      setMaxListeners(0, closing.signal);
      const held = await names.hold(nameOf(name), (connection) => {
        withDeadline(context.clock, exchangeMs, late, closing.signal, (deadline) =>
          answerOne(connection.channel, handler, deadline),
        )
          .catch((error: unknown) => {
            context.log.warn("A request from another process was not served", { reason: messageOf(error) });
          })
          .finally(() => connection.dispose())
          .catch(() => undefined);
      });
      if (held === undefined) {
        closing.dispose();
        throw new Error("another process already serves this name");
      }
      return {
        dispose: () => {
          closing.abort(new Error("the channel is closed"));
          closing.dispose();
          held.dispose();
        },
      };
    },
    ask: async (name, request, signal) => {
      refuseLong(request);
      return await withDeadline(context.clock, exchangeMs, late, signal, async (deadline) => {
        const connection = await names.connect(nameOf(name), deadline);
        if (connection === undefined) return undefined;
        try {
          return await askOne(connection, request);
        } finally {
          connection.dispose();
        }
      });
    },
  };
}

async function askOne({ channel }: ProvenConnection, request: string): Promise<string> {
  await channel.write(JSON.stringify({ text: request }));
  const answer = parse(answered, await channel.read(messageBytes));
  if ("failed" in answer) throw new Error("the window that holds the sign-in could not answer");
  refuseLong(answer.text);
  return answer.text;
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

function parse<T extends z.ZodMiniType>(schema: T, line: string): z.infer<T> {
  try {
    const json: unknown = JSON.parse(line);
    return schema.parse(json);
  } catch {
    // A parser's own error repeats what it read.
    throw new Error("the other window said something that is no message");
  }
}

function refuseLong(text: string): void {
  if (Buffer.byteLength(text) > textBytes) throw new Error("the text is longer than 64 KiB");
}
