import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import { systemClock } from "../../../src/base/clock";
import type { CheckedRow, Verdict } from "../../../src/core/diagnostics";
import type { RunFailureReason } from "../../../src/core/ports/runtime";
import { initialState, type WorkerState } from "../../../src/core/state";
import { GitClient } from "../../../src/git/gitClient";
import { reportMarkdown } from "../../../src/ui/diagnosticsModel";
import { english } from "../../unit/ui/kit";
import { DiagnosticsLab } from "./diagnosticsLab";

type Rows = ReadonlyMap<string, CheckedRow>;

const verdictOf = (rows: Rows, id: string): Verdict | undefined => rows.get(id)?.verdict;
const told = (rows: Rows, id: string): string => {
  const row = rows.get(id);
  return `${row?.found ?? ""} ${row?.advice ?? ""}`.trim();
};
const withVerdict = (rows: Rows, ...verdicts: readonly Verdict[]): readonly string[] =>
  [...rows.values()].filter((one) => verdicts.includes(one.verdict)).map((one) => one.id);
const online: WorkerState = { ...initialState, phase: { kind: "online" }, lastBeatAt: systemClock.now() };

describe("diagnostics against real neighbours", function () {
  this.timeout(120_000);
  let lab: DiagnosticsLab;
  beforeEach(async () => {
    lab = await DiagnosticsLab.open();
  });
  afterEach(async () => {
    await lab.close();
  });
  const platformRows = ["workspaces", "agents", "worker", "workers", "poll"].map((id) => `platform.${id}`);

  it("pass where all is well, and change nothing on the platform", async () => {
    await lab.setUp();
    const state = { ...online, lastBeatAt: systemClock.now() + 60_000, lastPollAt: systemClock.now() };
    lab.change = { state: () => state };
    const before = lab.sandbox.log.list().length;
    const rows = await lab.rows();
    // How much room there is belongs to the machine that the test runs on.
    const noted = withVerdict(rows, "failed", "attention").filter((id) => !id.endsWith(".disk"));
    assert.deepEqual(noted, []);
    for (const id of ["git.version", "git.repository", "tool.sandbox", "machine.keeper", "machine.thread"]) {
      assert.equal(verdictOf(rows, id), "passed", told(rows, id));
    }
    for (const id of platformRows) assert.equal(verdictOf(rows, id), "passed", told(rows, id));
    assert.equal(verdictOf(rows, "platform.clock"), "passed");
    assert.match(told(rows, "account.token"), /^It ends in \d+ minutes\. It is renewed by itself\.$/);
    const calls = lab.sandbox.log.list().slice(before);
    assert.ok(calls.length >= 6);
    assert.deepEqual(new Set(calls.map((one) => one.method)), new Set(["GET"]));
  });

  it("are told without tokens, home and name", async () => {
    await lab.setUp();
    const token = await lab.connection.tokens.get(neverAborted);
    lab.change = {
      state: () => ({
        ...online,
        phase: {
          kind: "rejected",
          message: `Refused ${token} in ${lab.git.home}/x at https://u:p@h/x?code=1`,
        },
      }),
    };
    const text = reportMarkdown(await lab.report(), english);
    assert.ok(!text.includes(token));
    assert.ok(!text.includes(lab.git.home));
    assert.ok(!/u:p|code=1/.test(text));
    assert.match(text, /\\~\/x/);
  });

  it("say so where nobody is signed in, and ask the platform nothing", async () => {
    const rows = await lab.rows();
    assert.equal(verdictOf(rows, "account.signedIn"), "failed");
    for (const id of [...platformRows, "platform.clock", "account.user", "account.token"]) {
      assert.equal(verdictOf(rows, id), "notTried", id);
    }
    assert.deepEqual(lab.sandbox.log.list(), []);
  });

  it("start nothing, read nothing of the folder and send nothing in Restricted Mode", async () => {
    await lab.setUp();
    const before = lab.sandbox.log.list().length;
    lab.change = { trusted: () => false, git: new GitClient({ PATH: "/nowhere" }, lab.stateFolder) };
    const rows = await lab.rows();
    assert.ok(withVerdict(rows, "failed").includes("folder.trust"));
    assert.equal(lab.runtime.probes, 0);
    assert.equal(lab.sandbox.log.list().length, before);
    for (const id of ["git.version", "git.repository", "workflow.file", "tool.found", "machine.keeper"]) {
      assert.equal(verdictOf(rows, id), "notTried", id);
    }
  });

  it("work without a folder", async () => {
    lab.change = { folder: () => undefined };
    const rows = await lab.rows();
    assert.equal(verdictOf(rows, "folder.open"), "failed");
    for (const id of ["git.repository", "git.worktrees", "workflow.file", "tool.found"]) {
      assert.equal(verdictOf(rows, id), "notTried", id);
    }
    assert.equal(verdictOf(rows, "git.version"), "passed");
  });

  const faults: readonly (readonly [string, object, RegExp])[] = [
    ["500", { type: "status", status: 500 }, /problem of its own.*Wait a little/],
    ["403", { type: "status", status: 403 }, /does not allow it.*administrator/],
    ["404", { type: "status", status: 404 }, /does not know it.*Configure Worker/],
    ["a flood", { type: "rate_limit", seconds: 60 }, /asks to wait.*Wait a little/],
    ["nothing readable", { type: "body", text: "<html>proxy" }, /does not understand.*baseUrl/],
    ["another shape", { type: "body", text: '{"workspaces":7}' }, /does not understand.*baseUrl/],
    ["a cut line", { type: "drop" }, /could not be reached.*network/],
  ];
  for (const [what, action, words] of faults) {
    it(`name the call that the platform answers with ${what}, and go on`, async () => {
      await lab.setUp();
      await lab.sandbox.dashboard("POST", "faults", { operationId: "listWorkspaces", times: 0, action });
      const rows = await lab.rows();
      assert.equal(verdictOf(rows, "platform.workspaces"), "failed");
      assert.match(told(rows, "platform.workspaces"), words);
      assert.equal(verdictOf(rows, "platform.poll"), "passed", told(rows, "platform.poll"));
    });
  }

  it("say that the sign-in ended where every call is answered with 401", async () => {
    await lab.setUp();
    const action = { type: "status", status: 401 };
    await lab.sandbox.dashboard("POST", "faults", { operationId: "getCurrentUser", times: 0, action });
    const rows = await lab.rows();
    assert.equal(verdictOf(rows, "account.user"), "failed");
    assert.match(told(rows, "account.user"), /signed out.*Run Sign In/);
  });

  it("wait for no answer longer than each may take", async () => {
    await lab.setUp();
    const action = { type: "delay", delayMs: 600_000 };
    await lab.sandbox.dashboard("POST", "faults", { operationId: "listWorkspaces", times: 0, action });
    lab.change = { platformMs: 1_500 };
    const rows = await lab.rows();
    assert.match(told(rows, "platform.workspaces"), /^No answer within 1\.5 s\./);
    assert.equal(verdictOf(rows, "machine.lock"), "passed");
  });

  it("count polled sessions that do not fit", async () => {
    await lab.setUp();
    const action = { type: "body", text: '{"sessions":[{"sessionId":4}]}' };
    await lab.sandbox.dashboard("POST", "faults", { operationId: "pollSessions", times: 0, action });
    const rows = await lab.rows();
    assert.equal(verdictOf(rows, "platform.poll"), "attention");
    assert.match(told(rows, "platform.poll"), /1 more does not fit/);
  });

  it("tell how the last write ended", async () => {
    const configuration = await lab.setUp();
    const action = { type: "status", status: 500 };
    await lab.sandbox.dashboard("POST", "faults", { operationId: "claimSession", times: 0, action });
    const { platform } = lab.connection;
    const claim = platform.claimSession(configuration, "no-session", { leaseSeconds: 900 }, neverAborted);
    await assert.rejects(claim);
    const rows = await lab.rows();
    assert.equal(verdictOf(rows, "worker.claim"), "attention");
    assert.match(told(rows, "worker.claim"), /It failed: the platform has a problem of its own/);
    assert.equal(verdictOf(rows, "worker.activity"), "notTried");
  });

  it("keep what is known when they are cancelled", async () => {
    await lab.setUp();
    const { rows } = await lab.cancelled();
    assert.ok(rows.some((one) => one.verdict === "passed"));
    assert.ok(rows.some((one) => one.found === "The check was cancelled."));
    assert.equal(rows.length, (await lab.report()).rows.length);
  });

  it("find git missing", async () => {
    lab.change = { git: new GitClient({ PATH: join(lab.git.folder, "empty") }, lab.stateFolder) };
    const rows = await lab.rows();
    for (const id of ["git.version", "git.repository", "git.worktrees"]) {
      assert.equal(verdictOf(rows, id), "failed", id);
      assert.match(told(rows, id), /Git was not found.*Install git/, id);
    }
  });

  it("tell a folder that is no repository, one without a commit, and work that is half done", async () => {
    const plain = join(lab.git.folder, "plain");
    await mkdir(plain);
    lab.change = { folder: () => plain };
    assert.match(told(await lab.rows(), "git.repository"), /not in a git repository/);
    await lab.git.git(plain, "init", "--quiet");
    assert.match(told(await lab.rows(), "git.repository"), /no commit yet.*first commit/);
    lab.change = {};
    await writeFile(join(lab.git.repo, ".git", "MERGE_HEAD"), `${"0".repeat(40)}\n`);
    const rows = await lab.rows();
    assert.equal(verdictOf(rows, "git.repository"), "attention");
    assert.match(told(rows, "git.repository"), /On main, at \w{7}\. A merge is not finished\./);
  });

  it("read the workflow without asking, and start no tool that waits for consent", async () => {
    await lab.git.write(join(lab.git.repo, "WORKFLOW.md"), "---\npolling: 3\n---\n");
    let rows = await lab.rows();
    assert.equal(verdictOf(rows, "workflow.file"), "failed");
    assert.match(told(rows, "workflow.file"), /^Line 2: /);
    assert.equal(verdictOf(rows, "tool.found"), "notTried");
    await lab.git.write(
      join(lab.git.repo, "WORKFLOW.md"),
      "---\nruntime:\n  command: [/bin/evil, app-server]\n---\n",
    );
    rows = await lab.rows();
    assert.equal(verdictOf(rows, "workflow.consent"), "failed");
    assert.match(told(rows, "workflow.consent"), /wait for you: .*\/bin\/evil.*Restart Worker/);
    assert.equal(verdictOf(rows, "tool.found"), "notTried");
    const probes = (): number => lab.runtime.probes;
    assert.equal(probes(), 0);
    lab.change = { consents: { isAllowed: () => Promise.resolve(true) } };
    assert.equal(verdictOf(await lab.rows(), "workflow.consent"), "passed");
    assert.ok(probes() > 0);
  });

  const broken: readonly (readonly [RunFailureReason, string, readonly string[]])[] = [
    ["notFound", "tool.found", []],
    ["wrongVersion", "tool.version", ["tool.found"]],
    ["sandboxUnavailable", "tool.sandbox", ["tool.found", "tool.version"]],
    ["notSignedIn", "tool.account", ["tool.found", "tool.version", "tool.sandbox"]],
  ];
  for (const [reason, row, good] of broken) {
    it(`say which step of the coding tool fails: ${reason}`, async () => {
      lab.runtime.probeAnswer = { kind: "unavailable", reason, message: `It is ${reason}. Do this.` };
      const rows = await lab.rows();
      const steps = ["tool.found", "tool.version", "tool.sandbox", "tool.account"];
      const tool = [...rows.values()].filter((one) => steps.includes(one.id));
      assert.deepEqual(
        tool.filter((one) => one.verdict === "failed").map((one) => one.id),
        [row],
      );
      assert.deepEqual(
        tool.filter((one) => one.verdict === "passed").map((one) => one.id),
        good,
      );
      assert.equal(told(rows, row), `It is ${reason}. Do this.`);
    });
  }

  it("tell which coding tools are there, how the others come, and start none", async () => {
    const bin = join(lab.git.folder, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "gemini"), `#!/bin/sh\ntouch ${bin}/started\n`, { mode: 0o755 });
    lab.change = { environment: { ...lab.parts().environment, PATH: `.:${bin}` } };
    let rows = await lab.rows();
    assert.equal(verdictOf(rows, "tool.installed"), "passed");
    assert.match(
      told(rows, "tool.installed"),
      /On the PATH: Gemini CLI \(whether it is signed in cannot be told before a session\)\..*claude-agent-acp/,
    );
    assert.equal(existsSync(join(bin, "started")), false);
    lab.change = { environment: { ...lab.parts().environment, PATH: "." } };
    rows = await lab.rows();
    assert.match(
      told(rows, "tool.installed"),
      /None.*Others come with: Codex: npm install -g @openai\/codex;/,
    );
  });

  it("tell what shows of the sign-in of a tool that does not tell it itself", async () => {
    const ready = { kind: "ready" as const, provider: "gemini", version: "1" };
    await writeFile(join(lab.git.repo, "WORKFLOW.md"), "---\nruntime: { provider: gemini }\n---\n");
    lab.change = {
      consents: { isAllowed: () => Promise.resolve(true) },
      environment: { ...lab.parts().environment, HOME: lab.git.folder },
    };
    lab.runtime.probeAnswer = { ...ready, signInWays: ["Google", "A key"] };
    let rows = await lab.rows();
    assert.equal(verdictOf(rows, "tool.account"), "attention");
    assert.match(told(rows, "tool.account"), /no sign-in was found\..*by: Google; A key\. Run gemini in/);
    await mkdir(join(lab.git.folder, ".gemini"));
    await writeFile(join(lab.git.folder, ".gemini", "settings.json"), '{"a":1}');
    rows = await lab.rows();
    assert.equal(verdictOf(rows, "tool.account"), "passed");
    assert.match(
      told(rows, "tool.account"),
      /cannot be told before a session\. It can be signed in by: Google/,
    );
    await writeFile(join(lab.git.folder, ".gemini", "oauth_creds.json"), '{"a":1}');
    assert.equal(told(await lab.rows(), "tool.account"), "It answers, and a sign-in is there.");
    lab.runtime.probeAnswer = ready;
    assert.equal(told(await lab.rows(), "tool.account"), "It answers and is signed in.");
  });

  it("tell what holds an agent", async () => {
    assert.match(told(await lab.rows(), "tool.held"), /None is needed/);
    const agent = "---\nruntime: { provider: gemini }\n---\n";
    await writeFile(join(lab.git.repo, "WORKFLOW.md"), agent);
    let rows = await lab.rows();
    assert.equal(verdictOf(rows, "tool.held"), "attention");
    assert.match(told(rows, "tool.held"), /runs as you/);
    assert.match(told(rows, "workflow.consent"), /Nothing on this machine confines Gemini CLI/);
    lab.change = { confinement: () => Promise.resolve("bubblewrap") };
    rows = await lab.rows();
    assert.equal(verdictOf(rows, "tool.held"), "passed");
    assert.match(told(rows, "workflow.consent"), /only by this system's bubblewrap/);
    await writeFile(
      join(lab.git.repo, "WORKFLOW.md"),
      agent.replace(" }", ", sandbox: danger-full-access }"),
    );
    assert.equal(verdictOf(await lab.rows(), "tool.held"), "attention");
  });

  it("look at the state folder, the lock, the secrets, the thread and the keeper", async () => {
    await chmod(lab.stateFolder, 0o755);
    let rows = await lab.rows();
    assert.equal(verdictOf(rows, "machine.state"), "attention");
    assert.match(told(rows, "machine.state"), /0755.*chmod 700/);
    await rm(lab.stateFolder, { recursive: true });
    lab.lock.failure = new Error("the socket folder cannot be used");
    lab.secrets.failure = new Error("the keyring is locked");
    lab.change = {
      threadFile: join(lab.git.folder, "no-thread.js"),
      keeper: { execPath: process.execPath, bundlePath: join(lab.git.folder, "no-keeper.js") },
    };
    rows = await lab.rows();
    const gone = ["machine.state", "machine.lock", "machine.secrets", "machine.thread", "machine.keeper"];
    for (const id of gone) assert.equal(verdictOf(rows, id), "failed", id);
    assert.equal(told(rows, "machine.secrets"), "the keyring is locked");
  });

  it("tell the way to the platform without a proxy's password", async () => {
    const other = lab.elsewhere("https://onehorizon.example");
    lab.change = {
      environment: {
        HTTPS_PROXY: "http://ada:secret@proxy.example:3128",
        NODE_EXTRA_CA_CERTS: "/nowhere.pem",
      },
      connection: () => other,
    };
    const rows = await lab.rows();
    other.dispose();
    assert.equal(verdictOf(rows, "machine.network"), "attention");
    assert.match(told(rows, "machine.network"), /through the proxy http:\/\/proxy\.example:3128\./);
    assert.match(told(rows, "machine.network"), /NODE_EXTRA_CA_CERTS names no certificate/);
    assert.ok(!told(rows, "machine.network").includes("secret"));
  });

  it("name settings that cannot be used", async () => {
    lab.change = {
      settingProblems: () => [{ setting: "oneHorizon.workflow.path", wanted: "a path", used: "WORKFLOW.md" }],
    };
    const rows = await lab.rows();
    assert.equal(told(rows, "settings.values").startsWith("oneHorizon.workflow.path must be a path."), true);
  });
});

describe("diagnostics on a machine whose clock is wrong", function () {
  this.timeout(120_000);
  let lab: DiagnosticsLab | undefined;
  afterEach(async () => {
    await lab?.close();
    lab = undefined;
  });
  for (const [offMs, words] of [
    [300_000, /This machine is (29\d|30\d) s ahead\./],
    [-300_000, /This machine is (29\d|30\d) s behind\./],
  ] as const) {
    it(`say so: ${offMs / 1000} s`, async () => {
      const clock = { ...systemClock, now: () => systemClock.now() + offMs };
      lab = await DiagnosticsLab.open(clock);
      await lab.setUp();
      const rows = await lab.rows();
      assert.equal(verdictOf(rows, "platform.clock"), "failed");
      assert.match(told(rows, "platform.clock"), words);
    });
  }
});
