import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { RunFailureReason, RunRequest } from "../../../src/core/ports/runtime";
import { afterFailure } from "../../../src/core/attemptEnd";
import { checkedVersion, minimumVersion } from "../../../src/runtime/codex/version";
import { CodexLab } from "./codexLab";

let bundle = "";
const other = (way: string): readonly string[] => [process.execPath, bundle, way, "app-server"];

const { signal } = new AbortController();

describe("a codex of another version", () => {
  let lab: CodexLab;
  let folder = "";
  // Bundled, so that what is started often starts fast.
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "other-codex-"));
    bundle = join(folder, "otherCodex.mjs");
    buildSync({
      entryPoints: [join(import.meta.dirname, "scripts", "otherCodex.mts")],
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "silent",
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => (lab = await CodexLab.open()));
  afterEach(async () => {
    assert.deepEqual(lab.survivors(), []);
    await lab.close();
  });

  const probe = (way: string) =>
    lab.runtime().probe({ command: other(way), policy: lab.request().policy, environmentNames: [], signal });
  const run = (way: string, changes: Partial<RunRequest> = {}) =>
    lab.run({ command: other(way), ...changes });

  /** The user is told what was found, what is needed and how to get it; the session goes back to the queue. */
  function assertTold(
    found: { readonly kind: string; readonly reason?: RunFailureReason; readonly message?: string },
    reason: RunFailureReason,
    ...words: readonly RegExp[]
  ): void {
    assert.equal(found.reason, reason, JSON.stringify(found));
    for (const one of [...words, /Nothing was changed\./]) assert.match(found.message ?? "", one);
    assert.deepEqual(afterFailure[reason], { retry: false, end: "release" });
  }
  const minimum = new RegExp(`\\b${minimumVersion.replaceAll(".", "\\.")}\\b`);
  const install = (which: string) => new RegExp(`npm install -g @openai/codex@${which}\\b`);

  describe("is told before anything is claimed", () => {
    it("when it is too old", async () => {
      assertTold(
        await probe("old"),
        "wrongVersion",
        /Codex 0\.20\.0 is older than/,
        minimum,
        install("latest"),
      );
    });
    it("when it names no version", async () => {
      const found = await probe("junk");
      assertTold(
        found,
        "wrongVersion",
        /gave no version but “\[31mwelcome \[0m to/,
        minimum,
        install("latest"),
      );
    });
    it("when it does not even answer that", async () => {
      assertTold(await probe("mute"), "wrongVersion", /gave no version \(no end/, minimum);
    });
    it("when its sandbox command has another form", async () => {
      assertTold(await probe("otherSandbox"), "wrongVersion", /unexpected argument '-c'/, minimum);
    });
  });

  describe("is told when a session starts, and the session goes back", () => {
    it("when it was exchanged for one that is too old after the probe", async () => {
      const found = await probe("exchanged");
      assert.equal(found.kind, "ready", JSON.stringify(found));
      const outcome = await run("exchanged");
      assertTold(outcome, "wrongVersion", /Codex 0\.20\.0 is older than/, minimum, install("latest"));
      assert.deepEqual(lab.eventsOf("threadStarted"), []);
    });
    for (const [way, method] of [
      ["noStart", "thread/start"],
      ["noTurn", "turn/start"],
      ["noTools", "dynamicTools"],
      ["guardedTools", "dynamicTools"],
    ] as const) {
      it(`${way}: it does not know ${method}`, async () => {
        const outcome = await run(way);
        assertTold(outcome, "wrongVersion", new RegExp(method), /This is Codex 9\.1\.0\./, minimum);
        assertTold(outcome, "wrongVersion", /Update this extension/, install(checkedVersion));
        assert.deepEqual(lab.eventsOf("turnStarted"), []);
      });
    }
    it("when it answers thread/resume in another form", async () => {
      const outcome = await run("otherResume", { resumeThreadId: "a" });
      assertTold(outcome, "protocol", /unknown way/, /This is Codex 9\.1\.0\./, install(checkedVersion));
      assert.deepEqual(lab.eventsOf("turnStarted"), []);
    });
  });

  describe("works if it can", () => {
    it("as the preview of a newer one", async () => {
      assert.equal((await probe("preview")).kind, "ready");
    });
    for (const [way, what] of [
      ["newer", "as a newer one"],
      ["nameless", "without a version in what its server calls itself"],
      ["fewer", "without the methods that a run can do without"],
    ] as const) {
      it(what, async () => {
        assert.deepEqual(await probe(way), { kind: "ready", provider: "codex", version: "9.1.0" });
        const outcome = await run(way);
        assert.equal(outcome.kind, "completed", JSON.stringify(outcome));
      });
    }
    it("and goes on with a thread whose turns it cannot list", async () => {
      const outcome = await run("fewer", { resumeThreadId: "a" });
      assert.equal(outcome.kind, "completed", JSON.stringify(outcome));
      assert.equal(lab.eventsOf("turnStarted").length, 1);
    });
  });
});
