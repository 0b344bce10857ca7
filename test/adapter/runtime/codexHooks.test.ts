import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { Redactor } from "../../../src/base/redaction/redactor";
import { systemRandom } from "../../../src/base/random";
import type { HookOutcome, HookRequest } from "../../../src/core/ports/hooks";
import { CodexHooks } from "../../../src/runtime/codex/codexHooks";
import { codexBinary } from "../../fakes/codexBinary";
import { keeperProgram } from "../../fakes/keeperProgram";
import { CodexLab, git, processesWith, until } from "./codexLab";

/** Runs a shell script as a hook in the lab's project, or another argv. */
class HookBench {
  readonly marker = randomUUID();
  readonly #lab: CodexLab;

  constructor(lab: CodexLab) {
    this.#lab = lab;
  }

  request(hook: string | readonly string[], changes: Partial<HookRequest> = {}): HookRequest {
    return {
      hook: typeof hook === "string" ? ["sh", "-c", hook] : hook,
      workingDirectory: this.#lab.project,
      policy: { sandbox: "workspace-write", approvals: "never", network: false },
      unsandboxed: false,
      provider: "codex",
      command: [codexBinary(), "app-server"],
      environmentNames: [],
      workerName: "Lab worker",
      marker: this.marker,
      artifactsDirectory: this.#lab.artifacts,
      timeoutMs: 60_000,
      ...changes,
    };
  }

