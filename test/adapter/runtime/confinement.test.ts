import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import { Redactor } from "../../../src/base/redaction/redactor";
import type { RunPolicy } from "../../../src/core/policy";
import { runCommand, type CommandResult } from "../../../src/runtime/commandRunner";
import { Confinement } from "../../../src/runtime/confine/confinement";
import { markerName } from "../../../src/runtime/environment";
import { bubblewrapWorks, pathWithBubblewrap } from "../../fakes/bubblewrap";
import { keeperProgram } from "../../fakes/keeperProgram";
import { git } from "./codexLab";

const signal = new AbortController().signal;
const workspace: RunPolicy = { sandbox: "workspace-write", approvals: "never", network: false };

describe("the system's sandbox for tools without one", () => {
  const possible = bubblewrapWorks();
  let root: string;
  let home: string;
  let project: string;
  let confinement: Confinement;
  let environment: Record<string, string>;
  let server: Server | undefined;

  const at = (...parts: readonly string[]): string => join(root, ...parts);
  beforeEach(() => {
    // Not below /tmp, of which nothing is seen inside: what is read only there has to be refused for its own sake.
    mkdirSync("/var/tmp", { recursive: true });
    root = realpathSync(mkdtempSync("/var/tmp/oh-confine-"));
    home = at("home");
    project = at("home", "project");
    for (const path of [project, at("artifacts"), at("scratch"), at("home", ".gemini"), at("one", "state")]) {
      mkdirSync(path, { recursive: true });
    }
    writeFileSync(at("one", "state", "windows.key"), "worker-secret");
    writeFileSync(at("home", ".gemini", "login.json"), "{}");
    git(project, "init", "-q", "-b", "main");
    git(project, "commit", "-q", "--allow-empty", "-m", "first");
    environment = { PATH: pathWithBubblewrap, HOME: home, [markerName]: systemRandom.uuid() };
    confinement = made();
  });
  afterEach(async () => {
    const open = server;
    server = undefined;
    if (open !== undefined) await new Promise((resolve) => open.close(resolve));
    rmSync(root, { recursive: true, force: true });
  });

  function made(changes: { readonly PATH?: string; readonly platform?: NodeJS.Platform } = {}): Confinement {
    const { platform, ...own } = changes;
    return new Confinement({
      ...{ clock: systemClock, random: systemRandom, log: silentLog, redactor: new Redactor() },
      environment: { ...environment, ...own },
      keeper: keeperProgram(),
      privateFolders: [at("one", "state"), at("missing")],
      ...(platform === undefined ? {} : { platform }),
    });
  }

  /** What a shell of the agent does, in the sandbox or, as the control, without. */
  async function does(
    script: string,
    how: { readonly policy?: RunPolicy; readonly bare?: boolean; readonly folder?: string } = {},
  ): Promise<CommandResult> {
    const folder = how.folder ?? project;
    const command = ["/bin/sh", "-c", script];
    const request = {
      ...{ provider: "gemini", command: ["gemini", "--acp"], environmentNames: [] },
      policy: how.policy ?? workspace,
      workingDirectory: folder,
      artifactsDirectory: at("artifacts"),
    };
    const held = await confinement.hold(request, at("scratch"), signal);
    return await runCommand({
      ...{ clock: systemClock, log: silentLog, redactor: new Redactor(), keeper: keeperProgram() },
      command: how.bare === true ? command : await held.agent(command),
      workingDirectory: folder,
      environment,
      limitMs: 60_000,
      signal,
    });
  }

  it("is found where it really works, and else said to be missing", async () => {
    assert.equal(await confinement.kind(signal), possible ? "bubblewrap" : undefined);
    assert.equal(await made({ PATH: at("home") }).kind(signal), undefined);
    assert.equal(await made({ platform: "win32" }).kind(signal), undefined);
  });

  it("is not believed where its program is there and fails", async () => {
    const bin = at("bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "bwrap"), "#!/bin/sh\necho no namespaces >&2; exit 1\n", { mode: 0o755 });
    assert.equal(await made({ PATH: `${bin}:${pathWithBubblewrap}` }).kind(signal), undefined);
  });

  it("is never done without once it has worked: then the agent does not start", async function () {
    const bin = at("bin");
    mkdirSync(bin);
    const real = pathWithBubblewrap.slice(0, pathWithBubblewrap.indexOf(":"));
    const program = possible ? `#!/bin/sh\nexec ${real}/bwrap "$@"\n` : "#!/bin/sh\nexit 0\n";
    writeFileSync(join(bin, "bwrap"), program, { mode: 0o755 });
    confinement = made({ PATH: `${bin}:${pathWithBubblewrap}` });
    assert.equal(await confinement.kind(signal), "bubblewrap");
    writeFileSync(join(bin, "bwrap"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const { ok } = await does("touch ran");
    assert.equal(ok, false);
    assert.equal(existsSync(join(project, "ran")), false);
  });

  const harms: readonly (readonly [
    name: string,
    script: (path: typeof at) => string,
    done: (path: typeof at, result: CommandResult) => boolean,
  ])[] = [
    [
      "writes outside the worktree",
      (path) => `echo x > ${path("home", "evil")}`,
      (path) => existsSync(path("home", "evil")),
    ],
    [
      "reads the worker's own files",
      (path) => `cat ${path("one", "state", "windows.key")}`,
      (_, { stdout }) => stdout.includes("worker-secret"),
    ],
    [
      "plants a hook of git",
      (path) => `echo x > ${path("home", "project", ".git", "hooks", "pre-commit")}`,
      (path) => existsSync(path("home", "project", ".git", "hooks", "pre-commit")),
    ],
    [
      "moves git's files away",
      (path) =>
        `mv ${path("home", "project", ".git")} ${path("home", "project", "old")} && mkdir ${path("home", "project", ".git")}`,
      (path) => existsSync(path("home", "project", "old")),
    ],
    [
      "looks at other processes",
      () =>
        `tr '\\0' '\\n' < /proc/${process.pid}/environ | head -c 100; kill -0 ${process.pid} && echo SEEN`,
      (_, { stdout }) => stdout.includes("SEEN"),
    ],
    [
      "leaves files where others look for theirs",
      (path) => `echo x > /tmp/oh-${path().split("-").at(-1) ?? ""}`,
      (path) => {
        const file = `/tmp/oh-${path().split("-").at(-1) ?? ""}`;
        const there = existsSync(file);
        rmSync(file, { force: true });
        return there;
      },
    ],
  ];
  for (const [name, script, done] of harms) {
    it(`stops an agent that ${name}, who succeeds without it`, async () => {
      const held = await does(script(at));
      assert.equal(done(at, held), !possible, held.outputTail);
      const free = await does(script(at), { bare: true });
      assert.equal(done(at, free), true, free.outputTail);
    });
  }

  it("keeps an agent from sockets of other programs, which it reaches without", async () => {
    const folder = mkdtempSync(join(tmpdir(), "oh-socket-"));
    const path = join(folder, "s");
    let reached = 0;
    server = createServer((socket) => {
      reached += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server?.listen(path, resolve));
    const connect = `require("net").connect(${JSON.stringify(path)}).on("error",()=>0)`;
    const script = `${process.execPath} -e '${connect}'`;
    try {
      await does(script);
      // Below /tmp and /run nothing of the system's is seen; a folder for temporary files elsewhere is read like the rest.
      const hidden = possible && folder.startsWith("/tmp/");
      if (hidden) assert.equal(reached, 0);
      await does(script, { bare: true });
      assert.ok(reached > 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("lets the agent write its worktree, its artifacts, its temporary files and its own sign-in", async () => {
    const places = [project, at("artifacts"), at("scratch"), at("home", ".gemini")];
    const { ok, outputTail } = await does(places.map((one) => `echo x > ${one}/new`).join(" && "));
    assert.equal(ok, true, outputTail);
    for (const one of places) assert.equal(readFileSync(join(one, "new"), "utf8"), "x\n");
  });

  it("lets nothing but the agent's own be written in a run that only looks", async () => {
    const policy: RunPolicy = { ...workspace, sandbox: "read-only" };
    await does(
      `echo x > ${project}/new; echo x > ${at("artifacts")}/new; echo x > ${at("home", ".gemini")}/new`,
      { policy },
    );
    assert.equal(existsSync(join(project, "new")), !possible);
    assert.equal(existsSync(join(at("artifacts"), "new")), !possible);
    assert.equal(existsSync(join(at("home", ".gemini"), "new")), true);
  });

  it("keeps the repository's own files from an agent in a worktree of it", async () => {
    const linked = at("worktree");
    git(project, "worktree", "add", "-q", linked);
    const hook = join(project, ".git", "hooks", "post-commit");
    await does(`echo x > ${hook}; echo "gitdir: /nowhere" > .git; git log --oneline > log.txt`, {
      folder: linked,
    });
    assert.equal(existsSync(hook), !possible);
    assert.match(readFileSync(join(linked, ".git"), "utf8"), possible ? /worktrees\/worktree/ : /nowhere/);
    if (possible) assert.match(readFileSync(join(linked, "log.txt"), "utf8"), /first/);
  });

  it("gives commands that run through us no network unless the policy does", async () => {
    const request = {
      ...{ provider: "gemini", command: ["gemini", "--acp"], environmentNames: [] },
      ...{ workingDirectory: project, artifactsDirectory: at("artifacts") },
    };
    const devices = async (network: boolean): Promise<number> => {
      const policy = { ...workspace, network };
      const held = await confinement.hold({ ...request, policy }, at("scratch"), signal);
      const [program = "", ...args] = await held.command(["cat", "/proc/net/dev"], project);
      const told = execFileSync(program, args, { encoding: "utf8", env: environment });
      return told.split("\n").filter((line) => line.includes(":") && !line.includes("lo:")).length;
    };
    const all = await devices(true);
    assert.equal(await devices(false), possible ? 0 : all);
  });

  it("is left out where the owner wants none", async () => {
    const policy: RunPolicy = { ...workspace, sandbox: "danger-full-access" };
    await does(`echo x > ${at("home", "evil")}`, { policy });
    assert.ok(existsSync(at("home", "evil")));
  });

  it("leaves no process of the agent", async () => {
    const mark = `sleep ${1000 + (process.pid % 1000)}.5`;
    const { left } = await does(`setsid ${mark} & ${mark} & exit 0`);
    assert.equal(left, 0);
    assert.doesNotMatch(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }), new RegExp(mark, "u"));
  });
});
