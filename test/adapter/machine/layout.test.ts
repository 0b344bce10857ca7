import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import { openMachineServices } from "../../../src/composition/machineServices";
import { makeAttemptFolders } from "../../../src/machine/attemptFolders";
import { createDailyLog } from "../../../src/machine/dailyLog";
import { openJournal } from "../../../src/machine/journal/journal";
import { journalDisk } from "../../../src/machine/journal/realDisk";
import { PendingSignIns } from "../../../src/platform/oauth/pendingSignIns";
import { makeScratch } from "../../../src/runtime/scratch";
import { aRecord } from "../../fakes/builders";
import { modeOf, temporaryMachine, type Machine } from "../../unit/machine/support";

describe("what lies below ~/.one", () => {
  let machine: Machine;
  let home: string | undefined;
  let umask: number;
  beforeEach(async () => {
    machine = await temporaryMachine();
    home = process.env["HOME"];
    process.env["HOME"] = machine.home;
    umask = process.umask(0);
  });
  afterEach(async () => {
    process.umask(umask);
    if (home === undefined) delete process.env["HOME"];
    else process.env["HOME"] = home;
    await machine.remove();
  });

  it("is ours in state/vscode-worker, logs and tmp only, and open to this user alone, whatever the umask", async () => {
    const services = await openMachineServices(systemClock, silentLog);
    const { state, logs, tmp } = services.paths;
    const folder = await mkdtemp(join(machine.home, "project-"));
    const held = await services.lock.tryHold("worker");
    const slot = await services.slots.tryAcquire(3, "session");
    const share = await services.share.serve("account", () => Promise.resolve("token"));
    try {
      await services.consents.allow(folder, "ab".repeat(32));
      await services.spent.add("ab".repeat(32));
      const journal = await openJournal(
        journalDisk(state, { origin: "https://onehorizon.ai", workerId: "k" }, systemClock),
        { clock: systemClock, log: silentLog },
      );
      await journal.save(aRecord());
      await makeAttemptFolders(tmp, "s1", systemRandom);
      await makeScratch(tmp);
      await new PendingSignIns(join(state, "sign-ins"), systemClock).save({
        state: "s".repeat(43),
        verifier: "v".repeat(43),
        redirectUri: "http://127.0.0.1:1/",
        origin: "https://onehorizon.ai",
        clientId: "client",
        createdAt: Date.now(),
      });
      const log = createDailyLog(logs, systemClock);
      log.info("hello");
      await log.flush();

      const entries = await readdir(join(machine.home, ".one"), { recursive: true, withFileTypes: true });
      assert.ok(entries.filter((one) => one.isFile()).length >= 8, entries.map((one) => one.name).join());
      for (const one of entries) {
        const path = join(one.parentPath, one.name);
        const expected = one.isDirectory() ? "700" : "600";
        assert.equal(await modeOf(path), expected, path);
        const place = relative(join(machine.home, ".one"), path);
        assert.match(
          place,
          /^(state(\/vscode-worker(\/.*)?)?|logs(\/vscode-worker-[\d-]+\.log)?|tmp(\/(vscode|one)-worker.*)?)$/,
        );
      }
    } finally {
      share.dispose();
      slot?.dispose();
      held?.dispose();
    }
  });

  it("leaves what others have there as it is", async () => {
    const others = ["config/settings.json", "state/local-executions/one.json", "logs/one.log", "tmp/theirs"];
    for (const name of others) {
      const path = join(machine.home, ".one", name);
      await mkdir(join(path, ".."), { recursive: true, mode: 0o755 });
      await writeFile(path, "theirs", { mode: 0o644 });
    }
    const before = await Promise.all(others.map((name) => stat(join(machine.home, ".one", name))));
    const services = await openMachineServices(systemClock, silentLog);
    const slot = await services.slots.tryAcquire(3, "session");
    slot?.dispose();
    await makeScratch(services.paths.tmp);
    const log = createDailyLog(services.paths.logs, systemClock);
    log.info("hello");
    await log.flush();
    for (const [index, name] of others.entries()) {
      const after = await stat(join(machine.home, ".one", name));
      assert.deepEqual([after.mode, after.mtimeMs], [before[index]?.mode, before[index]?.mtimeMs], name);
      assert.equal(await modeOf(join(machine.home, ".one", name, "..")), "755", name);
    }
  });
});
