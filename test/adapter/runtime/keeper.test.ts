import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { Redactor } from "../../../src/base/redaction/redactor";
import { systemRandom } from "../../../src/base/random";
import { markerName } from "../../../src/runtime/environment";
import { endMarked } from "../../../src/runtime/endMarked";
import { Family } from "../../../src/runtime/keeper/family";
import { readEntry } from "../../../src/runtime/keeper/processTable";
import { isAlive, signalMember } from "../../../src/runtime/keeper/signals";
import { ProcessStartError, startProcess, type RunningProcess } from "../../../src/runtime/processTransport";
import { keeperProgram } from "../../fakes/keeperProgram";
import { census, type Resident } from "../../kill/census";
import { cheapTool } from "../../kill/plan";
import { processesWith, until } from "./codexLab";

const graces = { afterEndOfInputMs: 100, afterTermMs: 100, sweepMs: 3000 };
const services = { clock: systemClock, log: silentLog, redactor: new Redactor() };

describe("a tool under its process keeper", function () {
  this.timeout(30_000);
  let marker: string;
  let output: Buffer[];
  let running: RunningProcess | undefined;

  beforeEach(() => {
    marker = systemRandom.uuid();
    output = [];
    running = undefined;
  });
  afterEach(async () => {
    await running?.kill();
    for (const { pid } of census(marker)) process.kill(pid, "SIGKILL");
  });

  const text = (): string => Buffer.concat(output).toString("latin1");
  const request = (command: readonly string[]) => ({
    ...services,
    command,
    workingDirectory: tmpdir(),
    environment: { PATH: process.env["PATH"] ?? "", [markerName]: marker },
    keeper: keeperProgram(),
    graces,
    onOutput: (chunk: Uint8Array) => void output.push(Buffer.from(chunk)),
  });
  const start = async (...command: readonly string[]): Promise<RunningProcess> =>
    (running = await startProcess(request(command)));
  const shell = (script: string): Promise<RunningProcess> => start("sh", "-c", script);
  const keeper = (): Resident => {
    const found = census(marker).find((one) => one.command.includes("processKeeper.js"));
    assert.ok(found !== undefined, "the keeper runs");
    return found;
  };
  const ready = (): Promise<void> => until("ready", () => text().includes("ready"));

  it("is the leader of a session of its own, below the keeper, which is in another", async () => {
    const tool = await start("cat");
    const [ofTool, ofKeeper] = [readEntry(tool.pid), readEntry(keeper().pid)];
    assert.equal(ofTool?.parent, ofKeeper?.pid);
    assert.equal(ofTool?.session, tool.pid);
    assert.equal(ofKeeper?.session, ofKeeper?.pid);
    assert.equal(ofKeeper?.parent, process.pid);
  });

  it("has the environment that was asked for, and nothing else", async () => {
    const tool = await start("cat", "/proc/self/environ");
    await tool.exited;
    assert.deepEqual(
      text().split("\0").sort(),
      ["", `${markerName}=${marker}`, `PATH=${process.env["PATH"] ?? ""}`].sort(),
    );
  });

  it("has no open file but its three pipes", async () => {
    // The one more is the folder that is listed; what this process itself was given to pass on is not the keeper's doing.
    const listed = execFileSync("ls", ["/proc/self/fd"], { encoding: "utf8" });
    const tool = await start("ls", "/proc/self/fd");
    await tool.exited;
    assert.equal(text(), listed);
  });

  for (const [script, told] of [
    ["exit 0", "exit code 0"],
    ["exit 7", "exit code 7"],
    ["exit 255", "exit code 255"],
    ["kill -TERM $$; sleep 9", "signal SIGTERM"],
    ["kill -KILL $$; sleep 9", "signal SIGKILL"],
    ["kill -SEGV $$; sleep 9", "signal SIGSEGV"],
  ] as const) {
    it(`tells how it ended: ${told}`, async () => {
      const tool = await shell(script);
      assert.equal(await tool.exited, told);
      assert.equal(tool.hasExited(), true);
      assert.equal(await tool.close(), 0);
      assert.deepEqual(census(marker), []);
    });
  }

  it("gets 10 MB and gives 10 MB, unharmed", async () => {
    const tool = await start("cat");
    const lines = Array.from({ length: 160 }, (_, at) => String(at % 10).repeat(65_535));
    for (const line of lines) tool.writeLine(line);
    tool.endInput();
    assert.equal(await tool.exited, "exit code 0");
    const sent = createHash("sha256")
      .update(lines.map((line) => `${line}\n`).join(""))
      .digest("hex");
    assert.equal(createHash("sha256").update(Buffer.concat(output)).digest("hex"), sent);
  });

  it("waits when nobody reads, and loses nothing", async () => {
    // Blocks this thread, so that nothing is read for a while: the tool's pipe is full, and it must stand still.
    const pause = new Int32Array(new SharedArrayBuffer(4));
    const tool = await start("sh", "-c", "head -c 10000000 /dev/zero; echo done >&2");
    assert.equal(Atomics.wait(pause, 0, 0, 300), "timed-out");
    const pours = (one: Resident): boolean => one.command.startsWith("head");
    assert.ok(census(marker).some(pours), "it could not yet get rid of all it has to say");
    assert.equal(await tool.exited, "exit code 0");
    assert.equal(Buffer.concat(output).length, 10_000_000);
    await until("stderr", () => tool.stderrTail === "done\n");
  });

  it("sees the end of its input, and its own end of it is seen", async () => {
    const tool = await shell("cat; exec 0<&-; echo ready; sleep 1000");
    tool.writeLine("a line");
    tool.endInput();
    await ready();
    assert.equal(text(), "a line\nready\n");
    tool.writeLine("into the void");
    assert.equal(await tool.close(), 0);
  });

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    it(`ends with all it started when its keeper gets ${signal}`, async () => {
      const tool = await start(...cheapTool);
      await ready();
      process.kill(keeper().pid, signal);
      await tool.exited;
      await until("all are gone", () => census(marker).length === 0);
      assert.equal(await tool.close(), 0);
    });
  }

  it("ends with all it started when its keeper is killed, and tells why", async () => {
    const tool = await start(...cheapTool);
    await ready();
    process.kill(keeper().pid, "SIGKILL");
    assert.match(await tool.exited, /^its process keeper gone \(signal SIGKILL\)/);
    assert.equal(await tool.close(), 0);
    assert.deepEqual(census(marker), []);
  });

  it("is ended by the host itself when its keeper does not react", async () => {
    const tool = await start(...cheapTool);
    await ready();
    process.kill(keeper().pid, "SIGSTOP");
    assert.equal(await tool.close(), 0);
    assert.deepEqual(census(marker), []);
  });

  it("a kill cuts the politeness of a close short", async () => {
    const polite = { afterEndOfInputMs: 60_000, afterTermMs: 60_000, sweepMs: 3000 };
    running = await startProcess({ ...request(["sh", "-c", "echo ready; exec sleep 1000"]), graces: polite });
    await ready();
    const closed = running.close();
    assert.equal(await running.kill(), 0);
    assert.equal(await closed, 0);
  });

  for (const [what, program] of [
    ["its bundle is missing", { bundlePath: "/no/such/processKeeper.js" }],
    ["the program that runs it is missing", { execPath: "/no/such/node" }],
    ["it ends at once", { execPath: "/bin/true" }],
    ["it is something else", { execPath: "/bin/sh", bundlePath: "ODD" }],
  ] as const) {
    it(`does not run without its keeper: ${what}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "no-keeper-"));
      try {
        const trace = join(folder, "trace");
        const odd = join(folder, "odd.sh");
        writeFileSync(odd, "echo '{}' >&3; exec sleep 1000");
        const wrong = { ...keeperProgram(), ...program };
        const keeper = wrong.bundlePath === "ODD" ? { ...wrong, bundlePath: odd } : wrong;
        await assert.rejects(startProcess({ ...request(["touch", trace]), keeper }), (error) => {
          return error instanceof ProcessStartError && error.reason === "keeper";
        });
        assert.equal(existsSync(trace), false);
        assert.deepEqual(census(marker), []);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it("leaves no open file behind, in 100 runs", async () => {
    const open = (): number => readdirSync("/proc/self/fd").length;
    const once = async (): Promise<void> => {
      const one = request(["sh", "-c", "echo out; echo err >&2"]);
      // A marker of its own: whoever closes ends all that carry the same.
      const environment = { ...one.environment, [markerName]: systemRandom.uuid() };
      const tool = await startProcess({ ...one, environment });
      await tool.exited;
      await tool.close();
    };
    await once();
    const before = open();
    for (let batch = 0; batch < 10; batch += 1) await Promise.all(Array.from({ length: 10 }, once));
    await until("as many as before", () => open() <= before);
  });
});

describe("the family of a tool", () => {
  let marker: string;
  let folder: string;
  beforeEach(() => {
    marker = systemRandom.uuid();
    folder = mkdtempSync(join(tmpdir(), "family-"));
  });
  afterEach(async () => {
    // A shell that is killed may have begun a process in the meantime.
    await until("all are gone", () => {
      const left = [...processesWith(`FAMILY_TEST=${marker}`), ...census(marker).map(({ pid }) => pid)];
      for (const entry of left.map(readEntry)) if (entry !== undefined) signalMember(entry, "SIGKILL");
      return left.length === 0;
    });
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (script: string, environment: Record<string, string>): Promise<number> => {
    const child = spawn("sh", ["-c", script], {
      detached: true,
      env: { PATH: process.env["PATH"], ...environment },
      stdio: ["pipe", "pipe", "ignore"],
    });
    await once(child.stdout, "data");
    assert.ok(child.pid !== undefined);
    return child.pid;
  };

  it("keeps an orphan that has no marker, no parent and a session of its own, once it was noted", async () => {
    const root = await run(
      `env -i FAMILY_TEST=${marker} setsid sh -c 'echo ready; sleep 1000; :' & exec sleep 1000`,
      { FAMILY_TEST: marker },
    );
    await until("all run", () => processesWith(`FAMILY_TEST=${marker}`).length === 3);
    const family = new Family(`${markerName}=${marker}`);
    family.addFirst({ pid: root, startedAt: readEntry(root)?.startedAt ?? "" });
    family.noteNow();
    process.kill(root, "SIGKILL");
    await until("the root is gone", () => readEntry(root) === undefined);
    const left = await family.find();
    assert.equal(left.length, 2, "the shell and its sleep");
    for (const one of left) signalMember(one, "SIGKILL");
    await until("they are gone", () => left.every((one) => !isAlive(one)));
  });

  it("does not hit a stranger who has the number of a member", async () => {
    const stranger = await run("echo ready; exec sleep 1000", { FAMILY_TEST: marker });
    const entry = readEntry(stranger);
    assert.ok(entry !== undefined);
    const family = new Family(`${markerName}=${marker}`);
    family.addFirst({ pid: stranger, startedAt: String(Number(entry.startedAt) - 1) });
    assert.deepEqual(await family.find(), []);
    signalMember({ ...entry, startedAt: String(Number(entry.startedAt) - 1) }, "SIGKILL");
    assert.equal(isAlive(entry), true);
  });

  it("what is left of a run is ended by its marker, and nobody else", async () => {
    const other = await run("echo ready; exec sleep 1000", {
      FAMILY_TEST: marker,
      [markerName]: `${marker}x`,
      SOMETHING: `${markerName}=${marker}`,
    });
    const left = await run(
      `setsid sleep 1000 & env -i FAMILY_TEST=${marker} sleep 1000 & echo ready; exec sleep 1000`,
      {
        [markerName]: marker,
      },
    );
    await until(
      "all run",
      () => census(marker).length === 2 && processesWith(`FAMILY_TEST=${marker}`).length === 2,
    );
    assert.equal(await endMarked(marker, services), 0);
    assert.equal(readEntry(left), undefined);
    assert.deepEqual(processesWith(`FAMILY_TEST=${marker}`), [other]);
  });

  it("nothing left is nothing to do", async () => assert.equal(await endMarked(marker, services), 0));
});
