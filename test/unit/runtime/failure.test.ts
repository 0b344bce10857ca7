import assert from "node:assert/strict";
import { failure, turnFailure } from "../../../src/runtime/codex/failure";
import { widerThanAsked } from "../../../src/runtime/codex/safety";
import { startFailure } from "../../../src/runtime/codex/startFailure";
import { compareVersions, parseVersion } from "../../../src/runtime/codex/version";
import { JsonRpcConnectionError, JsonRpcResponseError } from "../../../src/runtime/jsonRpcErrors";
import { ProcessStartError } from "../../../src/runtime/processTransport";
import { headOf, tailOf, TextTail } from "../../../src/runtime/textTail";

describe("why a turn failed", () => {
  const cases: readonly (readonly [unknown, string, string])[] = [
    ["usageLimitExceeded", "limit", "outOfQuota"],
    ["unauthorized", "who", "notSignedIn"],
    [{ responseStreamDisconnected: { httpStatusCode: null } }, "gone", "modelUnreachable"],
    [{ httpConnectionFailed: { httpStatusCode: 401 } }, "no", "notSignedIn"],
    [{ responseTooManyFailedAttempts: { httpStatusCode: 503 } }, "no", "modelUnreachable"],
    ["sandboxError", "no", "sandboxUnavailable"],
    ["contextWindowExceeded", "too long", "turnFailed"],
    ["aFutureWord", "new", "turnFailed"],
    [{ aFutureWord: 3 }, "new", "turnFailed"],
    [{}, "odd", "turnFailed"],
    [null, "unexpected status 401 Unauthorized", "notSignedIn"],
    ["other", "stream disconnected before completion", "modelUnreachable"],
    [undefined, "You've hit your usage limit", "outOfQuota"],
  ];
  for (const [codexErrorInfo, message, reason] of cases) {
    it(`${JSON.stringify(codexErrorInfo)} "${message}" is ${reason}`, () => {
      assert.equal(turnFailure({ message, codexErrorInfo }).reason, reason);
    });
  }

  it("the message tells what happened, what was kept and what to do, once each", () => {
    assert.equal(
      turnFailure({
        message: "Limit reached.",
        codexErrorInfo: "usageLimitExceeded",
        additionalDetails: "Limit",
      }).message,
      "Codex could not finish the turn: Limit reached. The worktree and what was done in it are kept. " +
        "Wait until the usage limit of the Codex account resets, or raise it.",
    );
    assert.match(failure("notFound", "gone").message, /^gone\. Nothing was changed\. Install Codex/);
  });
  it("no error at all is still a failure", () => assert.equal(turnFailure(undefined).reason, "turnFailed"));
});

describe("why a conversation could not be held", () => {
  const cases: readonly (readonly [string, unknown, string | undefined, string])[] = [
    ["missing program", new ProcessStartError("notFound", "x"), undefined, "notFound"],
    ["missing keeper", new ProcessStartError("keeper", "x"), undefined, "keeperUnavailable"],
    ["silence", new JsonRpcConnectionError("initialize", 1, "timeout", "10 s"), "", "startTimeout"],
    ["sudden end", new JsonRpcConnectionError("turn/start", 3, "closed", "signal"), undefined, "crashed"],
    ["unknown method", new JsonRpcResponseError("thread/start", 2, -32601, "?"), undefined, "wrongVersion"],
    ["refusal", new JsonRpcResponseError("thread/resume", 2, -32600, "no thread"), undefined, "turnFailed"],
    [
      "configuration",
      new JsonRpcConnectionError("initialize", 1, "closed", "x"),
      "Error loading config.toml:1:2",
      "protocol",
    ],
    ["anything else", new Error("odd"), undefined, "protocol"],
  ];
  for (const [name, error, lastWords, reason] of cases) {
    it(`${name} is ${reason}`, () => assert.equal(startFailure(error, lastWords).reason, reason));
  }
  it("last words that may be shown are shown", () => {
    const closed = new JsonRpcConnectionError("initialize", 1, "closed", "exit code 1");
    assert.match(startFailure(closed, "panicked at main").message, /panicked at main/);
  });
});

describe("rules that the tool must hold as asked", () => {
  const asked = { sandbox: "workspace-write", approvals: "never", network: false } as const;
  const held = { type: "workspaceWrite", networkAccess: false, excludeSlashTmp: true };
  const answer = (
    sandbox: { type: string; networkAccess?: unknown; excludeSlashTmp?: boolean },
    approvalPolicy: unknown = "never",
    profile = "one-horizon-workspace-write",
  ) => ({
    thread: { id: "t" },
    approvalPolicy,
    sandbox,
    activePermissionProfile: { id: profile },
  });
  it("holding them is fine", () => assert.equal(widerThanAsked(asked, answer(held)), undefined));
  for (const [name, given] of [
    ["full access", answer({ ...held, type: "dangerFullAccess" })],
    ["network", answer({ ...held, networkAccess: true })],
    ["network unsaid", answer({ type: "workspaceWrite", excludeSlashTmp: true })],
    ["a writable /tmp", answer({ ...held, excludeSlashTmp: false })],
    ["other approvals", answer(held, "on-request")],
    ["another profile", answer(held, "never", ":workspace")],
    ["no profile", { ...answer(held), activePermissionProfile: null }],
  ] as const) {
    it(`${name} is found`, () => assert.notEqual(widerThanAsked(asked, given), undefined));
  }
  it("full access that was asked for is fine", () => {
    assert.equal(
      widerThanAsked({ ...asked, sandbox: "danger-full-access" }, answer({ type: "dangerFullAccess" })),
      undefined,
    );
  });
});

describe("versions", () => {
  for (const [output, version] of [
    ["codex-cli 0.169.0\n", "0.169.0"],
    ["codex-cli 1.0.0-alpha.3", "1.0.0"],
    ["no such thing", undefined],
  ] as const) {
    it(`in ${JSON.stringify(output)}`, () => assert.equal(parseVersion(output), version));
  }
  it("compare by number", () => {
    assert.ok(compareVersions("0.99.9", "0.169.0") < 0);
    assert.ok(compareVersions("1.0.0", "0.169.0") > 0);
    assert.equal(compareVersions("0.169.0", "0.169.0"), 0);
  });
});

describe("bounded texts", () => {
  it("head and tail are marked where they are cut, and no pair is split", () => {
    assert.equal(headOf("abcdef", 4), "abc…");
    assert.equal(tailOf("abcdef", 4), "…def");
    assert.equal(headOf("ab😀cd", 4), "ab…");
    assert.equal(tailOf("ab😀cd", 4), "…cd");
    assert.equal(headOf("abcd", 4), "abcd");
  });
  it("a growing tail keeps its end", () => {
    const tail = new TextTail(4);
    for (const one of ["ab", "cd", "ef"]) tail.push(one);
    assert.equal(tail.text, "cdef");
  });
});
