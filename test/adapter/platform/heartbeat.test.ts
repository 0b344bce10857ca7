import assert from "node:assert/strict";
import { build } from "esbuild";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import * as z from "zod/mini";
import { systemClock } from "../../../src/base/clock";
import type { Disposable } from "../../../src/base/disposable";
import { Emitter } from "../../../src/base/emitter";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import type { BeatResult, HeartbeatFacts } from "../../../src/core/ports/heartbeat";
import type { BeatTimes } from "../../../src/platform/heartbeat/schedule";
import type { Fetch } from "../../../src/platform/http/httpClient";
import { ThreadHeartbeat } from "../../../src/platform/threadHeartbeat";
import { eventually, FaultServer, json } from "./faultServer";

/** The contract's proportions, 25 times faster. */
const times: BeatTimes = {
  intervalMs: 400,
  quickCutOffMs: 150,
  quickTries: 2,
  slowCutOffMs: 300,
  slowPauseMs: 20,
  silenceMs: 2_400,
  obeyMs: 9_600,
};
const facts: HeartbeatFacts = {
  state: "idle",
  activeSessions: 0,
  awaitingInputSessions: 0,
  maxConcurrentSessions: 6,
  runtime: { provider: "codex", version: undefined },
};

const platformSource = `
const { createServer } = require("node:http");
const { parentPort } = require("node:worker_threads");
const beats = [];
const server = createServer((request, response) => {
  request.resume();
  beats.push(Date.now());
  response.writeHead(200, { "content-type": "application/json" });
  response.end("{}");
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage({ port: server.address().port }));
parentPort.on("message", () => parentPort.postMessage({ beats }));
`;

/** A platform in a thread of its own: it goes on noting beats while this thread is blocked. */
class PlatformThread {
  readonly origin: string;
  readonly #worker: Worker;

