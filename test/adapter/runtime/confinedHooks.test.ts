import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import { Redactor } from "../../../src/base/redaction/redactor";
import type { HookOutcome, HookRequest } from "../../../src/core/ports/hooks";
import { ConfinedHooks } from "../../../src/runtime/confine/confinedHooks";
import { Confinement } from "../../../src/runtime/confine/confinement";
import { endMarked } from "../../../src/runtime/endMarked";
import { bubblewrapWorks, pathWithBubblewrap } from "../../fakes/bubblewrap";
import { FakeHooks } from "../../fakes/fakeHooks";
import { keeperProgram } from "../../fakes/keeperProgram";

const possible = bubblewrapWorks();

describe("a hook where an agent without a sandbox for others does the work", function () {
  this.timeout(120_000);
  let root: string;
  let codex: FakeHooks;
  const at = (...parts: readonly string[]): string => join(root, ...parts);

  beforeEach(() => {
    mkdirSync("/var/tmp", { recursive: true });
    root = realpathSync(mkdtempSync("/var/tmp/oh-hooks-"));
    for (const path of [["work", ".git", "hooks"], ["artifacts"], ["tmp"], ["one"]]) {
      mkdirSync(at(...path), { recursive: true });
    }
    writeFileSync(at("one", "windows.key"), "worker-secret");
    codex = new FakeHooks();
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const common = (path: string) => ({
    ...{ clock: systemClock, random: systemRandom, log: silentLog, redactor: new Redactor() },
    environment: { PATH: path, HOME: root, MY_AGENT_KEY: "agent-key" },
    keeper: keeperProgram(),
  });

  function request(hook: readonly string[], changes: Partial<HookRequest>): HookRequest {
    return {
      ...{ hook, workingDirectory: at("work"), provider: "gemini", command: ["codex", "app-server"] },
      policy: { sandbox: "workspace-write", approvals: "never", network: false },
      ...{ unsandboxed: false, environmentNames: ["MY_AGENT_KEY"], workerName: "Lab worker" },
      ...{ marker: systemRandom.uuid(), artifactsDirectory: at("artifacts"), timeoutMs: 60_000 },
      ...changes,
    };
  }

  async function run(
    hook: string | readonly string[],
    changes: Partial<HookRequest> = {},
    path = pathWithBubblewrap,
  ): Promise<HookOutcome> {
    const options = common(path);
    const confinement = new Confinement({ ...options, privateFolders: [at("one")] });
    const hooks = new ConfinedHooks(codex, { ...options, confinement, scratchFolder: at("tmp") });
    const argv = typeof hook === "string" ? ["/bin/sh", "-c", hook] : hook;
    return await hooks.run(request(argv, changes), new AbortController().signal);
  }

  it("writes the worktree, the artifacts and temporary files of its own, and needs no Codex", async () => {
    const outcome = await run(
      'echo x > made && echo x > "$ONE_WORKER_ARTIFACTS_DIR/made" && echo x > "$TMPDIR/t"',
    );
    assert.deepEqual(outcome, { kind: "completed" });
    assert.equal(codex.ran.length, possible ? 0 : 1);
    assert.equal(existsSync(at("work", "made")), possible);
    assert.equal(existsSync(at("artifacts", "made")), possible);
    assert.deepEqual(readdirSync(at("tmp")), []);
  });

  it("writes nowhere else, plants no hook of git, and reads nothing of the worker's own", async () => {
    await run(
      `echo x > ${at("evil")}; echo x > .git/hooks/evil; cat ${at("one", "windows.key")} > read; env > seen; true`,
    );
    assert.equal(existsSync(at("evil")), false);
    assert.deepEqual(readdirSync(at("work", ".git", "hooks")), []);
    const read = (name: string): string => (possible ? readFileSync(at("work", name), "utf8") : "");
    assert.equal(read("read"), "");
    assert.equal(read("seen").includes("agent-key"), false);
  });

  it("writes nothing in a session that only reads, and has no artifacts where there is no attempt", async () => {
    const policy = { sandbox: "read-only", approvals: "never", network: false } as const;
    const readOnly = await run("echo x > made", { policy });
    assert.equal(readOnly.kind, possible ? "failed" : "completed");
    assert.equal(existsSync(at("work", "made")), false);
    assert.equal((await run("true", { artifactsDirectory: undefined })).kind, "completed");
  });

  it("runs a file of the worktree by its path", async () => {
    writeFileSync(at("work", "prepare.sh"), "#!/bin/sh\necho $1 > prepared\n", { mode: 0o755 });
    assert.deepEqual(await run(["./prepare.sh", "it"]), { kind: "completed" });
    if (possible) assert.equal(readFileSync(at("work", "prepared"), "utf8"), "it\n");
  });

  it("that is not there is said, and never looked up elsewhere", async () => {
    writeFileSync(at("work", "no-such-hook"), "#!/bin/sh\n", { mode: 0o755 });
    const outcome = await run(["no-such-hook"]);
    assert.equal(outcome.kind, possible ? "noSandbox" : "completed");
    const gone = await run("true", { workingDirectory: at("gone") });
    assert.equal(gone.kind, possible ? "failed" : "completed");
  });

  it("that fails or takes too long is said, and leaves no process", async () => {
    const failed = await run("echo why; exit 3");
    const marker = systemRandom.uuid();
    const slow = await run("sleep 3600 & sleep 3600", { timeoutMs: 1500, marker });
    assert.equal(await endMarked(marker, common(pathWithBubblewrap)), 0);
    if (!possible) return;
    assert.deepEqual(failed, { kind: "failed", how: "exit code 3", outputTail: "why\n" });
    assert.match(slow.kind === "failed" ? slow.how : "", /did not end within 1\.5 s/);
  });

  const left: readonly (readonly [string, Partial<HookRequest>, string | undefined])[] = [
    ["of Codex' own work", { provider: "codex" }, undefined],
    ["that the owner allowed outside of any", { unsandboxed: true }, undefined],
    ["on a machine without such a sandbox", {}, "/nowhere"],
  ];
  for (const [what, changes, path] of left) {
    it(`${what} is left to Codex' hooks`, async () => {
      await run("echo x > made", changes, path);
      assert.equal(codex.ran.length, 1);
      assert.equal(existsSync(at("work", "made")), false);
    });
  }
});
