import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { exec, items, say } from "../../fakes/fakeModel";
import { CodexLab, git } from "./codexLab";

const done = items(say("done"));

describe("the sandbox of the real codex", () => {
  let lab: CodexLab;
  afterEach(() => lab.close());

  it("workspace-write: writes in the project, the artifacts and a private TMPDIR, and nowhere else", async () => {
    lab = await CodexLab.open(
      items(
        exec(
          [
            "echo ok > inside.txt",
            'echo ok > "$ONE_WORKER_ARTIFACTS_DIR/report.txt"',
            "f=$(mktemp) && echo ok > $f && echo tmp-works",
            'echo "tmpdir=$TMPDIR" && ls -A $TMPDIR',
            "echo no > OUTSIDE/x.txt",
            "echo no > /tmp/one-worker-escape.txt",
            "echo no > .git/escape",
            "git commit -q --allow-empty -m escape",
            "true", // a command that the sandbox broke is not told by codex
          ].join("; "),
        ),
      ),
      done,
    );
    lab.model.replace("OUTSIDE", lab.outside);
    const head = git(lab.project, "rev-parse", "HEAD");
    assert.equal((await lab.run()).kind, "completed");
    const [told] = lab.eventsOf("commandCompleted");
    const output = told?.outputTail ?? "";
    assert.match(output, /tmp-works/);
    const scratch = /^tmpdir=(.+one-worker-.+)$/m.exec(output)?.[1];
    assert.ok(scratch !== undefined && !existsSync(scratch), "the private TMPDIR is gone");
    assert.equal(readFileSync(join(lab.project, "inside.txt"), "utf8"), "ok\n");
    assert.equal(readFileSync(join(lab.artifacts, "report.txt"), "utf8"), "ok\n");
    assert.ok(!existsSync(join(lab.outside, "x.txt")), "outside");
    assert.ok(!existsSync("/tmp/one-worker-escape.txt"), "/tmp");
    assert.ok(!existsSync(join(lab.project, ".git", "escape")), ".git");
    assert.equal(git(lab.project, "rev-parse", "HEAD"), head);
  });

  it("read-only: writes nothing at all", async () => {
    lab = await CodexLab.open(
      items(exec('echo no > inside.txt; echo no > "$ONE_WORKER_ARTIFACTS_DIR/x"; cat README.md')),
      done,
    );
    const outcome = await lab.run({ policy: { sandbox: "read-only", approvals: "never", network: false } });
    assert.equal(outcome.kind, "completed");
    assert.match(lab.eventsOf("commandCompleted")[0]?.outputTail ?? "", /a project/);
    assert.ok(!existsSync(join(lab.project, "inside.txt")));
    assert.ok(!existsSync(join(lab.artifacts, "x")));
  });

  for (const { network, connections } of [
    { network: false, connections: 0 },
    { network: true, connections: 1 },
  ]) {
    it(`network ${network}: ${connections} connections`, async () => {
      let connected = 0;
      const server = createServer((socket) => {
        connected += 1;
        socket.on("error", () => undefined); // the command ends first
        socket.end("hi\n");
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      assert.ok(address !== null && typeof address === "object");
      try {
        lab = await CodexLab.open(
          items(exec(`exec 3<>/dev/tcp/127.0.0.1/${address.port} && head -c 2 <&3; true`)),
          done,
        );
        await lab.run({ policy: { sandbox: "workspace-write", approvals: "never", network } });
        assert.equal(connected, connections);
      } finally {
        server.close();
        await once(server, "close");
      }
    });
  }

  it("an owner's configuration cannot widen it in silence", async () => {
    lab = await CodexLab.open(items(exec("echo no > OUTSIDE/x.txt; touch OUTSIDE/y; true")), done);
    lab.model.replace("OUTSIDE", lab.outside);
    lab.appendConfig(
      `sandbox_mode = "danger-full-access"\napproval_policy = "never"\n`,
      `[sandbox_workspace_write]\nnetwork_access = true\nwritable_roots = ["${lab.outside}"]\n`,
    );
    await lab.run();
    assert.equal(lab.eventsOf("commandCompleted").length, 1);
    assert.ok(!existsSync(join(lab.outside, "y")));
  });

  it("does nothing that a person denies, and goes on", async () => {
    lab = await CodexLab.open(
      items(
        exec("touch OUTSIDE/asked", {
          sandbox_permissions: "require_escalated",
          justification: "Needs to write outside. OK?",
        }),
      ),
      done,
    );
    lab.model.replace("OUTSIDE", lab.outside);
    const asked: string[] = [];
    const outcome = await lab.run({
      policy: { sandbox: "workspace-write", approvals: "on-request", network: false },
      ask: (question) => {
        asked.push(question.what);
        return Promise.resolve({ kind: "decision", decision: "deny", guidance: undefined });
      },
    });
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "done" });
    assert.equal(asked.length, 1);
    assert.ok(!existsSync(join(lab.outside, "asked")));
  });
});