  private constructor(worker: Worker, port: number) {
    this.#worker = worker;
    this.origin = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<PlatformThread> {
    const worker = new Worker(platformSource, { eval: true });
    const message = await new Promise<unknown>((resolve) => worker.once("message", resolve));
    return new PlatformThread(worker, z.object({ port: z.number() }).parse(message).port);
  }

  /** Wall clock of every beat so far. */
  async beats(): Promise<readonly number[]> {
    const answer = new Promise<unknown>((resolve) => this.#worker.once("message", resolve));
    this.#worker.postMessage("beats");
    return z.object({ beats: z.array(z.number()) }).parse(await answer).beats;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Keeps this thread busy, as a neighbour extension would. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe("ThreadHeartbeat", () => {
  let folder: string;
  let threadFile: string;
  let heartbeat: ThreadHeartbeat | undefined;
  let server: FaultServer | undefined;
  let listening: Disposable | undefined;
  let results: BeatResult[];
  let token: string;
  const changes = new Emitter<string>();

  before(async function () {
    this.timeout(60_000);
    folder = await mkdtemp(join(tmpdir(), "heartbeat-"));
    threadFile = join(folder, "heartbeatThread.js");
    const root = join(import.meta.dirname, "..", "..", "..");
    await build({
      entryPoints: [join(root, "src", "platform", "heartbeatThread.ts")],
      outfile: threadFile,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      mainFields: ["module", "main"],
    });
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    results = [];
    token = "t1";
  });
  afterEach(async () => {
    listening?.dispose();
    await heartbeat?.stop();
    await server?.close();
    heartbeat = undefined;
    server = undefined;
  });

  const begin = (origin: string, more: { file?: string; fetch?: Fetch } = {}): ThreadHeartbeat => {
    heartbeat = new ThreadHeartbeat({
      threadFile: more.file ?? threadFile,
      origin,
      path: { workspaceId: "w", agentId: "a", workerId: "k" },
      tokens: {
        onDidChangeToken: changes.event,
        get: () => Promise.resolve(token),
        renew: () => {
          token = "t2";
          return Promise.resolve(token);
        },
      },
      network: () => Promise.resolve({}),
      workerVersion: "1.0.0",
      platform: "linux",
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      times,
      ...(more.fetch === undefined ? {} : { fetch: more.fetch }),
    });
    listening = heartbeat.onDidBeat((result) => results.push(result));
    heartbeat.start(facts);
    return heartbeat;
  };
  const startServer = async (): Promise<FaultServer> => {
    server = await FaultServer.start((_request, response) => json(response, 200, {}));
    return server;
  };
  const accepted = (from: "thread" | "main"): number =>
    results.filter((one) => one.kind === "accepted" && one.from === from).length;

  it("beats on time while the main loop is blocked again and again", async () => {
    const platform = await PlatformThread.start();
    try {
      begin(platform.origin);
      await eventually("two beats", () => accepted("thread") >= 2);
      const blockedFrom = Date.now();
      for (let round = 0; round < 2; round += 1) {
        block(1_500);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const blockedUntil = Date.now();
      const beats = await platform.beats();
      const inside = beats.filter((at) => at >= blockedFrom - 600 && at <= blockedUntil);
      const gaps = inside.slice(1).map((at, index) => at - (inside[index] ?? 0));
      // A beat of the main loop would leave gaps of 1500 ms; the rest is room for a busy machine.
      assert.ok(inside.length >= 6, `${inside.length} beats`);
      assert.ok(Math.max(...gaps) < 1_000, `gaps ${gaps.join(" ")}`);
    } finally {
      await heartbeat?.stop();
      await platform.close();
    }
  });

  it("sends the allow-list with the newest facts", async () => {
    const target = await startServer();
    const running = begin(target.origin);
    await eventually("a beat", () => target.seen.length > 0);
    const first = target.seen[0];
    assert.equal(first?.path, "/api/v1/workspaces/w/agents/a/workers/k/heartbeat");
    assert.equal(first.authorization, "Bearer t1");
    assert.deepEqual(Object.keys(z.record(z.string(), z.unknown()).parse(JSON.parse(first.body))).sort(), [
      "activeSessions",
      "awaitingInputSessions",
      "maxConcurrentSessions",
      "platform",
      "runtime",
      "state",
      "uptimeSeconds",
      "workerVersion",
    ]);
    for (const state of ["busy", "paused", "stopping"] as const) {
      running.update({ ...facts, state });
      await eventually(state, () => target.seen.some((one) => one.body.includes(`"state":"${state}"`)));
    }
  });

  it("asks for a new token after 401 and beats with it at once", async () => {
    const target = await startServer();
    target.answer = (request, response) =>
      json(response, request.authorization === "Bearer t2" ? 200 : 401, {});
    begin(target.origin);
    await eventually("an accepted beat", () => accepted("thread") > 0);
    assert.deepEqual(
      target.seen.slice(0, 2).map((one) => one.authorization),
      ["Bearer t1", "Bearer t2"],
    );
    assert.ok(results.every((one) => one.kind === "accepted"));
  });

  it("takes a token that was renewed ahead", async () => {
    const target = await startServer();
    begin(target.origin);
    await eventually("a beat", () => target.seen.length > 0);
    token = "t9";
    changes.fire("t9");
    await eventually("the new token", () => target.seen.at(-1)?.authorization === "Bearer t9");
  });

  it("cuts a silent answer off and tries again inside the margin", async () => {
    const target = await startServer();
    begin(target.origin);
    await eventually("a beat", () => accepted("thread") > 0);
    let silent = 1;
    target.answer = (_request, response) => {
      silent -= 1;
      if (silent < 0) json(response, 200, {});
    };
    const before = target.seen.length;
    await eventually("both tries", () => target.seen.length >= before + 2);
    const [first, second] = target.seen.slice(before);
    const gap = (second?.at ?? 0) - (first?.at ?? 0);
    assert.ok(gap >= times.quickCutOffMs * 0.8 && gap < times.intervalMs, `${gap} ms`);
  });

  it("tells a rejected worker", async () => {
    const target = await startServer();
    target.answer = (_request, response) => json(response, 404, { code: 404, message: "gone" });
    begin(target.origin);
    await eventually("the rejection", () => results.length > 0);
    const [first] = results;
    assert.ok(first?.kind === "failed" && first.reason === "rejected");
  });

  it("tells that the platform is out of reach, and when it is back", async () => {
    const target = await startServer();
    target.answer = (_request, response) => response.destroy();
    begin(target.origin);
    await eventually("a failure", () => results.some((one) => one.kind === "failed"));
    assert.ok(results.every((one) => one.kind === "failed" && one.reason === "unreachable"));
    target.answer = (_request, response) => json(response, 200, {});
    await eventually("a beat", () => results.some((one) => one.kind === "accepted"));
  });

  it("beats from the main thread while only the thread's beats fail, says so, and gives the work back", async () => {
    const target = await startServer();
    let threadFails = true;
    target.answer = (_request, response, raw) => {
      const fromMain = raw.headers["x-main"] !== undefined;
      if (!fromMain && threadFails) response.destroy();
      else json(response, 200, {});
    };
    const mark: Fetch = (url, init) => {
      const headers = new Headers(init.headers);
      headers.set("x-main", "1");
      return fetch(url, { ...init, headers });
    };
    begin(target.origin, { fetch: mark });
    await eventually("three beats of main", () => accepted("main") >= 3);
    assert.ok(results.every((one) => one.kind === "accepted"));
    threadFails = false;
    await eventually("the thread again", () => accepted("thread") >= 2);
    const mainBeats = accepted("main");
    await eventually("two more of the thread", () => accepted("thread") >= 4);
    assert.equal(accepted("main"), mainBeats);
  });

  it("beats from the main thread when the thread cannot be started at all", async () => {
    const target = await startServer();
    begin(target.origin, { file: join(folder, "missing.js") });
    await eventually("beats of main", () => accepted("main") >= 2);
  });

  it("falls silent when the main thread gives no sign of life, and starts again when it does", async () => {
    const platform = await PlatformThread.start();
    try {
      begin(platform.origin);
      await eventually("a beat", () => accepted("thread") > 0);
      const blockedFrom = Date.now();
      block(times.silenceMs + 2_000);
      const blockedUntil = Date.now();
      const beats = accepted("thread");
      await eventually("beats of a new thread", () => accepted("thread") >= beats + 2);
      const during = (await platform.beats()).filter((at) => at > blockedFrom && at < blockedUntil);
      assert.ok(during.length >= 3, "it went on at first");
      // One interval after the limit is the last that may beat; the rest is room for a busy machine.
      const last = Math.max(...during) - blockedFrom;
      assert.ok(last < times.silenceMs + times.intervalMs + 600, `last beat after ${last} ms`);
    } finally {
      await heartbeat?.stop();
      await platform.close();
    }
  });

  it("beats at once and over a new connection when told that the machine woke up", async () => {
    const target = await startServer();
    const running = begin(target.origin);
    await eventually("two beats", () => accepted("thread") >= 2);
    const sockets = new Set<unknown>();
    target.answer = (_request, response, raw) => {
      sockets.add(raw.socket);
      json(response, 200, {});
    };
    await eventually("a beat over the old connection", () => sockets.size === 1);
    const before = target.seen.length;
    const toldAt = performance.now();
    running.beatNow();
    await eventually("a beat over a new one", () => sockets.size === 2);
    const at = target.seen[before]?.at ?? Infinity;
    assert.ok(at - toldAt < times.intervalMs, `it left after ${at - toldAt} ms`);
  });

  it("beats at once from the main thread when the thread is of no use", async () => {
    const target = await startServer();
    const running = begin(target.origin, { file: join(folder, "missing.js") });
    await eventually("a beat of main", () => accepted("main") === 1);
    const before = target.seen.length;
    running.beatNow();
    await eventually("one more at once", () => target.seen.length === before + 1, times.intervalMs * 0.8);
  });

  for (const from of ["thread", "main"] as const) {
    it(`waits as long as a 429 asks, and says so (${from})`, async () => {
      const target = await startServer();
      begin(target.origin, from === "main" ? { file: join(folder, "missing.js") } : {});
      await eventually("a beat", () => accepted(from) > 0);
      target.answer = (_request, response) =>
        json(response, 429, { code: 429, message: "Too many calls, wait 1.5 seconds." });
      await eventually("the refusal", () => results.some((one) => one.kind === "failed"));
      const told = results.find((one) => one.kind === "failed");
      assert.ok(told?.kind === "failed" && told.message.includes("429 and asks to wait 2 s"), told?.kind);
      target.answer = (_request, response) => json(response, 200, {});
      const before = target.seen.length;
      const beats = accepted(from);
      await eventually("the next beat", () => accepted(from) > beats);
      const [refusal, next] = target.seen.slice(before - 1);
      const waited = (next?.at ?? 0) - (refusal?.at ?? 0);
      assert.ok(waited >= 1400 && waited < 1500 + 4 * times.intervalMs, `it waited ${waited} ms`);
      assert.equal(results.filter((one) => one.kind === "failed").length, 1);
    });
  }

  it("ends with nothing left open", async () => {
    const target = await startServer();
    const running = begin(target.origin);
    await eventually("a beat", () => accepted("thread") > 0);
    assert.equal(target.connections, 1);
    await running.stop();
    await eventually("the thread's connection closes", () => target.connections === 0);
    running.start(facts);
    const before = accepted("thread");
    await eventually("it can start again", () => accepted("thread") > before);
  });
});
