import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { createExclusiveNames } from "../../../src/machine/exclusive";
import { createMachineLock } from "../../../src/machine/machineLock";
import { createSpentTokens } from "../../../src/machine/spentTokens";
import { createTokenShare } from "../../../src/machine/tokenShare";
import { TokenEndpoint } from "../../../src/platform/oauth/tokenEndpoint";
import { TokenSource } from "../../../src/platform/oauth/tokenSource";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { signIn } from "../../fakes/sandboxClient";
import { FakeSecrets } from "../../unit/platform/fakes";

/** Windows with a secret store each, on the machine's real lock, channel and list, against the sandbox platform. */
describe("TokenSource over the machine's own primitives", () => {
  let sandbox: Sandbox;
  let folder: string;
  let windows: TokenSource[];

  beforeEach(async () => {
    sandbox = await startTestSandbox();
    folder = await mkdtemp(join(tmpdir(), "shared-tokens-"));
    windows = [];
  });
  afterEach(async () => {
    for (const one of windows) one.dispose();
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (): Promise<TokenSource> => {
    const account = { origin: sandbox.baseUrl, clientId: sandbox.clientId };
    const context = { clock: systemClock, log: silentLog };
    const names = await createExclusiveNames(folder, context);
    const source = new TokenSource({
      account,
      secrets: new FakeSecrets(),
      lock: createMachineLock(folder, names, context),
      share: createTokenShare(names, context),
      spent: createSpentTokens(join(folder, "spent-tokens")),
      endpoint: new TokenEndpoint({ account, clock: systemClock }),
      clock: systemClock,
      log: silentLog,
    });
    windows.push(source);
    return source;
  };
  const refreshes = (): number =>
    sandbox.log.list().filter((one) => one.operationId === "token" && one.status === 200).length;

  it("shares a sign-in, renews it once for all, and hands it over when the owner closes", async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    await first.adopt(await signIn(sandbox));
    assert.equal(await second.isSignedIn(), true);
    assert.equal(await third.isSignedIn(), true);
    const token = await first.get(neverAborted);
    const before = refreshes();
    const renewed = await Promise.all([first, second, third].map((one) => one.renew(token, neverAborted)));
    assert.equal(new Set(renewed).size, 1);
    assert.equal(refreshes(), before + 1);

    first.dispose();
    const [next = ""] = renewed;
    const handedOver = await Promise.all([second, third].map((one) => one.renew(next, neverAborted)));
    assert.equal(new Set(handedOver).size, 1);
    assert.equal(refreshes(), before + 2);
    assert.notEqual(handedOver[0], next);
  });

  it("keeps hashes on the disk, and no token", async () => {
    const first = await open();
    const tokens = await signIn(sandbox);
    await first.adopt(tokens);
    await first.renew(tokens.accessToken, neverAborted);
    const text = await readFile(join(folder, "spent-tokens"), "utf8");
    assert.match(text, /[0-9a-f]{64}/u);
    assert.ok(!text.includes(tokens.refreshToken));
  });

  it("signs every window out", async () => {
    const [first, second] = [await open(), await open()];
    await first.adopt(await signIn(sandbox));
    assert.equal(await second.isSignedIn(), true);
    await second.signOut();
    assert.equal(await first.isSignedIn(), false);
    assert.equal(await first.reload(), false);
  });
});
