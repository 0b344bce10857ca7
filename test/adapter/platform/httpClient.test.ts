import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { LinkedAbort, neverAborted } from "../../../src/base/abort";
import { systemClock, type Clock } from "../../../src/base/clock";
import { Emitter } from "../../../src/base/emitter";
import { silentLog } from "../../../src/base/log";
import { PlatformError } from "../../../src/core/platformError";
import type { AccessTokens } from "../../../src/platform/accessTokens";
import { HttpClient } from "../../../src/platform/http/httpClient";
import { RestPlatform } from "../../../src/platform/restPlatform";
import { fixedRandom } from "../../fakes/seededRandom";
import { FaultServer, json } from "./faultServer";

const path = { workspaceId: "w", agentId: "a", workerId: "k" };
const sessionBody = { sessionId: "s", status: "queued" };

describe("HttpClient against a real server", () => {
  let server: FaultServer;
  let platform: RestPlatform;
  let token: string;
  let renewals: number;
  let waits: number[];
  /** What each call in turn answers; the last one stands for all later ones. */
  const script = (...answers: ((response: ServerResponse) => void)[]): void => {
    let calls = 0;
    server.answer = (_request, response) => {
      answers[Math.min(calls, answers.length - 1)]?.(response);
      calls += 1;
    };
  };
  const ok = (response: ServerResponse): void => json(response, 200, { user: { userId: "u" } });
  const status =
    (code: number, body: unknown = {}, headers: Record<string, string> = {}) =>
    (response: ServerResponse): void =>
      json(response, code, body, headers);
  const cut = (response: ServerResponse): void => {
    response.destroy();
  };
  const failure = async (work: Promise<unknown>): Promise<PlatformError> => {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof PlatformError, String(error));
    return error;
  };

  beforeEach(async () => {
    server = await FaultServer.start((_request, response) => ok(response));
    token = "first";
    renewals = 0;
    waits = [];
    const tokens: AccessTokens = {
      onDidChangeToken: new Emitter<string>().event,
      get: () => Promise.resolve(token),
      renew: () => {
        renewals += 1;
        token = `renewed-${renewals}`;
        return Promise.resolve(token);
      },
    };
    // Real time, but waits between tries are noted and not waited for; deadlines are a hundredth.
    const clock: Clock = {
      now: () => systemClock.now(),
      monotonic: () => systemClock.monotonic(),
      sleep: (ms, signal) => {
        if (ms === 15_000) return systemClock.sleep(300, signal);
        waits.push(ms);
        return Promise.resolve();
      },
    };
    const options = { origin: server.origin, tokens, clock, random: fixedRandom(0.5), log: silentLog };
    platform = new RestPlatform(new HttpClient(options), silentLog);
  });
  afterEach(() => server.close());

  it("sends the bearer token and reads the answer", async () => {
    assert.deepEqual(await platform.getCurrentUser(neverAborted), { userId: "u", name: undefined });
    assert.equal(server.seen[0]?.authorization, "Bearer first");
  });

  it("renews once after 401 and repeats the call, also one that is not idempotent", async () => {
    script(status(401), status(200, {}));
    await platform.completeSession(path, "s", "c", undefined, neverAborted);
    assert.equal(renewals, 1);
    assert.deepEqual(
      server.seen.map((one) => one.authorization),
      ["Bearer first", "Bearer renewed-1"],
    );
    assert.equal(server.seen[1]?.body, '{"claimId":"c"}');
  });

  it("gives up after the second 401", async () => {
    script(status(401));
    const error = await failure(platform.getCurrentUser(neverAborted));
    assert.equal(error.reason, "unauthorized");
    assert.equal(server.seen.length, 2);
  });

  it("waits as long as a 429 says, by header or by message, and never less", async () => {
    script(
      status(429, { code: 429, message: "slow" }, { "retry-after": "2" }),
      status(429, { code: 429, message: "Please retry in 3 seconds." }),
      ok,
    );
    await platform.getCurrentUser(neverAborted);
    assert.ok((waits[0] ?? 0) >= 2000 && (waits[0] ?? 0) <= 3000, String(waits[0]));
    assert.ok((waits[1] ?? 0) >= 3000 && (waits[1] ?? 0) <= 4000, String(waits[1]));
  });

  it("repeats a refused call that is not idempotent, since it was not carried out", async () => {
    script(status(429, { code: 429, message: "retry in 1 second" }), status(200, {}));
    await platform.releaseSession(path, "s", "c", "r", neverAborted);
    assert.equal(server.seen.length, 2);
  });

  it("hands a long wait to the caller", async () => {
    script(status(429, { code: 429, message: "retry in 60 seconds" }));
    const error = await failure(platform.getCurrentUser(neverAborted));
    assert.equal(error.reason, "rateLimited");
    assert.equal(error.retryAfterMs, 60_000);
    assert.equal(server.seen.length, 1);
  });

  it("tries idempotent calls again after 5xx and cut connections, with growing jitter", async () => {
    script(status(500), cut, status(503), ok);
    await platform.getCurrentUser(neverAborted);
    assert.deepEqual(waits, [250, 500, 1000]);
  });

  it("bounds the tries", async () => {
    script(status(502));
    const error = await failure(platform.getCurrentUser(neverAborted));
    assert.equal(error.reason, "server");
    assert.equal(server.seen.length, 4);
  });

  for (const [name, answer, reason] of [
    ["a cut connection", cut, "network"],
    ["a 500", status(500), "server"],
    ["a broken answer", status(200, { nothing: true }), "badAnswer"],
  ] as const) {
    it(`never repeats a claim after ${name}: the outcome is unknown`, async () => {
      script(answer);
      const error = await failure(platform.claimSession(path, "s", { leaseSeconds: 900 }, neverAborted));
      assert.equal(error.outcome, "unknown");
      assert.equal(error.reason, reason);
      assert.equal(server.seen.length, 1);
    });
  }

  for (const [code, reason] of [
    [400, "badRequest"],
    [403, "forbidden"],
    [404, "notFound"],
    [405, "unsupported"],
    [409, "conflict"],
    [413, "refused"],
  ] as const) {
    it(`${code} is a refusal (${reason}), told once`, async () => {
      script(status(code, { code, message: "no", reason: "claim_inactive" }));
      const error = await failure(platform.claimSession(path, "s", { leaseSeconds: 900 }, neverAborted));
      assert.equal(error.reason, reason);
      assert.equal(error.outcome, "refused");
      assert.equal(error.status, code);
      assert.equal(error.conflictReason, code === 409 ? "claim_inactive" : undefined);
      assert.equal(server.seen.length, 1);
    });
  }

  it("a refusal without a body is one too", async () => {
    script((response) => {
      response.writeHead(404);
      response.end();
    });
    assert.equal((await failure(platform.getWorker(path, neverAborted))).reason, "notFound");
  });

  it("knows that a refused connection carried nothing out", async () => {
    await server.close();
    const error = await failure(platform.completeSession(path, "s", "c", undefined, neverAborted));
    assert.equal(error.reason, "network");
    assert.equal(error.outcome, "refused");
    server = await FaultServer.start((_request, response) => ok(response));
  });

  it("ends a call that is not answered in time", async () => {
    script(() => undefined);
    const error = await failure(
      platform.failSession(path, "s", "c", { message: "m", reason: "r" }, neverAborted),
    );
    assert.equal(error.reason, "timeout");
    assert.equal(error.outcome, "unknown");
  });

  it("ends a call whose body never ends", async () => {
    script((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write("{");
    });
    assert.equal(
      (await failure(platform.releaseSession(path, "s", "c", "r", neverAborted))).reason,
      "timeout",
    );
  });

  it("stops at once when the caller aborts, with the caller's reason", async () => {
    script(() => undefined);
    const abort = new LinkedAbort();
    const call = platform.getCurrentUser(abort.signal);
    abort.abort(new Error("enough"));
    await assert.rejects(call, /enough/u);
  });

  it("never follows a redirect, so the token goes nowhere else", async () => {
    const other = await FaultServer.start((_request, response) => ok(response));
    try {
      script((response) => {
        response.writeHead(307, { location: `${other.origin}/api/v1/me` });
        response.end();
      });
      const error = await failure(platform.getCurrentUser(neverAborted));
      assert.equal(error.reason, "badAnswer");
      assert.equal(other.seen.length, 0);
      assert.equal(server.seen.length, 1);
    } finally {
      await other.close();
    }
  });

  for (const declared of [true, false]) {
    it(`reads at most 8 MB of an answer, ${declared ? "announced" : "streamed"}`, async () => {
      script((response) => {
        const size = 9 * 1024 * 1024;
        response.writeHead(200, declared ? { "content-length": String(size) } : {});
        response.end(Buffer.alloc(size, 32));
      });
      const error = await failure(platform.getCurrentUser(neverAborted));
      assert.equal(error.reason, "badAnswer");
      assert.equal(server.seen.length, 1);
    });
  }

  it("skips an odd session and keeps the others", async () => {
    script(
      status(200, { sessions: [{ sessionId: 7 }, "what", sessionBody, { ...sessionBody, future: [1] }] }),
    );
    const sessions = await platform.pollSessions(path, neverAborted);
    assert.equal(sessions.length, 2);
    assert.equal(server.seen[0]?.path, "/api/v1/workspaces/w/agents/a/workers/k/sessions?limit=100");
  });

  it("puts neither token nor query into its errors", async () => {
    script(status(500, { code: 500, message: "boom" }));
    const error = await failure(platform.pollSessions(path, neverAborted));
    assert.ok(!`${error.message} ${String(error.stack)}`.includes("first"));
    assert.ok(!error.message.includes("limit="));
  });
});
