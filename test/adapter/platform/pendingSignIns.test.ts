import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, type Clock } from "../../../src/base/clock";
import { PendingSignIns } from "../../../src/platform/oauth/pendingSignIns";
import { uriCallback } from "./signInKit";

describe("PendingSignIns", () => {
  let folder: string;
  let offsetMs: number;
  let pending: PendingSignIns;
  const clock: Clock = { ...systemClock, now: () => Date.now() + offsetMs };
  const one = (state: string) => ({
    state,
    verifier: "v",
    redirectUri: uriCallback,
    origin: "https://p.example",
    clientId: "c",
    createdAt: clock.now(),
  });

  beforeEach(async () => {
    offsetMs = 0;
    folder = join(await mkdtemp(join(tmpdir(), "pending-")), "sign-in");
    pending = new PendingSignIns(folder, clock);
  });
  afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

  it("keeps files private and their names silent about the state", async () => {
    await pending.save(one("secret-state"));
    const [name = ""] = await readdir(folder);
    assert.ok(!name.includes("secret-state"));
    if (process.platform !== "win32") {
      assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
    }
  });
  it("is found by any window and taken by one", async () => {
    await pending.save(one("s"));
    assert.equal((await new PendingSignIns(folder, clock).find("s"))?.verifier, "v");
    assert.equal(await pending.find("other"), undefined);
    const taken = await Promise.all([1, 2, 3, 4].map(() => new PendingSignIns(folder, clock).take("s")));
    assert.equal(taken.filter((two) => two !== undefined).length, 1);
    assert.deepEqual(await readdir(folder), []);
  });
  for (const ms of [10 * 60_000 + 1000, -10 * 60_000 - 1000]) {
    it(`is worth nothing after the clock moved by ${ms} ms, and is removed`, async () => {
      await pending.save(one("s"));
      offsetMs = ms;
      assert.equal(await pending.find("s"), undefined);
      await pending.save(one("t"));
      assert.equal((await readdir(folder)).length, 1);
    });
  }
});
