import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import type { RunPolicy } from "../../../src/core/policy";
import { codexBinary } from "../../fakes/codexBinary";
import { exec as execute, items, say } from "../../fakes/fakeModel";
import { CodexLab, git } from "./codexLab";

const done = items(say("done"));
/** Told to its end, however slow the machine is. */
const exec = (command: string): ReturnType<typeof execute> => execute(command, { yield_time_ms: 60_000 });
const policy = (sandbox: RunPolicy["sandbox"], network = false): RunPolicy => ({
  ...{ sandbox, approvals: "never", network },
});

/** Every file below a folder with its mode and a hash of its bytes. */
function imageOf(folder: string): string[] {
  return (
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .sort()
      // Codex looks at the status by itself, which may freshen the times in it.
      .filter((name) => !/(^|\/)index$/.test(name))
      .map((name) => {
        const path = join(folder, name);
        const { mode } = statSync(path);
        if (!statSync(path).isFile()) return `${name} ${mode}`;
        return `${name} ${mode} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
      })
  );
}

describe("the policy of a run, held by the real codex", () => {
  let lab: CodexLab;
  afterEach(() => lab.close());

  const output = (): string => lab.eventsOf("commandCompleted")[0]?.outputTail ?? "";

  it("keeps git's directories of a worktree and of its repository as they are", async () => {
    const tries = [
      "git -c user.name=a -c user.email=a@b.c commit -q --allow-empty -m x",
      "git config core.fsmonitor /bin/true",
      "git branch other",
      "git add -A",
      "git update-ref refs/heads/main HEAD~0",
      "git worktree add ../escape",
      "d=$(git rev-parse --absolute-git-dir)",
      "c=$(git rev-parse --path-format=absolute --git-common-dir)",
      ...["HEAD", "index", "commondir", "gitdir", "config.worktree", "one-horizon-copied.json"].map(
        (name) => `echo x >> "$d/${name}"`,
      ),
      ...["config", "hooks/post-commit", "info/exclude", "packed-refs"].map(
        (name) => `echo x >> "$c/${name}"`,
      ),
      // Codex itself refuses an rm -rf before the sandbox is asked.
      'find "$d" "$c" .git -delete',
      "mv .git was.git",
      "echo 'gitdir: /tmp' > .git",
      "true",
    ];
    lab = await CodexLab.open(items(exec(tries.join("; "))), done);
    const worktree = join(lab.root, "worktree");
    git(lab.project, "worktree", "add", "-q", "-b", "side", worktree);
    writeFileSync(join(worktree, "new.txt"), "new\n");
    const before = imageOf(join(lab.project, ".git"));
    const staged = git(worktree, "ls-files", "--stage");
    const link = readFileSync(join(worktree, ".git"), "utf8");
    assert.equal((await lab.run({ workingDirectory: worktree })).kind, "completed");
    assert.match(output(), /Read-only file system/);
    assert.deepEqual(imageOf(join(lab.project, ".git")), before);
    assert.equal(git(worktree, "ls-files", "--stage"), staged);
    assert.equal(readFileSync(join(worktree, ".git"), "utf8"), link);
    assert.ok(!existsSync(join(lab.root, "escape")));
  });

  for (const sandbox of ["read-only", "workspace-write", "danger-full-access"] as const) {
    it(`${sandbox}: leaves the user's configuration byte for byte, also when the thread goes on`, async () => {
      lab = await CodexLab.open(items(exec("true")), done, items(exec("true")), done);
      lab.appendConfig(
        "# mine, with  odd   spacing\r\n",
        '\n[projects."/somewhere/else"]\ntrust_level = "trusted"',
      );
      const before = readFileSync(join(lab.codexHome, "config.toml"));
      const worktree = join(lab.root, "worktree");
      git(lab.project, "worktree", "add", "-q", "-b", "side", worktree);
      const run = { workingDirectory: worktree, policy: policy(sandbox) };
      assert.equal((await lab.run(run)).kind, "completed");
      const [started] = lab.eventsOf("threadStarted");
      const again = { ...run, resumeThreadId: started?.threadId, workKey: "work-2" };
      assert.equal((await lab.run(again)).kind, "completed");
      assert.equal(lab.eventsOf("commandCompleted").length, 2);
      assert.ok(readFileSync(join(lab.codexHome, "config.toml")).equals(before));
    });
  }

  it("starts nothing where the sandbox that was asked for does not work, whatever the user's own mode is", async () => {
    lab = await CodexLab.open(items(exec("touch ran")), done);
    const wrapper = join(lab.root, "codex");
    // A machine without a sandbox: only what needs none works.
    writeFileSync(
      wrapper,
      `#!/bin/sh\ncase "$1 $*" in "sandbox "*workspace-write*|"sandbox "*read-only*) exit 1;; esac\nexec '${codexBinary()}' "$@"\n`,
    );
    chmodSync(wrapper, 0o755);
    lab.appendConfig('sandbox_mode = "danger-full-access"\n', "");
    const command = [wrapper, "app-server"];
    for (const sandbox of ["workspace-write", "read-only"] as const) {
      const outcome = await lab.run({ command, policy: policy(sandbox) });
      assert.ok(outcome.kind === "failed");
      assert.equal(outcome.reason, "sandboxUnavailable");
    }
    assert.equal(lab.model.sent, "[]", "no model was asked");
    assert.ok(!existsSync(join(lab.project, "ran")));
  });

  it("hides other processes and their environment from the model's commands", async () => {
    lab = await CodexLab.open(
      items(
        exec(
          "grep -las canary-of-the-platform /proc/[0-9]*/environ; ls -d /proc/[0-9]* | wc -l; echo looked",
        ),
      ),
      done,
    );
    const other = spawn("sleep", ["600"], { env: { TOKEN: "canary-of-the-platform" }, stdio: "ignore" });
    try {
      await once(other, "spawn");
      assert.match(readFileSync(`/proc/${other.pid ?? 0}/environ`, "utf8"), /canary/);
      assert.equal((await lab.run()).kind, "completed");
      assert.match(output(), /looked/);
      assert.doesNotMatch(output(), /environ/);
    } finally {
      other.kill("SIGKILL");
      await once(other, "exit");
    }
  });

  it("reaches no socket by which windows share a sign-in", async () => {
    const name = `one-horizon-test-${process.pid}`;
    let connected = 0;
    const server = createServer((socket) => {
      connected += 1;
      socket.on("error", () => undefined);
      socket.end();
    }).listen({ path: `\0${name}` });
    await once(server, "listening");
    const script = `const s=require("net").connect("\\0${name}");s.on("connect",()=>{console.log("in");s.destroy()});s.on("error",(e)=>console.log("no",e.code))`;
    const connect = `'${process.execPath}' -e '${script}'`;
    try {
      lab = await CodexLab.open(items(exec(connect)), done, items(exec(connect)), done);
      await lab.run();
      assert.match(output(), /^no /m);
      assert.equal(connected, 0);
      await lab.run({ policy: policy("danger-full-access") });
      assert.equal(connected, 1, "so that the look above can fail");
    } finally {
      server.close();
      await once(server, "close");
    }
  });

  for (const { sandbox, network } of [
    { sandbox: "workspace-write", network: false },
    { sandbox: "workspace-write", network: true },
    { sandbox: "read-only", network: false },
  ] as const) {
    it(`${sandbox}, network ${network}: lets no command read what the worker keeps for itself`, async () => {
      lab = await CodexLab.open(
        items(exec("cat SECRETS; ls -R STATE; cat LINK/vscode-worker/windows.key; echo looked")),
        done,
        items(exec("cat SECRETS; mkdir -p STATE/x; echo looked again")),
        done,
      );
      const secrets = lab.plantSecrets();
      const link = join(lab.project, "link");
      symlinkSync(lab.state, link);
      lab.model.replace("SECRETS", secrets.join(" "));
      lab.model.replace("STATE", lab.state);
      lab.model.replace("LINK", link);
      const run = { policy: policy(sandbox, network) };
      assert.equal((await lab.run(run)).kind, "completed");
      const [started] = lab.eventsOf("threadStarted");
      const again = { ...run, resumeThreadId: started?.threadId, workKey: "work-2" };
      assert.equal((await lab.run(again)).kind, "completed");
      const said = lab.eventsOf("commandCompleted").map((one) => one.outputTail);
      assert.match(said[0] ?? "", /looked/);
      assert.match(said[1] ?? "", /looked again/);
      assert.doesNotMatch(`${said.join("")}${lab.model.sent}`, /worker-secret/);
      assert.ok(!existsSync(join(lab.state, "x")));
    });
  }

  it("full access can read it (so that the looks above can fail)", async () => {
    lab = await CodexLab.open(items(exec("cat SECRETS")), done);
    lab.model.replace("SECRETS", lab.plantSecrets().join(" "));
    await lab.run({ policy: policy("danger-full-access") });
    assert.match(output(), /worker-secret/);
  });

  it("starts nothing where the sandbox lets a command read what the worker keeps for itself", async () => {
    lab = await CodexLab.open(items(exec("touch ran")), done);
    const wrapper = join(lab.root, "codex");
    // A codex that knows no private folders.
    writeFileSync(
      wrapper,
      `#!/bin/sh\nif [ "$1" = sandbox ]; then while [ "$1" != -- ]; do shift; done; shift; exec "$@"; fi\nexec '${codexBinary()}' "$@"\n`,
    );
    chmodSync(wrapper, 0o755);
    const outcome = await lab.run({ command: [wrapper, "app-server"] });
    assert.ok(outcome.kind === "failed");
    assert.equal(outcome.reason, "sandboxUnavailable");
    assert.match(outcome.message, /private files/);
    assert.equal(lab.model.sent, "[]", "no model was asked");
    assert.deepEqual(readdirSync(lab.state), [], "the file that was tried is gone");
  });

  it("keeps the folders closed whatever the user's own configuration says of permissions", async () => {
    lab = await CodexLab.open(items(exec("cat SECRETS; touch OUTSIDE/y; echo looked")), done);
    lab.model.replace("SECRETS", lab.plantSecrets().join(" "));
    lab.model.replace("OUTSIDE", lab.outside);
    lab.appendConfig(
      'default_permissions = "wide"\n',
      `[permissions.wide]\nextends = ":workspace"\n[permissions.wide.filesystem]\n"${lab.root}" = "write"\n`,
    );
    assert.equal((await lab.run({ policy: policy("workspace-write", true) })).kind, "completed");
    assert.match(output(), /looked/);
    assert.doesNotMatch(output(), /worker-secret/);
    assert.ok(!existsSync(join(lab.outside, "y")));
  });

  it("lets the model read the long texts that are given as files, and not write them", async () => {
    lab = await CodexLab.open(
      items(exec("cat INPUTS/comment-1.md; echo no > INPUTS/comment-1.md; true")),
      done,
    );
    const inputs = join(lab.root, "inputs");
    lab.model.replace("INPUTS", inputs);
    mkdirSync(inputs, { mode: 0o700 });
    writeFileSync(join(inputs, "comment-1.md"), "the whole text\n", { mode: 0o600 });
    await lab.run();
    assert.match(output(), /the whole text/);
    assert.equal(readFileSync(join(inputs, "comment-1.md"), "utf8"), "the whole text\n");
  });
});
