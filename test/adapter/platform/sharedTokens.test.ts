import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { neverAborted } from "../../../src/base/abort";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { signIn } from "../../fakes/sandboxClient";
import { FakeSecrets } from "../../unit/platform/fakes";
import { startProgram, type Holder } from "../machine/processes";
import { SocketTap } from "./socketTap";
import { openWindow, type TokenWindow } from "./tokenWindows";

/** Windows with a secret store each, on the machine's real lock, channel and list, against the sandbox platform. */
describe("TokenSource over the machine's own primitives", () => {
  let sandbox: Sandbox;
  let folder: string;
  let windows: TokenWindow[];
  let processes: Holder[];

  beforeEach(async () => {
    sandbox = await startTestSandbox();
    folder = await mkdtemp(join(tmpdir(), "shared-tokens-"));
    windows = [];
    processes = [];
  });
  afterEach(async () => {
    for (const one of windows) one.tokens.dispose();
    for (const one of processes) await one.kill();
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (secrets = new FakeSecrets()): Promise<TokenWindow> => {
    const window = await openWindow(folder, { origin: sandbox.baseUrl, clientId: sandbox.clientId }, secrets);
    windows.push(window);
    return window;
  };
  /** A store that another window reads as it is now, and that misses what comes later. */
  const copyOf = (values: Iterable<readonly [string, string]>): FakeSecrets => {
    const secrets = new FakeSecrets();
    for (const [key, value] of values) secrets.values.set(key, value);
    return secrets;
  };
  const refreshes = (): number =>
    sandbox.log.list().filter((one) => one.operationId === "token" && one.status === 200).length;
  const refreshTokenIn = (text: string | undefined): string => {
    const token = /"refreshToken":"([^"]{8,})"/u.exec(text ?? "")?.[1];
    assert.ok(token !== undefined, "there is a refresh token");
    return token;
  };

  it("shares a sign-in, renews it once for all, and hands it over when the owner closes", async () => {
    const first = await open();
    await first.tokens.adopt(await signIn(sandbox));
    const [second, third] = [
      await open(copyOf(first.secrets.values)),
      await open(copyOf(first.secrets.values)),
    ];
    assert.equal(await second.tokens.isSignedIn(), true);
    assert.equal(await third.tokens.isSignedIn(), true);
    const token = await first.tokens.get(neverAborted);
    const before = refreshes();
    const renewed = await Promise.all(
      [first, second, third].map((one) => one.tokens.renew(token, neverAborted)),
    );
    assert.equal(new Set(renewed).size, 1);
    assert.equal(refreshes(), before + 1);

    first.tokens.dispose();
    const [next = ""] = renewed;
    const handedOver = await Promise.all([second, third].map((one) => one.tokens.renew(next, neverAborted)));
    assert.equal(new Set(handedOver).size, 1);
    assert.equal(refreshes(), before + 2);
    assert.notEqual(handedOver[0], next);
  });

  it("lets nothing cross a socket between windows in which a refresh token could be read", async () => {
    const tap = new SocketTap();
    try {
      const first = await open();
      const signedIn = await signIn(sandbox);
      const secretsSeen = [signedIn.refreshToken];
      await first.tokens.adopt(signedIn);
      const second = await open(copyOf(first.secrets.values));
      const stranger = await open();
      assert.equal(await stranger.tokens.get(neverAborted), signedIn.accessToken);
      const renewed = await first.tokens.renew(signedIn.accessToken, neverAborted);
      assert.equal(await second.tokens.renew(signedIn.accessToken, neverAborted), renewed);
      assert.equal(await stranger.tokens.renew(signedIn.accessToken, neverAborted), renewed);
      secretsSeen.push(refreshTokenIn([...first.secrets.values.values()][0]));
      const anew = await signIn(sandbox);
      secretsSeen.push(anew.refreshToken);
      await second.tokens.adopt(anew);
      assert.equal(await first.tokens.get(neverAborted), anew.accessToken);
      await stranger.tokens.signOut();
      assert.equal(await first.tokens.isSignedIn(), false);

      const key =
        /"sealingKey":"([0-9a-f]{64})"/u.exec([...second.secrets.values.values()][0] ?? "")?.[1] ?? "";
      secretsSeen.push(key);
      const crossed = tap.local.join("\n");
      for (const accessToken of [signedIn.accessToken, renewed, anew.accessToken]) {
        assert.ok(crossed.includes(accessToken), "access tokens cross, and the tap hears them");
      }
      assert.match(crossed, /\\"sealed\\":\{\\"version\\":1,/u);
      const told = windows.flatMap((one) => one.logged).join("\n");
      assert.match(told, /access tokens only/u);
      assert.equal(new Set(secretsSeen).size, 4);
      for (const secret of secretsSeen) {
        const bytes = Buffer.from(secret);
        const forms = [secret, bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex")];
        forms.push(Buffer.from(secret, "hex").toString("base64"));
        for (const form of forms.filter((one) => one !== "")) {
          assert.ok(!crossed.includes(form), "it crossed readable");
          assert.ok(!told.includes(form), "it was logged");
        }
      }
    } finally {
      tap.dispose();
    }
  });

  it("goes on by the sealed token after the window that renewed was killed, with a store that missed the renewals", async () => {
    const owner = startProgram(new URL("tokenWindow.ts", import.meta.url), [
      folder,
      sandbox.baseUrl,
      sandbox.clientId,
    ]);
    processes.push(owner);
    const signedIn = await signIn(sandbox);
    assert.equal(await owner.ask("adopt", JSON.stringify(signedIn)), "adopted");
    const stored = await owner.ask("stored", "");
    const json: unknown = JSON.parse(stored);
    const pairs = z.array(z.tuple([z.string(), z.string()])).parse(json);
    const secrets = copyOf(pairs);
    const tap = new SocketTap([owner.process.stdin, owner.process.stdout]);
    try {
      const survivor = await open(secrets);
      assert.equal(await survivor.tokens.get(neverAborted), signedIn.accessToken);
      const second = await owner.ask("renew", signedIn.accessToken);
      const third = await owner.ask("renew", second);
      assert.equal(await survivor.tokens.renew(signedIn.accessToken, neverAborted), third);
      const rotated = refreshTokenIn((await owner.ask("stored", "")).replaceAll('\\"', '"'));
      assert.notEqual(rotated, signedIn.refreshToken);
      assert.equal(refreshTokenIn([...secrets.values.values()][0]), signedIn.refreshToken, "a stale store");
      await owner.kill();

      const before = refreshes();
      const own = await survivor.tokens.renew(third, neverAborted);
      assert.equal(refreshes(), before + 1);
      assert.ok(![signedIn.accessToken, second, third].includes(own));
      const answer = await fetch(new URL("/api/v1/me", sandbox.baseUrl), {
        headers: { authorization: `Bearer ${own}` },
      });
      await answer.body?.cancel();
      assert.equal(answer.status, 200);
      const crossed = tap.local.join("\n");
      assert.ok(crossed.includes(third), "the tap hears what comes from another process");
      assert.ok(!crossed.includes(rotated) && !crossed.includes(signedIn.refreshToken));
    } finally {
      tap.dispose();
    }
  });

  it("keeps hashes on the disk, and no token", async () => {
    const first = await open();
    const tokens = await signIn(sandbox);
    await first.tokens.adopt(tokens);
    await first.tokens.renew(tokens.accessToken, neverAborted);
    const text = await readFile(join(folder, "spent-tokens"), "utf8");
    assert.match(text, /[0-9a-f]{64}/u);
    assert.ok(!text.includes(tokens.refreshToken));
  });

  it("signs every window out", async () => {
    const [first, second] = [await open(), await open()];
    await first.tokens.adopt(await signIn(sandbox));
    assert.equal(await second.tokens.isSignedIn(), true);
    await second.tokens.signOut();
    assert.equal(await first.tokens.isSignedIn(), false);
    assert.equal(await first.tokens.reload(), false);
  });
});
