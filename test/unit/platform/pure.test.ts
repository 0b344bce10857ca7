import assert from "node:assert/strict";
import { UserError } from "../../../src/core/actions";
import { platformOrigin } from "../../../src/platform/baseUrl";
import { networkFacts, proxyFor } from "../../../src/platform/heartbeat/network";
import { addressOf } from "../../../src/platform/http/address";
import { retryAfterMs } from "../../../src/platform/http/retryAfter";
import { toClaim, toListedWorker, toSession, toWorker } from "../../../src/platform/mapping";
import {
  callbackParameters,
  parsePastedAddress,
  reachesLoopback,
  registeredRedirect,
  requireCode,
} from "../../../src/platform/oauth/redirects";
import { heartbeatBody, patchBody } from "../../../src/platform/requestBodies";
import { worker } from "../../../src/platform/wire/bodies";
import { claim, session } from "../../../src/platform/wire/sessions";

describe("platformOrigin", () => {
  for (const [address, origin] of [
    ["https://onehorizon.ai", "https://onehorizon.ai"],
    [" https://onehorizon.ai/ ", "https://onehorizon.ai"],
    ["http://localhost:4000", "http://localhost:4000"],
    ["http://127.0.0.1:4000/", "http://127.0.0.1:4000"],
    ["http://[::1]:4000", "http://[::1]:4000"],
  ] as const) {
    it(`accepts ${address}`, () => assert.equal(platformOrigin(address), origin));
  }
  for (const address of [
    "http://onehorizon.ai",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "https://user:secret@onehorizon.ai",
    "https://onehorizon.ai/path",
    "https://onehorizon.ai/?q",
    "ftp://onehorizon.ai",
    "onehorizon.ai",
    "",
  ]) {
    it(`refuses "${address}" without repeating it`, () => {
      assert.throws(
        () => platformOrigin(address),
        (error) => error instanceof UserError && !error.message.includes("secret"),
      );
    });
  }
});

describe("addressOf", () => {
  it("encodes each id as one segment", () => {
    const url = addressOf("https://p.example", "listAgents", { workspaceId: "a/b?c#d e" });
    assert.equal(url.href, "https://p.example/api/v1/workspaces/a%2Fb%3Fc%23d%20e/agents");
  });
  for (const workspaceId of ["", ".", ".."]) {
    it(`refuses the id "${workspaceId}", which would change the path`, () => {
      assert.throws(
        () => addressOf("https://p.example", "listAgents", { workspaceId }),
        /no usable workspaceId/u,
      );
    });
  }
});

describe("retryAfterMs", () => {
  const now = Date.UTC(2030, 0, 1);
  for (const [header, message, expected] of [
    ["7", "", 7000],
    ["0", "", 0],
    ["1.5", "", 1500],
    [new Date(now + 4000).toUTCString(), "", 4000],
    [new Date(now - 4000).toUTCString(), "", 0],
    [null, "Too many requests. Please retry in 12 seconds.", 12_000],
    [null, "Rate limit of 100 requests exceeded, wait 30s", 30_000],
    [null, "retry after 2.5 sec", 2500],
    [null, "try again in 2 minutes", 120_000],
    [null, "wait 250 ms", 250],
    ["9", "retry in 12 seconds", 9000],
    ["soon", "retry in 12 seconds", 12_000],
    ["99999999", "", 900_000],
    [null, "slow down", undefined],
  ] as const) {
    it(`${header ?? "no header"}, "${message}"`, () =>
      assert.equal(retryAfterMs(header, message, now), expected));
  }

  it("reads no more of a message than people write, however long it is", () => {
    // What grows with the square of the length does not end before the test's own limit.
    assert.equal(retryAfterMs(null, "1".repeat(4_000_000), now), undefined);
  });
});