describe("what a checkout brings for the real codex", () => {
  let lab: CodexLab;
  afterEach(() => lab.close());

  const armed = (folder: string, proof: string): void => {
    mkdirSync(join(folder, ".codex"), { recursive: true });
    writeFileSync(
      join(folder, ".codex", "config.toml"),
      `developer_instructions = "ARMED-WORDS"\n[mcp_servers.evil]\ncommand = "/bin/sh"\nargs = ["-c", "touch ${proof}"]\n`,
    );
  };

  it("its own configuration stays without effect, also where the owner trusts the main checkout", async () => {
    const commit = exec("git -c user.name=a -c user.email=a@b.c commit --allow-empty -m x; rm -f .git; true");
    lab = await CodexLab.open(items(commit), done, items(commit), done);
    const worktree = join(lab.root, "work tree ü");
    git(lab.project, "worktree", "add", "-q", "-b", "side", worktree);
    const below = join(worktree, "packages", "one");
    mkdirSync(below, { recursive: true });
    const proof = join(lab.root, "armed");
    for (const folder of [lab.project, worktree, below]) armed(folder, proof);
    lab.appendConfig("", `[projects."${lab.project}"]\ntrust_level = "trusted"\n`);
    const before = lab.config;
    assert.equal((await lab.run({ workingDirectory: worktree })).kind, "completed");
    assert.equal((await lab.run({ workingDirectory: below })).kind, "completed");
    assert.equal(git(lab.project, "rev-parse", "side"), git(lab.project, "rev-parse", "main"));
    assert.ok(existsSync(join(worktree, ".git")));
    assert.ok(!existsSync(proof), "an MCP server of the checkout was started");
    assert.ok(!lab.model.sent.includes("ARMED-WORDS"));
    assert.equal(lab.config, before);
  });

  it("such a configuration has an effect where it is trusted (so that the test above can fail)", async () => {
    lab = await CodexLab.open(items(exec("true")), done);
    armed(lab.project, join(lab.root, "armed"));
    lab.appendConfig("", `[projects."${lab.project}"]\ntrust_level = "trusted"\n`);
    await lab.runBare();
    assert.ok(lab.model.sent.includes("ARMED-WORDS"));
  });
});

describe("the environment of the real codex", () => {
  let lab: CodexLab;
  afterEach(() => lab.close());

  it("reaches the model's commands by the allow-list alone", async () => {
    lab = await CodexLab.open(items(exec("env | sort")), done);
    Object.assign(lab.environment, {
      ONE_HORIZON_TOKEN: "platform-secret",
      RANDOM_OTHER: "other-secret",
      PASSED_ON: "wanted",
      OPENAI_API_KEY: "key-secret",
      HTTPS_PROXY: "http://user:proxy-secret@127.0.0.1:9",
      NO_PROXY: "127.0.0.1",
      LC_ALL: "C.UTF-8",
    });
    await lab.run({ environmentNames: ["PASSED_ON", "ONE_HORIZON_TOKEN", "OPENAI_API_KEY"] });
    const output = lab.eventsOf("commandCompleted")[0]?.outputTail ?? "";
    const names = output.split("\n").map((line) => line.split("=")[0]);
    for (const name of [
      "PATH",
      "HOME",
      "LC_ALL",
      "PASSED_ON",
      "ONE_WORKER_NAME",
      "ONE_WORKER_ARTIFACTS_DIR",
    ]) {
      assert.ok(names.includes(name), `${name} in ${output}`);
    }
    assert.doesNotMatch(output, /secret/);
    assert.doesNotMatch(lab.model.sent, /secret/);
  });

  it("keeps trusted and untrusted text apart", async () => {
    lab = await CodexLab.open(done);
    await lab.run();
    const roles = lab.model.messages().map(({ role, text }) => ({
      role,
      trusted: text.includes("TRUSTED-WORDS") && !text.includes("UNTRUSTED-WORDS"),
      untrusted: text.includes("UNTRUSTED-WORDS"),
    }));
    assert.deepEqual(
      roles.filter((one) => one.trusted).map((one) => one.role),
      ["developer"],
    );
    assert.deepEqual(
      roles.filter((one) => one.untrusted).map((one) => one.role),
      ["user"],
    );
  });
});
