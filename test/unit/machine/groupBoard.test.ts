import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../src/base/log";
import { createGroupBoard } from "../../../src/machine/groupBoard";
import { ManualClock } from "../../fakes/manualClock";

describe("the board of a group", () => {
  let folder: string;
  const clock = new ManualClock();
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "one-horizon-board-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const member = (workerId: string, at = clock.now()) => ({
    workerId,
    running: 2,
    hasRoom: true,
    pollMs: 30_000,
    at,
  });

  it("shows the others of the same group as they said last, and nobody of another one", async () => {
    const board = createGroupBoard(folder, { clock, log: silentLog });
    await board.tell("../g", member("one"));
    await board.tell("../g", { ...member("other"), running: 1 });
    await board.tell("../g", member("other"));
    await board.tell("h", member("third"));
    assert.deepEqual(await board.others("../g", "one"), [{ version: 1, ...member("other") }]);
    assert.deepEqual(await board.others("h", "third"), []);
    const names = await readdir(join(folder, "groups"));
    assert.ok(names.every((name) => /^[0-9a-f]{16}-[0-9a-f]{16}\.json$/u.test(name)));
  });

  it("forgets who is gone for a day, and sets aside what is damaged", async () => {
    const board = createGroupBoard(folder, { clock, log: silentLog });
    await board.tell("g", member("one"));
    const [own = ""] = await readdir(join(folder, "groups"));
    await board.tell("g", member("gone", clock.now() - 90_000_000));
    assert.deepEqual(await board.others("g", "one"), []);
    assert.deepEqual(await readdir(join(folder, "groups")), [own]);
    await writeFile(join(folder, "groups", own), "{");
    assert.deepEqual(await board.others("g", "other"), []);
    assert.ok(!(await readdir(join(folder, "groups"))).includes(own));
  });
});
