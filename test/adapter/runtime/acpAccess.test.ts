import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
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
import { join } from "node:path";
import type { AcpStep } from "../../fakes/acpScenario";
import { AcpLab } from "./acpLab";

const invalidParams = -32_602;
const read = (params: Readonly<Record<string, unknown>>): AcpStep => ({
  do: "request",
  method: "fs/read_text_file",
  params,
});
const write = (path: string, content = "evil"): AcpStep => ({
  do: "request",
  method: "fs/write_text_file",
  params: { path, content },
});
const codes = (answers: readonly unknown[]): readonly unknown[] =>
  answers.map((one) => (Object(one) as { code?: unknown }).code);

describe("what an agent gets of the worktree", () => {
  let lab: AcpLab;
  beforeEach(() => {
    lab = new AcpLab();
    writeFileSync(join(lab.outside, "secret.txt"), "secret");
    symlinkSync(lab.outside, join(lab.project, "way-out"));
    symlinkSync(join(lab.outside, "secret.txt"), join(lab.project, "link.txt"));
    symlinkSync(join(lab.outside, "not-there.txt"), join(lab.project, "dangling.txt"));
    mkdirSync(join(lab.project, ".git"));
    writeFileSync(join(lab.project, ".git", "config"), "[core]\n");
  });
  afterEach(() => lab.close());

  it("reads files, whole or some lines of them", async () => {
    const path = "$CWD/README.md";
    await lab.play([
      read({ path }),
      read({ path, line: 2 }),
      read({ path, line: 2, limit: 1 }),
      read({ path, limit: 1 }),
    ]);
    assert.deepEqual(lab.answers("fs/read_text_file"), [
      { content: "line one\nline two\nline three\n" },
      { content: "line two\nline three\n" },
      { content: "line two" },
      { content: "line one" },
    ]);
  });

  it("reads nothing outside, and nothing that is no file", async () => {
    execFileSync("mkfifo", [join(lab.project, "pipe")]);
    writeFileSync(join(lab.project, "big.txt"), Buffer.alloc(11 * 1024 * 1024, 65));
    const paths = [
      ...[
        join(lab.outside, "secret.txt"),
        "$CWD/../outside/secret.txt",
        "$CWD/way-out/secret.txt",
        "$CWD/link.txt",
      ],
      ...[
        "README.md",
        "$CWD",
        "$CWD/pipe",
        "$CWD/missing.txt",
        "$CWD/README.md/x",
        "$CWD/a\0b",
        "$CWD/big.txt",
      ],
      ...["/proc/self/environ", "/dev/zero", "$CWD-beside/x"],
    ];
    const wrong = [
      { path: 7 },
      {},
      { path: "$CWD/README.md", line: -1 },
      { path: "$CWD/README.md", line: "2" },
    ];
    await lab.play([...paths.map((path) => read({ path })), ...wrong.map((one) => read(one))]);
    const answers = lab.answers("fs/read_text_file");
    assert.deepEqual(
      codes(answers),
      answers.map(() => invalidParams),
    );
    assert.equal(answers.length, paths.length + wrong.length);
    assert.ok(!JSON.stringify(answers).includes('"secret"'));
  });

  it("writes nothing outside, and nothing of git's own", async () => {
    const paths = [
      ...[
        join(lab.outside, "new.txt"),
        "$CWD/../outside/new.txt",
        "$CWD/way-out/new.txt",
        "$CWD/way-out/deep/new.txt",
      ],
      ...[
        "$CWD/link.txt",
        "$CWD/dangling.txt",
        "$CWD/.git/config",
        "$CWD/.git/hooks/pre-commit",
        "$CWD/.GIT/config",
      ],
      ...[
        "$CWD/sub/.git/config",
        "$CWD/sub/.git",
        "$CWD/.git./config",
        "$CWD",
        "relative.txt",
        "$CWD/README.md/x",
      ],
    ];
    await lab.play(paths.map((path) => write(path)));
    const answers = lab.answers("fs/write_text_file");
    assert.deepEqual(
      codes(answers),
      paths.map(() => invalidParams),
    );
    assert.deepEqual(readdirSync(lab.outside), ["secret.txt"]);
    assert.equal(readFileSync(join(lab.outside, "secret.txt"), "utf8"), "secret");
    assert.equal(lab.read(".git/config"), "[core]\n");
    assert.deepEqual(readdirSync(join(lab.project, ".git")), ["config"]);
    assert.ok(!existsSync(join(lab.project, "sub", ".git")));
  });

  it("writes in one step, keeps what may be done with the file, and leaves nothing beside it", async () => {
    writeFileSync(join(lab.project, "run.sh"), "old");
    chmodSync(join(lab.project, "run.sh"), 0o755);
    symlinkSync(join(lab.project, "run.sh"), join(lab.project, "inner-link.sh"));
    await lab.play([write("$CWD/inner-link.sh", "new"), write("$CWD/made/here/a.txt", "made")]);
    assert.equal(lab.read("run.sh"), "new");
    assert.equal(statSync(join(lab.project, "run.sh")).mode & 0o777, 0o755);
    assert.equal(lab.read("made/here/a.txt"), "made");
    assert.deepEqual(
      readdirSync(lab.project).filter((one) => one.endsWith(".tmp")),
      [],
    );
  });

  it("in a read-only sandbox nothing is written and nothing run, and the agent knows before", async () => {
    await lab.play([write("$CWD/README.md"), { do: "terminal", command: "touch", args: ["ran.txt"] }], {
      policy: { sandbox: "read-only", approvals: "never", network: false },
    });
    assert.deepEqual(codes(lab.answers("fs/write_text_file")), [-32_600]);
    assert.deepEqual(codes(lab.answers("terminal/create")), [-32_600]);
    assert.deepEqual(readdirSync(lab.project).includes("ran.txt"), false);
    assert.match(lab.read("README.md"), /line one/);
    assert.equal(lab.eventsOf("policyDecision").length, 2);
    const { clientCapabilities } = lab.sent("initialize") as { clientCapabilities: Record<string, unknown> };
    assert.deepEqual(clientCapabilities["fs"], { readTextFile: true, writeTextFile: false });
    assert.equal(clientCapabilities["terminal"], false);
  });

  const echo = (params: object): AcpStep => ({
    do: "request",
    method: "terminal/create",
    params: { command: "echo", args: [], ...params },
  });

  it("runs commands inside only, by their argv, with an environment of ours", async () => {
    const outcome = await lab.play(
      [
        ...[lab.outside, "$CWD/way-out", "$CWD/..", "relative", "$CWD/README.md", "$CWD/missing"].map((cwd) =>
          echo({ cwd }),
        ),
        { do: "request", method: "terminal/create", params: { command: "echo a && echo b" } },
        { do: "request", method: "terminal/create", params: { command: "" } },
        {
          do: "terminal",
          command: "sh",
          args: ["-c", 'echo "[$WANTED][$LD_PRELOAD][$ELECTRON_RUN_AS_NODE][$ONE_WORKER_NAME]"; pwd'],
          toolCallId: "call-1",
        },
      ],
      { environmentNames: ["WANTED"] },
    );
    assert.equal(outcome.kind, "completed");
    const answers = lab.answers("terminal/create");
    assert.deepEqual(
      codes(answers.slice(0, 8)),
      Array.from({ length: 8 }, () => invalidParams),
    );
    assert.match(JSON.stringify(answers[6]), /no shell around it/);
    const [{ output }] = lab.answers("terminal/output") as [{ output: string }];
    assert.equal(output, `[][][][Lab worker]\n${lab.project}\n`);
  });

  it("keeps the end of an output within the bound that it wants", async () => {
    await lab.play([
      {
        do: "request",
        method: "terminal/create",
        params: { command: "sh", args: ["-c", "seq 1 10000"], outputByteLimit: 10 },
      },
      { do: "request", method: "terminal/wait_for_exit", params: { terminalId: "terminal-1" } },
      { do: "request", method: "terminal/output", params: { terminalId: "terminal-1" } },
      { do: "request", method: "terminal/release", params: { terminalId: "terminal-1" } },
      { do: "request", method: "terminal/output", params: { terminalId: "terminal-1" } },
    ]);
    assert.deepEqual(lab.answers("terminal/wait_for_exit"), [{ exitCode: 0, signal: null }]);
    const [first, second] = lab.answers("terminal/output");
    assert.deepEqual(first, {
      output: "999\n10000\n",
      truncated: true,
      exitStatus: { exitCode: 0, signal: null },
    });
    assert.deepEqual(codes([second]), [invalidParams]);
  });

  it("ends a command that it kills, and all that is left at the end", async () => {
    await lab.play([
      {
        do: "request",
        method: "terminal/create",
        params: { command: "sh", args: ["-c", "sleep 600 & sleep 600"] },
      },
      { do: "request", method: "terminal/create", params: { command: "sleep", args: ["600"] } },
      { do: "request", method: "terminal/kill", params: { terminalId: "terminal-1" } },
      { do: "request", method: "terminal/output", params: { terminalId: "terminal-1" } },
    ]);
    const [{ exitStatus }] = lab.answers("terminal/output") as [{ exitStatus: { signal: string } }];
    assert.match(exitStatus.signal, /^SIG/);
    assert.deepEqual(lab.survivors(), []);
  });

  it("runs so many at once and no more", async () => {
    await lab.play([
      { do: "request", method: "terminal/create", params: { command: "sleep", args: ["600"] }, times: 10 },
    ]);
    const refused = codes(lab.answers("terminal/create")).filter((one) => one !== undefined);
    assert.deepEqual(refused, [invalidParams, invalidParams]);
    assert.deepEqual(lab.survivors(), []);
  });

  it("serves no session but its own", async () => {
    const params = { sessionId: "another", path: "$CWD/README.md" };
    await lab.play([read(params)]);
    assert.deepEqual(codes(lab.answers("fs/read_text_file")), [invalidParams]);
  });
});
