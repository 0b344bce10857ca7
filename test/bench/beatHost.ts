// A host as the bench of heartbeats needs it: three streaming sessions, a neighbour that blocks the loop, and beats.
import { join } from "node:path";
import { systemClock as clock } from "../../src/base/clock";
import { Emitter } from "../../src/base/emitter";
import { LinkedAbort } from "../../src/base/abort";
import { silentLog as log } from "../../src/base/log";
import { systemRandom as random } from "../../src/base/random";
import type { HeartbeatFacts } from "../../src/core/ports/heartbeat";
import { mainBeat } from "../../src/platform/heartbeat/mainBeat";
import { usualTimes } from "../../src/platform/heartbeat/schedule";
import { addressOf } from "../../src/platform/http/address";
import { heartbeatBody } from "../../src/platform/requestBodies";
import { ThreadHeartbeat } from "../../src/platform/threadHeartbeat";
import { recordingOf, StreamedSession } from "./streamedSession";

const blockMs = 4000;
/** Between two blocks of the loop, at random. */
const leastPauseMs = 2000;
const mostPauseMs = 18_000;
/** A busy tool's pace, for each of the sessions. */
const chunkEveryMs = 250;
const sessions = 3;
const path = { workspaceId: "w", agentId: "a" };
const facts: HeartbeatFacts = {
  ...{ state: "busy", activeSessions: sessions, awaitingInputSessions: 0, maxConcurrentSessions: sessions },
  runtime: { provider: "codex", version: undefined },
};
const tokens = {
  onDidChangeToken: new Emitter<string>().event,
  get: () => Promise.resolve("t"),
  renew: () => Promise.resolve("t"),
};

/** The same beats, from this loop: every 10 s on absolute deadlines. */
async function beatFromMain(origin: string, signal: AbortSignal): Promise<void> {
  const url = addressOf(origin, "heartbeat", { ...path, workerId: "main" });
  const startedAt = clock.now();
  for (let dueAt = clock.monotonic(); !signal.aborted; dueAt += usualTimes.intervalMs) {
    await clock.sleep(Math.max(0, dueAt - clock.monotonic()), signal);
    const uptimeMs = clock.now() - startedAt;
    const body = heartbeatBody(facts, { workerVersion: "0.0.0", platform: process.platform, uptimeMs });
    await mainBeat({ url, tokens, clock, cutOffMs: usualTimes.slowCutOffMs }, body, signal);
  }
}

/** A tool that goes on talking; bytes that were streamed. */
async function stream(signal: AbortSignal): Promise<number> {
  const chunks = recordingOf(1);
  const session = await new StreamedSession().open();
  let bytes = 0;
  for (let at = 0; !signal.aborted; at = (at + 1) % chunks.length) {
    const chunk = chunks[at];
    if (chunk !== undefined) session.push(chunk);
    bytes += chunk?.length ?? 0;
    await clock.sleep(chunkEveryMs, signal).catch(() => undefined);
  }
  await session.end();
  return bytes;
}

/** The neighbour; how often it blocked the loop. */
async function block(signal: AbortSignal): Promise<number> {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  for (let count = 0; ; count += 1) {
    const pauseMs = leastPauseMs + random.next() * (mostPauseMs - leastPauseMs);
    await clock.sleep(pauseMs, signal).catch(() => undefined);
    if (signal.aborted) return count;
    Atomics.wait(shared, 0, 0, blockMs);
  }
}

async function main([origin = "", lastsMs = "0"]: readonly string[]): Promise<void> {
  const life = new LinkedAbort();
  const heartbeat = new ThreadHeartbeat({
    ...{ clock, random, log, origin, tokens, path: { ...path, workerId: "thread" } },
    threadFile: join(__dirname, "../../dist/heartbeatThread.js"),
    ...{ workerVersion: "0.0.0", platform: process.platform, network: () => Promise.resolve({}) },
  });
  heartbeat.start(facts);
  const beats = beatFromMain(origin, life.signal).catch(() => undefined);
  const streams = Array.from({ length: sessions }, () => stream(life.signal));
  const blocks = block(life.signal);
  await clock.sleep(Number(lastsMs), life.signal);
  life.abort(new Error("the bench is over"));
  await beats;
  await heartbeat.stop();
  const streamed = (await Promise.all(streams)).reduce((sum, bytes) => sum + bytes, 0);
  process.send?.({ streamed, blocked: await blocks });
}

void main(process.argv.slice(2));