describe("redirects", () => {
  const loopback = registeredRedirect({ mode: "loopback", port: 43117 });
  const uri = registeredRedirect({
    mode: "uri",
    scheme: "vscode",
    extensionId: "one-horizon.one-horizon-worker",
  });

  it("are the registered strings", () => {
    assert.equal(loopback, "http://localhost:43117/oauth/callback");
    assert.equal(uri, "vscode://one-horizon.one-horizon-worker/oauth/callback");
  });
  for (const [external, expected] of [
    ["http://localhost:43117/", true],
    ["http://127.0.0.1:43117/", true],
    ["http://localhost:43118/", false],
    ["https://localhost:43117/", false],
    ["http://127.0.0.1:8080/proxy/43117/", false],
    ["https://name-43117.app.github.dev/", false],
    ["nonsense", false],
  ] as const) {
    it(`a browser sent to ${external} ${expected ? "comes" : "does not come"} back`, () =>
      assert.equal(reachesLoopback(loopback, external), expected));
  }
  it("recognize their own callback only", () => {
    assert.equal(callbackParameters(`${uri}?code=c&state=s`, uri)?.get("code"), "c");
    assert.equal(callbackParameters("vscode://other.extension/oauth/callback?code=c", uri), undefined);
    assert.equal(callbackParameters("http://localhost:43117/other?code=c", loopback), undefined);
    assert.equal(callbackParameters("http://localhost:1/oauth/callback?code=c", loopback), undefined);
  });
  for (const [text, kind] of [
    [`  ${loopback}?code=c&state=right \n`, "callback"],
    [`${loopback}?error=access_denied&state=right`, "callback"],
    [`${loopback}?code=c&state=wrong`, "problem"],
    [`${loopback}?state=right`, "problem"],
    ["https://evil.example/oauth/callback?code=c&state=right", "problem"],
    ["right", "problem"],
    ["", "problem"],
  ] as const) {
    it(`a pasted "${text.trim()}" is a ${kind}`, () =>
      assert.equal(parsePastedAddress(text, loopback, "right").kind, kind));
  }
  it("need a code", () => {
    assert.throws(() => requireCode(new URLSearchParams("error=access_denied")), /declined/u);
    assert.throws(() => requireCode(new URLSearchParams("error=<b>x</b>")), /unknown error/u);
    assert.throws(() => requireCode(new URLSearchParams("")), /without a code/u);
    requireCode(new URLSearchParams("code=c"));
  });
});

describe("mapping", () => {
  const minimal = { sessionId: "s", status: "queued" };

  it("takes a session with nothing but an id and a status; a missing owner is not ours", () => {
    const mapped = toSession(session.parse(minimal));
    assert.equal(mapped.ownerUserId, undefined);
    assert.equal(mapped.status, "queued");
    assert.equal(mapped.workflow, undefined);
    assert.deepEqual(mapped.untrusted, { task: undefined, comments: [], documents: [] });
  });
  it("keeps unknown fields out and takes unknown statuses as data", () => {
    const mapped = toSession(session.parse({ ...minimal, status: "paused_by_moon", surprise: { deep: 1 } }));
    assert.equal(mapped.status, "unknown");
    assert.ok(!("surprise" in mapped));
  });
  it("takes null for missing", () => {
    const nulls = {
      claim: null,
      taskId: null,
      workerId: null,
      pendingResumeInput: null,
      workflowRunId: null,
    };
    const mapped = toSession(session.parse({ ...minimal, ...nulls, ownerUserId: "" }));
    assert.equal(mapped.claim, undefined);
    assert.equal(mapped.ownerUserId, undefined);
    assert.equal(mapped.workflow, undefined);
  });
  it("reads what a workflow run says of a session, and an unknown verdict as none", () => {
    const facts = {
      workflowRunId: "r",
      workflowTaskMode: "dance",
      workflowPushConfirmed: true,
      workflowNextTarget: { targetGroupId: "g", targetWorkerId: null },
      delegatingSessionId: "parent",
      reviewVerdict: "approve",
    };
    const mapped = toSession(session.parse({ ...minimal, ...facts }));
    assert.deepEqual(mapped.workflow, {
      runId: "r",
      stepId: undefined,
      taskMode: "dance",
      branchName: undefined,
      pushConfirmed: true,
      nextTarget: { targetWorkerId: undefined, targetGroupId: "g" },
    });
    assert.deepEqual([mapped.delegatingSessionId, mapped.reviewVerdict], ["parent", "approve"]);
    const odd = session.parse({ ...minimal, reviewVerdict: "shrug" });
    assert.equal(toSession(odd).reviewVerdict, undefined);
  });
  it("reads a listed worker, nameless and of no group too", () => {
    const listed = worker.parse({ workerId: "w", name: "", groupId: null, status: "online" });
    assert.deepEqual(toListedWorker(listed), {
      workerId: "w",
      name: "w",
      status: "online",
      groupId: undefined,
    });
    assert.equal(toListedWorker(worker.parse({ workerId: "w", groupId: "g" })).groupId, "g");
  });
  it("reads dates as instants and unreadable ones as unknown", () => {
    assert.equal(
      toClaim(claim.parse({ claimId: "c", expiresAt: "2030-01-01T00:00:00Z" })).expiresAt,
      Date.UTC(2030, 0, 1),
    );
    assert.equal(toClaim(claim.parse({ claimId: "c", expiresAt: "tomorrow" })).expiresAt, undefined);
    assert.equal(
      toClaim(claim.parse({ claimId: "c", expiresAt: "x", leaseSeconds: 0 })).leaseSeconds,
      undefined,
    );
  });
  it("names a control signal it does not know", () => {
    const mapped = toWorker(worker.parse({ workerId: "w", controlSignal: { signalId: "g", type: "dance" } }));
    assert.deepEqual(mapped.controlSignal, { signalId: "g", type: "unknown" });
  });
});