  async run(
    hook: string | readonly string[],
    changes: Partial<HookRequest> = {},
    signal = new AbortController().signal,
  ): Promise<HookOutcome> {
    const hooks = new CodexHooks({
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      redactor: new Redactor(),
      environment: this.#lab.environment,
      clientVersion: "0.0.0",
      keeper: keeperProgram(),
      scratchFolder: join(this.#lab.root, "tmp"),
      privateFolders: this.#lab.privateFolders,
    });
    return await hooks.run(this.request(hook, changes), signal);
  }

  /** What the hook printed; it has to fail for that. */
  async said(script: string, changes: Partial<HookRequest> = {}): Promise<string> {
    const outcome = await this.run(`${script}; exit 3`, changes);
    assert.equal(outcome.kind, "failed");
    assert.equal(outcome.how, "exit code 3");
    return outcome.outputTail;
  }
}

describe("a hook in the sandbox of the real codex", () => {
  let lab: CodexLab;
  let bench: HookBench;
  beforeEach(async () => {
    lab = await CodexLab.open();
    bench = new HookBench(lab);
  });
  afterEach(() => lab.close());

  it("writes in the worktree, the artifacts and its own TMPDIR", async () => {
    const script = 'echo a > made.txt && echo b > "$ONE_WORKER_ARTIFACTS_DIR/b.txt" && echo c > "$TMPDIR/c"';
    assert.deepEqual(await bench.run(script), { kind: "completed" });
    assert.equal(readFileSync(join(lab.project, "made.txt"), "utf8"), "a\n");
    assert.equal(readFileSync(join(lab.artifacts, "b.txt"), "utf8"), "b\n");
    assert.deepEqual(readdirSync(join(lab.root, "tmp")), []);
    assert.deepEqual(readdirSync(lab.project).sort(), [".git", "README.md", "made.txt"]);
  });

  it("writes nowhere else, also not in .git or /tmp", async () => {
    const before = lab.config;
    const head = git(lab.project, "rev-parse", "HEAD");
    const places = [lab.outside, lab.home, lab.codexHome, join(lab.project, ".git"), "/tmp"];
    const tries = places.map((one) => `echo no > '${one}/one-worker-hook-escape'`);
    tries.push(`echo no >> '${lab.codexHome}/config.toml'`, "git commit -q --allow-empty -m escape");
    await bench.said(tries.join("; "));
    for (const one of places) assert.ok(!existsSync(join(one, "one-worker-hook-escape")), one);
    assert.equal(lab.config, before);
    assert.equal(git(lab.project, "rev-parse", "HEAD"), head);
  });

  for (const network of [false, true]) {
    it(`reads nothing of the worker's own with network ${network}`, async () => {
      const secrets = lab.plantSecrets();
      const said = await bench.said(`cat ${secrets.join(" ")}; echo looked`, {
        policy: { sandbox: "workspace-write", approvals: "never", network },
      });
      assert.match(said, /looked/);
      assert.doesNotMatch(said, /worker-secret/);
    });
  }

  it("writes nothing at all where the session is read-only", async () => {
    await bench.said('echo no > made.txt; echo no > "$ONE_WORKER_ARTIFACTS_DIR/no"', {
      policy: { sandbox: "read-only", approvals: "never", network: false },
    });
    assert.ok(!existsSync(join(lab.project, "made.txt")));
    assert.deepEqual(readdirSync(lab.artifacts), []);
  });

  for (const [network, connections] of [
    [false, 0],
    [true, 1],
  ] as const) {
    it(`with network ${network} it connects ${connections} times`, async () => {
      let connected = 0;
      const server = createServer((socket) => {
        connected += 1;
        socket.on("error", () => undefined);
        socket.end("hi\n");
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      assert.ok(address !== null && typeof address === "object");
      try {
        await bench.run(["bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/${address.port} && head -c 2 <&3`], {
          policy: { sandbox: "workspace-write", approvals: "never", network },
        });
        assert.equal(connected, connections);
      } finally {
        server.close();
        await once(server, "close");
      }
    });
  }

  it("sees the allow-listed environment, without what looks like a secret", async () => {
    Object.assign(lab.environment, { ONE_HORIZON_TOKEN: "s3", NPM_TOKEN: "s3", OTHER: "s3", WANTED: "w" });
    const said = await bench.said("env", { environmentNames: ["WANTED", "NPM_TOKEN", "ONE_HORIZON_TOKEN"] });
    assert.doesNotMatch(said, /s3/);
    assert.match(said, /^WANTED=w$/m);
    assert.match(said, /^ONE_WORKER_NAME=Lab worker$/m);
    assert.match(said, new RegExp(`^ONE_WORKER_ATTEMPT=${bench.marker}$`, "m"));
  });

  it("is not armed by a configuration of the checkout, and leaves the user's own as it is", async () => {
    mkdirSync(join(lab.project, ".codex"));
    writeFileSync(join(lab.project, ".codex", "config.toml"), 'sandbox_mode = "danger-full-access"\n');
    lab.appendConfig(
      'sandbox_mode = "danger-full-access"\n',
      `[sandbox_workspace_write]\nnetwork_access = true\nwritable_roots = ["${lab.outside}"]\n`,
    );
    const before = lab.config;
    await bench.said(`echo no > '${lab.outside}/no'`);
    assert.deepEqual(readdirSync(lab.outside), []);
    assert.equal(lab.config, before);
  });

  it("runs a file of the worktree by its path, and no shell reads its arguments", async () => {
    writeFileSync(join(lab.project, "it.sh"), '#!/bin/sh\nprintf "%s" "$1" > said.txt\n');
    chmodSync(join(lab.project, "it.sh"), 0o755);
    assert.deepEqual(await bench.run(["./it.sh", "$(id); `id` && x"]), { kind: "completed" });
    assert.equal(readFileSync(join(lab.project, "said.txt"), "utf8"), "$(id); `id` && x");
  });

  it("leaves no grandchild that has its own session", async () => {
    const outcome = await bench.run(
      "setsid sh -c 'touch born; exec sleep 600' & until [ -e born ]; do :; done",
    );
    assert.equal(outcome.kind, "completed");
    assert.deepEqual(processesWith(`ONE_WORKER_ATTEMPT=${bench.marker}`), []);
  });

  it("that prints 10 MB ends well, and of one that fails only the end is kept", async () => {
    const flood = "head -c 10000000 /dev/zero | tr '\\0' x; echo; echo the-end";
    assert.deepEqual(await bench.run(flood), { kind: "completed" });
    const said = await bench.said(flood);
    assert.ok(said.length <= 8192);
    assert.match(said, /x{1000}\nthe-end\n/);
  });

  it("that hangs is ended with its children, and says which limit it met", async () => {
    const outcome = await bench.run("trap '' TERM; sleep 600 & sleep 600", { timeoutMs: 500 });
    assert.equal(outcome.kind, "failed");
    assert.match(outcome.how, /did not end within 0\.5 s \(hooks\.timeout_ms\)/);
    assert.deepEqual(processesWith(`ONE_WORKER_ATTEMPT=${bench.marker}`), []);
  });

  it("is ended when nobody wants it any more", async () => {
    const stop = new AbortController();
    const running = bench.run("touch begun; sleep 600", {}, stop.signal);
    const rejected = assert.rejects(running, /no longer wanted/);
    await until("the hook runs", () => existsSync(join(lab.project, "begun")), 60_000);
    stop.abort(new Error("no longer wanted"));
    await rejected;
    assert.deepEqual(processesWith(`ONE_WORKER_ATTEMPT=${bench.marker}`), []);
  });

  it("that does not exist fails and says so", async () => {
    const outcome = await bench.run(["no-such-program-of-ours"]);
    assert.equal(outcome.kind, "failed");
    assert.match(outcome.outputTail, /no-such-program-of-ours/);
  });
});

describe("a hook without a sandbox", () => {
  let lab: CodexLab;
  let bench: HookBench;
  beforeEach(async () => {
    lab = await CodexLab.open();
    bench = new HookBench(lab);
  });
  afterEach(() => lab.close());

  /** A codex in front of the real one. */
  const wrapper = (script: string): string => {
    const path = join(lab.root, "codex");
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  for (const [what, script] of [
    ["does not work", "exit 1"],
    ["is none: commands run as they are", 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'],
  ] as const) {
    it(`never runs where the sandbox ${what}`, async () => {
      const command = [wrapper(script), "app-server"];
      const outcome = await bench.run("touch ran", { command });
      assert.equal(outcome.kind, "noSandbox");
      assert.match(outcome.how, /sandbox/);
      assert.ok(!existsSync(join(lab.project, "ran")));
      assert.deepEqual(readdirSync(join(lab.root, "tmp")), []);
    });
  }

  it("never runs where there is no codex", async () => {
    const outcome = await bench.run("touch ran", { command: ["/nowhere/codex", "app-server"] });
    assert.equal(outcome.kind, "noSandbox");
    assert.ok(!existsSync(join(lab.project, "ran")));
  });

  it("runs as it is where the owner has allowed that, within the same limits", async () => {
    const open = { unsandboxed: true, command: ["/nowhere/codex", "app-server"] };
    assert.deepEqual(await bench.run(`touch '${lab.outside}/ran'`, open), { kind: "completed" });
    assert.ok(existsSync(join(lab.outside, "ran")));
    const hung = await bench.run("setsid sleep 600 & sleep 600", { ...open, timeoutMs: 300 });
    assert.equal(hung.kind, "failed");
    assert.deepEqual(processesWith(`ONE_WORKER_ATTEMPT=${bench.marker}`), []);
  });

  it("runs as the session does under danger-full-access", async () => {
    const policy = { sandbox: "danger-full-access", approvals: "never", network: false } as const;
    assert.deepEqual(await bench.run(`touch '${lab.outside}/ran'`, { policy }), { kind: "completed" });
    assert.ok(existsSync(join(lab.outside, "ran")));
  });
});
