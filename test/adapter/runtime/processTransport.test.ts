import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { Redactor } from "../../../src/base/redaction/redactor";
import { systemRandom } from "../../../src/base/random";
import { runCommand } from "../../../src/runtime/commandRunner";
import { markerName } from "../../../src/runtime/environment";
import { parseStat } from "../../../src/runtime/keeper/processTable";
import { ProcessStartError, startProcess, type RunningProcess } from "../../../src/runtime/processTransport";
import { keeperProgram } from "../../fakes/keeperProgram";
import { processesWith, until } from "./codexLab";

const graces = { afterEndOfInputMs: 150, afterTermMs: 150, sweepMs: 3000 };

describe("a process and all it starts", () => {
  let marker: string;
  let output: string;
  let running: RunningProcess | undefined;

  beforeEach(() => {
    marker = systemRandom.uuid();
    output = "";
    running = undefined;
  });
  afterEach(async () => {
    await running?.kill();
    for (const pid of alive()) process.kill(pid, "SIGKILL");
  });

  const alive = (): number[] => processesWith(`${markerName}=${marker}`);
  const base = (command: readonly string[]) => ({
    command,
    workingDirectory: tmpdir(),
    environment: { PATH: process.env["PATH"] ?? "", [markerName]: marker },
    clock: systemClock,
    log: silentLog,
    redactor: new Redactor(),
    keeper: keeperProgram(),
  });
  const start = async (command: readonly string[]): Promise<RunningProcess> => {
    const onOutput = (chunk: Uint8Array): void => void (output += Buffer.from(chunk).toString("utf8"));
    running = await startProcess({ ...base(command), graces, onOutput });
    return running;
  };
  const node = (script: string): readonly string[] => [process.execPath, "-e", script];
  const ready = "console.log('ready');";

  const stubborn: readonly (readonly [string, readonly string[], number])[] = [
    [
      "ends at the end of its input",
      node(`process.stdin.on('end',()=>process.exit(3)).resume();${ready}`),
      2,
    ],
    ["ends on TERM only", node(`setTimeout(()=>{},1e6);${ready}`), 1],
    [
      "ignores end of input and TERM",
      node(`process.on('SIGTERM',()=>{});setTimeout(()=>{},1e6);${ready}`),
      2,
    ],
    [
      "ends late after TERM",
      node(`process.on('SIGTERM',()=>setTimeout(()=>process.exit(0),60));setTimeout(()=>{},1e6);${ready}`),
      2,
    ],
    ["has a helper in its group", ["sh", "-c", "sleep 300 & echo ready; cat"], 2],
    [
      "has a helper that ignores TERM in a session of its own",
      ["sh", "-c", `setsid sh -c "trap '' TERM HUP; echo ready; sleep 300; :" & cat`],
      3,
    ],
    [
      "has an orphan in a session of its own",
      ["sh", "-c", `(setsid sh -c "echo ready; sleep 300; :" &); exec cat`],
      3,
    ],
  ];
  for (const [name, command, atLeast] of stubborn) {
    it(`${name}: nothing is left after close`, async () => {
      const child = await start(command);
      await until("ready", () => output.includes("ready") && alive().length >= atLeast);
      assert.equal(await child.close(), 0);
      assert.deepEqual(alive(), []);
      await child.exited;
    });
  }

  it("a helper without the marker goes with the tree, because it is noted before the tree breaks", async () => {
    // A number that no other run on this machine sleeps for.
    const sleep = `sleep ${100_000 + process.pid}`;
    const child = await start(["sh", "-c", `env -i setsid ${sleep} & sleep 0.05; echo ready; cat`]);
    const helper = (): number[] => processesNamed(sleep);
    await until("ready", () => output.includes("ready") && helper().length === 1);
    assert.equal(await child.close(), 0);
    assert.deepEqual(helper(), []);
  });

  it("a process that was killed leaves helpers, which close ends", async () => {
    const child = await start(["sh", "-c", "setsid sleep 300 & echo ready; cat"]);
    await until("ready", () => output.includes("ready") && alive().length >= 3);
    process.kill(child.pid, "SIGKILL");
    assert.equal(await child.exited, "signal SIGKILL");
    assert.notDeepEqual(alive(), []);
    assert.equal(await child.close(), 0);
    assert.deepEqual(alive(), []);
  });

  it("closing twice is closing once, and writing afterwards is harmless", async () => {
    const child = await start(["cat"]);
    const [first, second] = await Promise.all([child.close(), child.close()]);
    assert.deepEqual([first, second], [0, 0]);
    child.writeLine("into the void");
  });

  it("survives a write to a process that dies", async () => {
    const child = await start(["sh", "-c", "exec 0<&-; echo ready; sleep 300"]);
    await until("ready", () => output.includes("ready"));
    child.writeLine("x".repeat(1_000_000));
    child.writeLine("y");
    assert.equal(await child.close(), 0);
  });

  it("delivers all output before it tells the end", async () => {
    let atExit = -1;
    running = await startProcess({
      ...base(node("process.stdout.write('x'.repeat(3_000_000))")),
      onOutput: (chunk) => void (output += Buffer.from(chunk).toString("latin1")),
      onExit: () => (atExit = output.length),
    });
    assert.equal(await running.exited, "exit code 0");
    assert.equal(atExit, 3_000_000);
  });

  it("keeps the end of stderr only", async () => {
    const child = await start(node("process.stderr.write('a'.repeat(100_000)+'the end')"));
    await child.exited;
    await until("stderr", () => child.stderrTail.endsWith("the end"));
    assert.equal(child.stderrTail.length, 8192);
  });

  for (const [name, command, folder, reason] of [
    ["a missing program", ["no-such-program-here"], tmpdir(), "notFound"],
    ["a missing folder", ["cat"], "/no/such/folder", "notFound"],
    ["a relative path, even of a program", ["./sh"], "/bin", "notFound"],
    ["a folder", ["/etc"], tmpdir(), "refused"],
    ["an empty command", [], tmpdir(), "notFound"],
  ] as const) {
    it(`${name} is ${reason}`, async () => {
      await assert.rejects(
        startProcess({ ...base(command), workingDirectory: folder, onOutput: () => undefined }),
        (error) => error instanceof ProcessStartError && error.reason === reason,
      );
    });
  }

  it("a relative entry of PATH is passed over, because it would be looked up in the working directory", async () => {
    const request = { ...base(["sh"]), workingDirectory: "/bin", onOutput: () => undefined };
    const environment = { ...request.environment, PATH: `.:bin:` };
    await assert.rejects(startProcess({ ...request, environment }), ProcessStartError);
  });

  describe("a short command", () => {
    const run = (command: readonly string[], limitMs = 5000, signal = new AbortController().signal) =>
      runCommand({ ...base(command), limitMs, signal });

    it("gives its output and end", async () => {
      const result = await run(["sh", "-c", "echo out; echo err >&2; exit 4"]);
      const { outputTail, ...rest } = result;
      assert.deepEqual(rest, { ok: false, ended: "exit code 4", stdout: "out\n", stderr: "err\n", left: 0 });
      assert.deepEqual(outputTail.split("\n").sort(), ["", "err", "out"]);
    });

    it("is cut off at its limit, and its output at a bound", async () => {
      const result = await run(["sh", "-c", "yes & sleep 300"], 300);
      assert.equal(result.ok, false);
      assert.equal(result.ended, "no end within 300 ms");
      assert.equal(result.stdout.length, 64 * 1024);
      assert.deepEqual(alive(), []);
    });

    it("ends with the signal's reason", async () => {
      const controller = new AbortController();
      const reason = new Error("closed");
      const running = run(["sleep", "300"], 60_000, controller.signal);
      await until("it runs", () => alive().length > 0);
      controller.abort(reason);
      await assert.rejects(running, (error) => error === reason);
      assert.deepEqual(alive(), []);
    });
  });
});

describe("the process table", () => {
  it("reads an entry whose name holds brackets and spaces", () => {
    const rest = "S 7 8 9 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 98765 1 2";
    assert.deepEqual(parseStat(42, `42 (a) b (c) ${rest}`), {
      pid: 42,
      parent: 7,
      group: 8,
      session: 9,
      startedAt: "98765",
    });
  });
  it("passes over what only waits to be reaped", () => {
    assert.equal(parseStat(42, "42 (a) Z 7 8 9 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 98765 1 2"), undefined);
  });
});

function processesNamed(command: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ").trim() === command;
      } catch {
        return false;
      }
    })
    .map(Number);
}
