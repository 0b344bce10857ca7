import { parentPort, workerData } from "node:worker_threads";
import { LinkedAbort } from "../base/abort";
import { systemClock } from "../base/clock";
import { Waker } from "../core/waker";
import { runBeats } from "./heartbeat/beatLoop";
import { setupSchema, toThreadSchema, type FromThread } from "./heartbeat/messages";
import { areYouThere } from "./heartbeat/probeThread";
import { sendBeat } from "./heartbeat/sendBeat";
import { agentFor } from "./heartbeat/tunnel";
import { heartbeatBody } from "./requestBodies";

/** The thread: beats by itself, and knows of the main thread only what its messages say. */
async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("the heartbeat runs in a worker thread");
  if (workerData === areYouThere) {
    port.postMessage(areYouThere);
    return;
  }
  const setup = setupSchema.parse(workerData);
  const url = new URL(setup.url);
  const clock = systemClock;
  const tell = (message: FromThread): void => port.postMessage(message);
  let facts = setup.facts;
  let network = setup.network;
  let agent = agentFor(url, network);
  const waker = new Waker(clock);
  let token: { readonly value: string; readonly number: number } | undefined;
  let refused = -1;
  let lastSignAt = clock.monotonic();
  let wake: () => void = () => undefined;

  port.on("message", (raw: unknown) => {
    const message = toThreadSchema.parse(raw);
    lastSignAt = clock.monotonic();
    switch (message.kind) {
      case "alive":
        break;
      case "beatNow":
        // Connections from before a sleep are dead, and would cost the whole margin to find out.
        agent.destroy();
        agent = agentFor(url, network);
        waker.wake();
        break;
      case "facts":
        facts = message.facts;
        break;
      case "token":
        token = { value: message.token, number: message.number };
        wake();
        break;
      case "network":
        agent.destroy();
        network = message.network;
        agent = agentFor(url, network);
        break;
    }
  });

  const life = new LinkedAbort();
  await runBeats(
    {
      clock,
      times: setup.times,
      send: async (cutOffMs) => {
        if (token === undefined || token.number === refused) return undefined;
        const { number, value } = token;
        const uptimeMs = clock.now() - setup.startedAt;
        const body = heartbeatBody(facts, {
          workerVersion: setup.workerVersion,
          platform: setup.platform,
          uptimeMs,
        });
        const result = await sendBeat({ url, agent, token: value, body, cutOffMs });
        if (result.kind === "unauthorized") {
          refused = number;
          tell({ kind: "tokenRefused", number });
        }
        return result;
      },
      onAccepted: () => tell({ kind: "accepted", at: clock.now() }),
      onFailed: (reason, message, quietMs) =>
        tell({
          kind: "failed",
          at: clock.now(),
          reason,
          message,
          ...(quietMs === undefined ? {} : { quietMs }),
        }),
      newToken: async (ms, signal) => {
        const limit = new LinkedAbort(signal);
        wake = () => limit.abort(new Error("a token came"));
        if (token === undefined || token.number === refused) {
          await clock.sleep(ms, limit.signal).catch(() => undefined);
        }
        wake = () => undefined;
        limit.dispose();
        return token !== undefined && token.number !== refused;
      },
      lastSignAt: () => lastSignAt,
      waker,
    },
    clock.monotonic() + setup.firstBeatInMs,
    life.signal,
  );
  // The main thread is silent: ending the thread ends its beats, and a main thread that wakes up starts another.
  agent.destroy();
  port.close();
}

main().catch((error: unknown) => {
  // Seen by the main thread as the thread's end.
  throw error;
});