describe("request bodies", () => {
  const facts = {
    state: "busy" as const,
    activeSessions: 1,
    awaitingInputSessions: 0,
    maxConcurrentSessions: 6,
    runtime: { provider: "codex", version: undefined },
  };
  it("a beat says the allow-list and nothing else", () => {
    const smuggled = { ...facts, hostname: "box", runtime: { ...facts.runtime, path: "/home/me" } };
    const context = { workerVersion: "1.2.3", platform: "linux", uptimeMs: 61_999 };
    assert.deepEqual(JSON.parse(JSON.stringify(heartbeatBody(smuggled, context))), {
      state: "busy",
      activeSessions: 1,
      awaitingInputSessions: 0,
      maxConcurrentSessions: 6,
      runtime: { provider: "codex" },
      workerVersion: "1.2.3",
      platform: "linux",
      uptimeSeconds: 61,
    });
  });
  it("a beat leaves out a version or platform that does not fit", () => {
    const body = heartbeatBody(facts, { workerVersion: "dev", platform: "freebsd", uptimeMs: -5 });
    assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(body)) as object).sort(), [
      "activeSessions",
      "awaitingInputSessions",
      "maxConcurrentSessions",
      "runtime",
      "state",
      "uptimeSeconds",
    ]);
    assert.equal(body.uptimeSeconds, 0);
  });
  it("a patch sends what is present", () => {
    assert.equal(JSON.stringify(patchBody("c", { model: "m" })), '{"claimId":"c","model":"m"}');
    const pushed = { workflowPushConfirmed: true, workflowBranchName: "feature/x" };
    assert.deepEqual(JSON.parse(JSON.stringify(patchBody("c", pushed))), { claimId: "c", ...pushed });
  });
});

describe("proxies of the heartbeat thread", () => {
  const url = new URL("https://onehorizon.ai/api");
  for (const [network, expected] of [
    [{}, undefined],
    [{ proxy: "http://proxy:3128" }, "http://proxy:3128/"],
    [{ proxy: "proxy:3128" }, "http://proxy:3128/"],
    [{ proxy: "socks5://proxy:1080" }, undefined],
    [{ proxy: "http://proxy", noProxy: "onehorizon.ai" }, undefined],
    [{ proxy: "http://proxy", noProxy: "other.example, .horizon.ai" }, "http://proxy/"],
    [{ proxy: "http://proxy", noProxy: "ai" }, undefined],
    [{ proxy: "http://proxy", noProxy: "onehorizon.ai:8443" }, "http://proxy/"],
    [{ proxy: "http://proxy", noProxy: "*" }, undefined],
  ] as const) {
    it(JSON.stringify(network), () => assert.equal(proxyFor(url, network)?.href, expected));
  }
  it("never stand before this machine", () => {
    assert.equal(proxyFor(new URL("http://127.0.0.1:4000/"), { proxy: "http://proxy" }), undefined);
  });
  it("come from the editor's setting, else from the environment", () => {
    const environment = { HTTPS_PROXY: "http://env", NO_PROXY: "a,b" };
    const base = { noProxySetting: undefined, environment, ca: [] };
    assert.deepEqual(networkFacts({ ...base, proxySetting: "" }), { proxy: "http://env", noProxy: "a,b" });
    assert.deepEqual(networkFacts({ ...base, proxySetting: "http://set" }), {
      proxy: "http://set",
      noProxy: "a,b",
    });
    assert.deepEqual(networkFacts({ ...base, proxySetting: undefined, environment: {} }), {});
  });
});
