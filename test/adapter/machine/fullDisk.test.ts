import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { createConfigStore } from "../../../src/machine/configStore";
import { createConsentStore } from "../../../src/machine/consentStore";
import { createSpentTokens } from "../../../src/machine/spentTokens";
import { configurationOf, firstWorker, hashOf, origin, otherWorker, spentPath } from "./fullDiskKit";

const context = { clock: systemClock, log: silentLog };

describe("stores on a disk that takes nothing more", () => {
  let home: string;
  let state: string;
  let folder: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "oh-disk-"));
    state = join(home, "state");
    folder = join(home, "project");
    await mkdir(folder);
    await createConfigStore(state, context).set(configurationOf(folder, firstWorker));
    await createConsentStore(state, context).allow(folder, hashOf("old"));
    await createSpentTokens(spentPath(state)).add(hashOf("old"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  /** The same writes in a process whose files the system does not let grow: each write fails as on a full disk. */
  const writeWithoutRoom = async (): Promise<Readonly<Record<string, string>>> => {
    const child = fileURLToPath(new URL("fullDiskChild.ts", import.meta.url));
    const argv = [process.execPath, "--import", "tsx", child, state, folder];
    const { stdout } = await promisify(execFile)("bash", ["-c", 'ulimit -f 0; exec "$@"', "bash", ...argv]);
    const said: unknown = JSON.parse(stdout);
    assert.ok(typeof said === "object" && said !== null);
    return Object.fromEntries(Object.entries(said).map(([name, text]) => [name, String(text)]));
  };
  const workerOf = async (): Promise<string | undefined> =>
    (await createConfigStore(state, context).get(folder, origin))?.workerId;

  it("say so, and keep what was there before: configuration, consents, spent tokens", async () => {
    const before = await readdir(state, { recursive: true });
    const said = await writeWithoutRoom();
    assert.deepEqual(Object.keys(said), ["configuration", "consent", "spent"]);
    for (const text of Object.values(said)) assert.match(text, /EFBIG/u);

    assert.equal(await workerOf(), firstWorker);
    const consents = createConsentStore(state, context);
    assert.equal(await consents.isAllowed(folder, hashOf("old")), true);
    assert.equal(
      await consents.isAllowed(folder, hashOf("new")),
      false,
      "what is not on disk was not allowed",
    );
    const spent = createSpentTokens(spentPath(state));
    assert.equal(await spent.has(hashOf("old")), true);
    assert.equal(await spent.has(hashOf("new")), false);
    assert.deepEqual(await readdir(state, { recursive: true }), before, "no half file is left");
  });

  it("take the same again once there is room", async () => {
    await writeWithoutRoom();
    await createConfigStore(state, context).set(configurationOf(folder, otherWorker));
    assert.equal(await workerOf(), otherWorker);
    const consents = createConsentStore(state, context);
    await consents.allow(folder, hashOf("new"));
    assert.equal(await consents.isAllowed(folder, hashOf("new")), true);
    const spent = createSpentTokens(spentPath(state));
    await spent.add(hashOf("new"));
    assert.equal(await spent.has(hashOf("new")), true);
  });
});
