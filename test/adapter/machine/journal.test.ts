import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, it } from "mocha";
import { openJournal, readJournal, type OpenedJournal } from "../../../src/machine/journal/journal";
import { journalDisk } from "../../../src/machine/journal/realDisk";
import { aRecord } from "../../fakes/builders";
import { modeOf, temporaryMachine, type Machine } from "../../unit/machine/support";

const program = fileURLToPath(new URL("journalProgram.ts", import.meta.url));
const worker = { origin: "https://onehorizon.ai", workerId: "k1" };
/** Somebody whom file modes bind: the tests may run as root. */
/** Runs a program for which modes count, as they do for anybody but root. */
const underModes =
  process.getuid?.() === 0 && process.platform === "linux"
    ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", "--"]
    : [];

let machine: Machine;
let state: string;
let children: ChildProcess[];
beforeEach(async () => {
  machine = await temporaryMachine();
  state = join(machine.home, "state");
  children = [];
});
afterEach(async () => {
  for (const child of children) await kill(child);
  await machine.remove();
});

const disk = (one = worker): ReturnType<typeof journalDisk> => journalDisk(state, one, machine.context.clock);
const open = async (): Promise<OpenedJournal> => await openJournal(disk(), machine.context);
const segments = async (): Promise<readonly string[]> =>
  (await readdir(disk().folder)).filter((name) => name.endsWith(".journal"));
const onlySegment = async (): Promise<string> => {
  const [name = "", ...more] = await segments();
  assert.deepEqual(more, []);
  return join(disk().folder, name);
};

interface Keeper {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  ask(order: string, argument?: string): Promise<string>;
}

