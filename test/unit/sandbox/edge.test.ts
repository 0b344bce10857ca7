import assert from "node:assert/strict";
import { request } from "node:http";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { apiOf, beat, queue, signIn, workerAt } from "../../fakes/sandboxClient";

/** A request with headers that fetch would not let through. */
function raw(sandbox: Sandbox, path: string, headers: Record<string, string>): Promise<number> {
  const { hostname, port } = new URL(sandbox.baseUrl);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .once("error", reject)
      .end();
  });
}

describe("the sandbox's edges", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startTestSandbox();
  });
  afterEach(() => sandbox.close());

  const dashboard = async (headers: Record<string, string>, path = "state"): Promise<Response> =>
    fetch(`${sandbox.baseUrl}/sandbox/api/${path}`, { headers });

  it("answers no other host name", async () => {
    assert.equal(await raw(sandbox, "/", { host: "evil.example" }), 421);
    assert.equal(await raw(sandbox, "/", { host: "127.0.0.1:1" }), 421);
    assert.equal(await raw(sandbox, "/", { host: new URL(sandbox.baseUrl).host }), 200);
  });

  it("answers a further name once the holder of the token told it", async () => {
    const host = "forwarded.example:8443";
    const tell = async (token: string): Promise<number> => {
      const answer = await fetch(`${sandbox.baseUrl}/sandbox/api/hosts`, {
        method: "POST",
        headers: { "x-sandbox-token": token, "content-type": "application/json" },
        body: JSON.stringify({ host: host.toUpperCase() }),
      });
      return answer.status;
    };
    assert.equal(await tell("wrong"), 401);
    assert.equal(await raw(sandbox, "/", { host }), 421);
    assert.equal(await tell(sandbox.dashboardToken), 200);
    assert.equal(await raw(sandbox, "/", { host }), 200);
    assert.equal(await raw(sandbox, "/", { host: "forwarded.example" }), 421);
  });

  it("gives the dashboard to its own page with the token only", async () => {
    const token = { "x-sandbox-token": sandbox.dashboardToken };
    assert.equal((await dashboard(token)).status, 200);
    assert.equal((await dashboard({})).status, 401);
    assert.equal((await dashboard({ "x-sandbox-token": "wrong" })).status, 401);
    assert.equal(
      await raw(sandbox, "/sandbox/api/state", {
        ...token,
        host: new URL(sandbox.baseUrl).host,
        origin: "http://evil.example",
      }),
      403,
    );
    const answer = await dashboard(token);
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
    assert.equal((await dashboard(token, "sessions/x/y/z")).status, 404);
  });

  it("takes no call that another site's page sends, and keeps none of it", async () => {
    const own = new URL(sandbox.baseUrl).origin;
    for (const path of ["/app/auth/token", "/api/v1/workspaces/ws_sandbox/agents/agent_sandbox/workers"]) {
      for (const origin of ["http://evil.example", "null"]) {
        const answer = await fetch(`${sandbox.baseUrl}${path}`, {
          method: "POST",
          headers: { origin, "content-type": "application/x-www-form-urlencoded" },
          body: "grant_type=refresh_token",
        });
        assert.equal(answer.status, 403);
      }
    }
    assert.deepEqual(sandbox.log.list(), []);
    const mine = await fetch(`${own}/api/v1/me`, { headers: { origin: own } });
    assert.equal(mine.status, 401);
  });

  it("keeps of a large request no more than its size", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = `grant_type=${"x".repeat(500_000)}`;
    await fetch(`${sandbox.baseUrl}/app/auth/token`, { method: "POST", headers, body });
    assert.ok(JSON.stringify(sandbox.log.list()).length < 2_000);
  });

  it("serves its page with a policy that lets nothing else in", async () => {
    const page = await fetch(sandbox.baseUrl);
    assert.match(
      page.headers.get("content-security-policy") ?? "",
      /default-src 'none'; script-src 'self'; style-src 'self'/,
    );
    assert.ok(!(await page.text()).includes(sandbox.dashboardToken));
  });

  it("reads JSON only, of bounded size", async () => {
    const { accessToken } = await signIn(sandbox);
    const send = async (body: string, type = "application/json"): Promise<number> => {
      const url = `${sandbox.baseUrl}/api/v1/workspaces/ws_sandbox/agents/agent_sandbox/workers`;
      const headers = { authorization: `Bearer ${accessToken}`, "content-type": type };
      return (await fetch(url, { method: "POST", headers, body })).status;
    };
    assert.equal(await send("{"), 400);
    assert.equal(await send("{}", "text/plain"), 415);
    assert.equal(await send(`"${"x".repeat(1_048_577)}"`), 413);
  });

  it("knows the paths and methods of the contract and no others", async () => {
    const api = apiOf(sandbox, (await signIn(sandbox)).accessToken);
    assert.equal((await api("GET", "/everything")).status, 404);
    assert.equal((await api("POST", "/me", {})).status, 405);
  });

  const reply = async (): Promise<number | "cut"> => {
    try {
      return (await fetch(`${sandbox.baseUrl}/api/v1/me`)).status;
    } catch {
      return "cut";
    }
  };

  it("fails as asked, so often and for those calls only", async () => {
    await sandbox.dashboard("POST", "faults", {
      operationId: "getCurrentUser",
      skip: 1,
      times: 2,
      action: { type: "status", status: 503 },
    });
    const seen = [await reply(), await reply(), await reply(), await reply()];
    assert.deepEqual(seen, [401, 503, 503, 401]);
  });

  it("names the seconds of a rate limit in the message alone", async () => {
    await sandbox.dashboard("POST", "faults", { action: { type: "rate_limit", seconds: 7 } });
    const answer = await fetch(`${sandbox.baseUrl}/api/v1/me`);
    assert.equal(answer.headers.get("retry-after"), null);
    assert.match(await answer.text(), /retry in 7 seconds/);
  });

  for (const [when, beats] of [
    ["before", 0],
    ["after", 1],
  ] as const) {
    it(`cuts the connection ${when} it acts`, async () => {
      const { api, path } = await workerAt(sandbox);
      await sandbox.dashboard("POST", "faults", {
        pathIncludes: "heartbeat",
        action: { type: "drop", when },
      });
      await assert.rejects(api("POST", `${path}/heartbeat`, beat));
      assert.equal(sandbox.state().workers[0]?.beats, beats);
      assert.equal(sandbox.log.list().at(-1)?.status, null);
    });
    it(`answers 500 ${when} it acts`, async () => {
      const { api, path } = await workerAt(sandbox);
      await sandbox.dashboard("POST", "faults", {
        operationId: "heartbeat",
        action: { type: "status", status: 500, when },
      });
      assert.equal((await api("POST", `${path}/heartbeat`, beat)).status, 500);
      assert.equal(sandbox.state().workers[0]?.beats, beats);
    });
  }

  it("answers late, and with what is no JSON", async () => {
    await sandbox.dashboard("POST", "faults", { action: { type: "delay", delayMs: 40 } });
    const startedAt = performance.now();
    assert.equal(await reply(), 401);
    assert.ok(performance.now() - startedAt >= 39);
    await sandbox.dashboard("POST", "faults", { times: 0, action: { type: "body", text: "<html>" } });
    assert.equal(await (await fetch(`${sandbox.baseUrl}/api/v1/me`)).text(), "<html>");
    await sandbox.dashboard("DELETE", "faults");
    assert.equal(await reply(), 401);
  });

  it("moves its clock for a test, forward only", async () => {
    const before = sandbox.clock.now();
    await sandbox.dashboard("POST", "clock", { advanceMs: 60_000 });
    assert.ok(sandbox.clock.now() - before >= 60_000);
    await assert.rejects(sandbox.dashboard("POST", "clock", { advanceMs: -1 }), /400/);
  });

  it("refuses a fault that it would not understand", async () => {
    await assert.rejects(
      sandbox.dashboard("POST", "faults", { operation: "x", action: { type: "drop" } }),
      /400/,
    );
  });

  it("tells a watcher of a change, and of what time alone has changed", async () => {
    const { api, path } = await workerAt(sandbox);
    await api("POST", `${path}/heartbeat`, beat);
    const change = sandbox.until((state) => state.sessions.length === 1);
    await queue(sandbox);
    await change;
    const stale = sandbox.until((state) => state.workers[0]?.status === "stale");
    sandbox.advance(12_000);
    await stale;
    await assert.rejects(
      sandbox.until(() => false, 50),
      /did not get there/,
    );
  });

  it("keeps an error body for every refusal", async () => {
    const answer = await fetch(`${sandbox.baseUrl}/api/v1/me`);
    assert.deepEqual(await answer.json(), { code: 401, message: "A bearer token is needed." });
  });
});
