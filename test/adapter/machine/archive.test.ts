import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { neverAborted } from "../../../src/base/abort";
import { systemClock as clock } from "../../../src/base/clock";
import { silentLog as log } from "../../../src/base/log";
import { Redactor } from "../../../src/base/redaction/redactor";
import { systemRandom as random } from "../../../src/base/random";
import { openMachineServices, type MachineServices } from "../../../src/composition/machineServices";
import { WorkerFactory } from "../../../src/composition/workerFactory";
import { UserError } from "../../../src/core/actions";
import { Store } from "../../../src/core/store";
import { turnName } from "../../../src/core/takeTurn";
import { openJournal, type JournalDamage, type OpenedJournal } from "../../../src/machine/journal/journal";
import { journalDisk } from "../../../src/machine/journal/realDisk";
import { aRecord } from "../../fakes/builders";
import { FakeArtifacts } from "../../fakes/fakeArtifacts";
import { FakeHooks } from "../../fakes/fakeHooks";
import { FakeRuntime } from "../../fakes/fakeRuntime";
import { FakeWorktrees } from "../../fakes/fakeWorktrees";
import { temporaryMachine, type Machine } from "../../unit/machine/support";

describe("archiving a session of a worker that does not run here", () => {
  let home: Machine;
  let before: string | undefined;
  let machine: MachineServices;
  const damages: JournalDamage[] = [];
  beforeEach(async () => {
    home = await temporaryMachine();
    before = process.env["HOME"];
    process.env["HOME"] = home.home;
    machine = await openMachineServices(clock, log);
    damages.length = 0;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env["HOME"];
    else process.env["HOME"] = before;
    await home.remove();
  });

  const configuration = {
    origin: "https://onehorizon.ai",
    clientId: "client",
    userId: "u1",
    workspaceId: "w1",
    workspaceName: "Acme",
    agentId: "a1",
    agentName: "Builder",
    workerId: "k1",
    idempotencyKey: "0123456789abcdef",
    folder: "/project",
    stoppedByPerson: false,
  };
  const openOwn = async (): Promise<OpenedJournal> =>
    await openJournal(journalDisk(machine.paths.state, configuration, clock), { clock, log });
  const factory = (): WorkerFactory =>
    new WorkerFactory({
      clock,
      random,
      log,
      redactor: new Redactor(),
      machine,
      store: new Store(() => undefined),
      runtime: new FakeRuntime(),
      worktrees: new FakeWorktrees(),
      hooks: new FakeHooks(),
      artifacts: new FakeArtifacts(),
      threadFile: "",
      version: "0",
      settings: () => assert.fail("no worker is made"),
      workflow: () => assert.fail("no worker is made"),
      network: () => assert.fail("no worker is made"),
      onDamaged: (damage) => damages.push(damage),
      life: neverAborted,
    });

  it("is noted on the disk", async () => {
    await (await openOwn()).save(aRecord({ outcome: "completed", endedAt: Date.now() }));
    const one = factory();
    assert.equal((await one.records(configuration))[0]?.archived, false);
    await one.archive("s1");
    assert.equal((await one.records(configuration))[0]?.archived, true);
    await one.archive("not known");
    const held = await machine.workerLock.tryHold(turnName(configuration));
    assert.ok(held, "the worker may run again");
    held.dispose();
  });

  it("tells of damaged notes where it may write, and changes nothing where it only reads", async () => {
    const own = await openOwn();
    await own.save(aRecord({ outcome: "completed", endedAt: Date.now() }));
    await own.save(aRecord({ sessionId: "s2" }));
    const { folder } = journalDisk(machine.paths.state, configuration, clock);
    const name = (await readdir(folder)).find((one) => one.endsWith(".journal")) ?? "";
    const text = await readFile(join(folder, name), "utf8");
    await writeFile(join(folder, name), text.replace('"s2"', '"s3"'));
    const names = await readdir(folder);
    const one = factory();
    assert.equal((await one.records(configuration)).length, 1);
    assert.equal(damages.length, 0);
    assert.deepEqual(await readdir(folder), names);
    await one.archive("s1");
    assert.match(damages[0]?.keptFiles[0] ?? "", /\.corrupt-/);
    assert.equal((await one.records(configuration))[0]?.archived, true);
  });

  it("is refused in words while another window runs it, whose notes stay as they are", async () => {
    const running = await openOwn();
    await running.save(aRecord());
    const held = await machine.workerLock.tryHold(turnName(configuration));
    try {
      const one = factory();
      await one.records(configuration);
      await assert.rejects(one.archive("s1"), (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.match(
          error.message,
          /could not be archived: another window runs the worker\. Nothing was changed/,
        );
        return true;
      });
      await running.save(aRecord({ tries: 7 }));
    } finally {
      held?.dispose();
    }
  });
});