/** A process of its own that keeps the journal. @param wrapper what it is started through. */
function startKeeper(wrapper: readonly string[] = []): Keeper {
  const node = [process.execPath, "--import", "tsx", program, state];
  const [command, ...args] = wrapper.length === 0 ? node : [...wrapper, ...node];
  assert.ok(command);
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    lines,
    ask: async (order, argument = "") => {
      child.stdin.write(`${order}\t${argument}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error("the process ended");
      return line.value;
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: "inherit" });
  const [code] = (await once(child, "exit")) as unknown[];
  assert.equal(code, 0, command);
}

describe("journal on a real disk", () => {
  it("is private, and has the same to say after a restart", async () => {
    const journal = await open();
    await journal.save(aRecord({ startedAt: machine.now }));
    for (const one of [state, join(state, "journal"), disk().folder]) assert.equal(await modeOf(one), "700");
    for (const name of await readdir(disk().folder)) {
      assert.equal(await modeOf(join(disk().folder, name)), "600");
    }
    assert.deepEqual((await open()).list(), journal.list());
    assert.deepEqual(await readJournal(disk(), machine.context), journal.list());
    assert.equal((await segments()).length, 1);
  });

  it("keeps workers and platforms apart", async () => {
    await (await open()).save(aRecord());
    for (const other of [
      { ...worker, workerId: "k2" },
      { ...worker, origin: "http://127.0.0.1:1" },
    ]) {
      assert.deepEqual(await readJournal(disk(other), machine.context), []);
      assert.deepEqual((await openJournal(disk(other), machine.context)).list(), []);
    }
  });

  it("makes nothing when it is only read", async () => {
    assert.deepEqual(await readJournal(disk(), machine.context), []);
    await assert.rejects(readdir(state), /ENOENT/);
  });

  it("keeps a damaged file under a new name, as it was", async () => {
    const journal = await open();
    await journal.save(aRecord({ sessionId: "good", startedAt: machine.now }));
    await journal.save(aRecord({ sessionId: "bad", startedAt: machine.now }));
    const path = await onlySegment();
    const damaged = (await readFile(path, "utf8")).replace('"bad"', '"odd"');
    await writeFile(path, damaged);
    const again = await open();
    assert.deepEqual(
      again.list().map((one) => one.sessionId),
      ["good"],
    );
    const [kept = ""] = again.damage?.keptFiles ?? [];
    assert.match(kept, /\.corrupt-/);
    assert.equal(await readFile(kept, "utf8"), damaged);
    assert.equal(machine.warnings.length, 1);
    assert.equal((await open()).damage, undefined);
  });

  it("follows no link", async () => {
    const journal = await open();
    const path = await onlySegment();
    await rename(path, join(machine.home, "elsewhere"));
    await symlink(join(machine.home, "elsewhere"), path);
    const before = await readFile(join(machine.home, "elsewhere"));
    await assert.rejects(journal.save(aRecord()), /ELOOP/);
    assert.deepEqual(await readFile(join(machine.home, "elsewhere")), before);
    assert.equal((await open()).damage?.keptFiles.length, 1);

    await rename(disk().folder, `${disk().folder}.real`);
    await symlink(`${disk().folder}.real`, disk().folder);
    await assert.rejects(open(), /is a link or a file/);
  });

  it("takes a folder in a file's place for damage, not for nothing", async () => {
    await open();
    const path = await onlySegment();
    await rename(path, `${path}.gone`);
    await mkdir(path);
    assert.equal((await open()).damage?.keptFiles.length, 1);
  });

  it("writes all of it anew where the folder was removed meanwhile", async () => {
    const journal = await open();
    await journal.save(aRecord({ sessionId: "a", startedAt: machine.now }));
    await rename(state, `${state}.gone`);
    await assert.rejects(journal.save(aRecord()), /the folder was removed/);
    await journal.save(aRecord({ sessionId: "b", startedAt: machine.now }));
    assert.deepEqual(
      (await open()).list().map((one) => one.sessionId),
      ["a", "b"],
    );
  });
});

describe("journal of another process", () => {
  it("has everything that was acknowledged before a SIGKILL, round after round", async () => {
    const reached = new Map<string, number>();
    for (let round = 0; round < 5; round += 1) {
      const keeper = startKeeper();
      assert.equal(await keeper.ask("open"), `opened ${reached.size}`);
      keeper.child.stdin?.write(`flood\t${round * 100_000}\n`);
      const acknowledged = (line: string): void => {
        const [sessionId = "", tries = ""] = line.split(" ");
        reached.set(sessionId, Number(tries));
      };
      const enough = 60 + round * 170;
      for (let line = 0; line < enough; line += 1) acknowledged(String((await keeper.lines.next()).value));
      await kill(keeper.child);
      // What the pipe still holds was acknowledged too.
      for (let next = await keeper.lines.next(); next.done !== true; next = await keeper.lines.next()) {
        acknowledged(next.value);
      }
      const journal = await open();
      assert.equal(journal.damage, undefined);
      const found = new Map(journal.list().map((one) => [one.sessionId, one.tries]));
      for (const [sessionId, tries] of reached) {
        const there = found.get(sessionId) ?? -1;
        assert.ok(there === tries || there === tries + 1, `${sessionId}: ${there} after ${tries}`);
        const { sequence } = journal.outbox(sessionId, "c1");
        assert.ok(sequence === tries || sequence === there, `${sessionId}: ${sequence} after ${tries}`);
      }
      assert.ok((await readdir(disk().folder)).every((name) => !name.endsWith(".tmp")));
    }
  }).timeout(60_000);

  it("is closed to it once another one opens it", async () => {
    const keeper = startKeeper();
    await keeper.ask("open");
    assert.equal(await keeper.ask("save", "a"), "saved");
    const journal = await open();
    assert.equal(await keeper.ask("save", "b"), "failed: another window keeps the notes of this worker now");
    await journal.save(aRecord({ sessionId: "c", startedAt: machine.now }));
    assert.deepEqual(
      (await open())
        .list()
        .map((one) => one.sessionId)
        .sort(),
      ["a", "c"],
    );
  });

  it("tells what the folder's mode forbids, loses nothing, and works on when it is allowed again", async () => {
    const keeper = startKeeper(underModes);
    assert.equal(await keeper.ask("open"), "opened 0");
    assert.equal(await keeper.ask("save", "a"), "saved");
    const path = await onlySegment();
    await chmod(path, 0o400);
    await chmod(disk().folder, 0o500);
    const trouble = `failed: the folder may not be written (${disk().folder}, EACCES)`;
    assert.equal(await keeper.ask("save", "b"), trouble);
    assert.equal(await keeper.ask("save", "b"), trouble);
    await chmod(disk().folder, 0o700);
    await chmod(path, 0o600);
    assert.equal(await keeper.ask("save", "c"), "saved");
    assert.equal(await keeper.ask("open"), "opened 2");
  });
});

if (process.platform === "linux") {
  // The limit on a file's size cuts a write in its middle, as a full disk does.
  describe("journal that the system lets grow no more", () => {
    it("cuts off what was half written, and works on once it may grow again", async () => {
      const keeper = startKeeper(["prlimit", "--fsize=20000:unlimited", "--"]);
      await keeper.ask("open");
      let saved = 0;
      let answer = "";
      for (; saved < 500; saved += 1) {
        answer = await keeper.ask("save", `s${saved}`);
        if (answer !== "saved") break;
      }
      assert.ok(saved > 20 && saved < 200, String(saved));
      assert.equal(answer, `failed: the file may not grow any more (${disk().folder}, EFBIG)`);
      assert.match(await keeper.ask("save", "more"), /EFBIG/);
      const { length } = await readJournal(disk(), machine.context);
      assert.equal(length, saved);
      await run("prlimit", "--fsize=unlimited", "--pid", String(keeper.child.pid));
      assert.equal(await keeper.ask("save", "after"), "saved");
      assert.equal(await keeper.ask("open"), `opened ${saved + 1}`);
      const journal = await open();
      assert.equal(journal.damage, undefined);
      assert.equal(journal.list().length, saved + 1);
    });
  });
}
