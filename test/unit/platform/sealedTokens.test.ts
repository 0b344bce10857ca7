import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import type { Log } from "../../../src/base/log";
import { PlatformError } from "../../../src/core/platformError";
import { newSealingKey } from "../../../src/platform/oauth/sealing";
import type { TokenSet } from "../../../src/platform/oauth/tokenSet";
import { TokenSource } from "../../../src/platform/oauth/tokenSource";
import { ManualClock } from "../../fakes/manualClock";
import { FakeSecrets, FakeTokenMachine, FakeTokenPlatform } from "./fakes";

const account = { origin: "https://platform.example", clientId: "client-1" };
const hourMs = 3_600_000;

interface Window {
  readonly tokens: TokenSource;
  readonly secrets: FakeSecrets;
}

/** Windows whose secret stores carry nothing between them, as in an editor in the browser. */
describe("the refresh token between windows", () => {
  let clock: ManualClock;
  let machine: FakeTokenMachine;
  let platform: FakeTokenPlatform;
  let open: TokenSource[];
  let logged: string[];

  const window = (secrets = new FakeSecrets()): Window => {
    const note = (message: string, fields?: object): void => {
      logged.push(`${message} ${JSON.stringify(fields)}`);
    };
    const log: Log = { debug: note, info: note, warn: note, error: note };
    const tokens = new TokenSource({
      account,
      secrets,
      lock: machine.lock(),
      spent: machine.spent,
      share: machine.share(),
      endpoint: platform,
      clock,
      log,
    });
    open.push(tokens);
    return { tokens, secrets };
  };
  /** A window that has read the other one's store as it is now. */
  const windowOf = (other: Window, change = (text: string): string => text): Window => {
    const secrets = new FakeSecrets();
    for (const [key, value] of other.secrets.values) secrets.values.set(key, change(value));
    return window(secrets);
  };
  const stored = ({ secrets }: Window): unknown => JSON.parse([...secrets.values.values()][0] ?? "null");
  const keyOf = (of: Window): string => {
    const key = /"sealingKey":"([0-9a-f]{64})"/u.exec(JSON.stringify(stored(of)))?.[1];
    assert.ok(key);
    return key;
  };
  const during = async <T>(work: Promise<T>, ms = 60_000): Promise<T> => {
    work.catch(() => undefined);
    await clock.advance(ms);
    return work;
  };
  const isSignedOut = (error: unknown): boolean => PlatformError.is(error, "signedOut");
  const opened = (text: string): string => text.replace(/"text":"[^"]*"/u, '"text":"AAAAAAAAAAAA"');
  const withoutKey = (text: string): string => text.replace(/,"sealingKey":"[^"]*"/u, "");

  beforeEach(() => {
    clock = new ManualClock();
    machine = new FakeTokenMachine();
    platform = new FakeTokenPlatform(
      () => clock.now(),
      (hash) => machine.spentHashes.has(hash),
    );
    open = [];
    logged = [];
  });
  afterEach(() => {
    for (const one of open) one.dispose();
    const crossed = [...machine.requests, ...machine.answers];
    assert.ok(!crossed.some((one) => /refresh-\d|refreshToken|sealingKey/u.test(one)), "it crossed in clear");
    assert.ok(!logged.some((one) => /(?:refresh|access)-\d|[0-9a-f]{64}/u.test(one)), "a secret was logged");
  });

  it("has a key that is stored with the sign-in and stays the same over renewals", async () => {
    const first = window();
    await first.tokens.adopt(platform.issue());
    const key = keyOf(first);
    await during(first.tokens.renew("access-1", neverAborted));
    assert.equal(keyOf(first), key);
    await first.tokens.adopt(platform.issue());
    assert.equal(keyOf(first), key, "a new sign-in reaches the windows that have it");
    await first.tokens.signOut();
    assert.equal(first.secrets.values.size, 0);
    await first.tokens.adopt(platform.issue());
    assert.notEqual(keyOf(first), key, "a person's sign-out ends it");
  });

  it("goes on in a window that has the key when the one that renews is gone", async () => {
    const first = window();
    await first.tokens.adopt(platform.issue());
    const second = windowOf(first);
    assert.equal(await second.tokens.get(neverAborted), "access-1");
    await during(first.tokens.renew("access-1", neverAborted));
    assert.equal(await during(second.tokens.renew("access-1", neverAborted)), "access-2");
    first.tokens.dispose();
    assert.equal(await during(second.tokens.renew("access-2", neverAborted)), "access-3");
    assert.deepEqual(platform.sent, ["refresh-1", "refresh-2"]);
    assert.equal(keyOf(second), keyOf(first));
  });

  for (const [what, damage] of [
    ["no key", withoutKey],
    ["another key", (text: string) => text.replace(/[0-9a-f]{64}/u, newSealingKey())],
    ["a key that is none", (text: string) => text.replace(/[0-9a-f]{64}/u, "short")],
  ] as const) {
    it(`gives a window with ${what} access tokens only, which is logged once, and leaves renewing to the others`, async () => {
      const first = window();
      await first.tokens.adopt(platform.issue());
      const second = windowOf(first, damage);
      const third = windowOf(first);
      for (const one of [first, second, third]) one.tokens.start();
      await clock.advance(1000);
      await during(first.tokens.renew("access-1", neverAborted));
      assert.equal(await second.tokens.get(neverAborted), "access-2");
      assert.equal(await third.tokens.get(neverAborted), "access-2");
      const told = logged.filter((one) => one.includes("access tokens only"));
      assert.equal(told.length, 1, logged.join("\n"));
      first.tokens.dispose();
      await clock.advance(hourMs);
      assert.equal(await second.tokens.get(neverAborted), "access-3", "from the third");
      assert.deepEqual(platform.sent, ["refresh-1", "refresh-2"]);
    });
  }

  it("lets a window without the key work to the end of its access token, keep what is stored, and come back", async () => {
    const first = window();
    await first.tokens.adopt(platform.issue());
    const second = windowOf(first, withoutKey);
    second.tokens.start();
    await during(first.tokens.renew("access-1", neverAborted));
    assert.equal(await second.tokens.get(neverAborted), "access-2");
    const before = stored(second);
    first.tokens.dispose();
    await clock.advance(hourMs / 2);
    assert.equal(await second.tokens.get(neverAborted), "access-2");
    await clock.advance(hourMs / 2);
    await assert.rejects(during(second.tokens.get(neverAborted)), isSignedOut);
    assert.deepEqual(stored(second), before);
    assert.deepEqual(platform.sent, ["refresh-1"]);

    const again = windowOf(first);
    again.tokens.start();
    await clock.advance(60_000);
    assert.equal(await second.tokens.get(neverAborted), "access-3");
    assert.deepEqual(platform.sent, ["refresh-1", "refresh-2"]);
  });

  it("refuses what was changed on the way, loses nothing by it, and goes on once it comes unchanged", async () => {
    const first = window();
    await first.tokens.adopt(platform.issue());
    const second = windowOf(first);
    assert.equal(await second.tokens.isSignedIn(), true);
    machine.change = opened;
    assert.equal(await during(second.tokens.renew("access-1", neverAborted)), "access-2");
    assert.equal(logged.filter((one) => one.includes("changed on the way")).length, 1);
    assert.equal(keyOf(second), keyOf(first));
    machine.change = (text) => text;
    second.tokens.start();
    await clock.advance(20_000);
    first.tokens.dispose();
    assert.equal(await during(second.tokens.renew("access-2", neverAborted)), "access-3");
    assert.deepEqual(platform.sent, ["refresh-1", "refresh-2"]);
  });

  it("keeps its own refresh token where the answer brings the same access token with a changed seal", async () => {
    const first = window();
    await first.tokens.adopt(platform.issue());
    const second = windowOf(first);
    second.tokens.start();
    machine.change = opened;
    await clock.advance(30_000);
    first.tokens.dispose();
    assert.equal(await during(second.tokens.renew("access-1", neverAborted)), "access-2");
  });

  it("refuses a sealed token beside another access token, and one in clear", async () => {
    const first = window();
    await first.tokens.adopt(platform.issue());
    const second = windowOf(first);
    assert.equal(await second.tokens.isSignedIn(), true);
    machine.change = (text) => text.replace('"accessToken":"access-', '"accessToken":"other-');
    assert.equal(await during(second.tokens.renew("access-1", neverAborted)), "other-2");
    machine.change = (text) => text.replace(/"sealed":\{[^}]*\}/u, '"refreshToken":"refresh-9"');
    assert.equal(await during(second.tokens.renew("other-2", neverAborted)), "access-2");
    assert.equal(logged.filter((one) => one.includes("access tokens only")).length, 1);
    first.tokens.dispose();
    await assert.rejects(during(second.tokens.renew("access-2", neverAborted)), isSignedOut);
    assert.deepEqual(platform.sent, ["refresh-1"]);
  });

  it("is none for a platform that gives none, and any window may say that it ran out", async () => {
    const first = window();
    const { refreshToken: _none, ...bare }: TokenSet = platform.issue();
    await first.tokens.adopt(bare);
    const second = window();
    assert.equal(await second.tokens.get(neverAborted), "access-1");
    assert.deepEqual(logged.filter((one) => one.includes("access tokens only")).length, 1);
    first.tokens.dispose();
    const third = windowOf(first);
    assert.equal(await third.tokens.get(neverAborted), "access-1");
    clock.jumpWall(hourMs);
    await assert.rejects(during(third.tokens.get(neverAborted)), isSignedOut);
    assert.equal(third.secrets.values.size, 0);
  });

  it("gets a key where it was stored without one, at the next renewal, without a new sign-in", async () => {
    const old = new FakeSecrets();
    old.values.set(
      `oneHorizon.tokens ${JSON.stringify([account.origin, account.clientId])}`,
      JSON.stringify(platform.issue()),
    );
    const first = window(old);
    assert.equal(await during(first.tokens.renew("access-1", neverAborted)), "access-2");
    const second = windowOf(first);
    const key = keyOf(first);
    assert.equal(await during(first.tokens.renew("access-2", neverAborted)), "access-3");
    assert.equal(await during(second.tokens.renew("access-2", neverAborted)), "access-3");
    first.tokens.dispose();
    assert.equal(await during(second.tokens.renew("access-3", neverAborted)), "access-4");
    assert.equal(keyOf(second), key);
  });

  it("gets a key before it is shared for the first time, so that a window with the same store can open it", async () => {
    const shared = new FakeSecrets();
    shared.values.set(
      `oneHorizon.tokens ${JSON.stringify([account.origin, account.clientId])}`,
      JSON.stringify(platform.issue()),
    );
    const first = window(shared);
    const second = window(shared);
    for (const one of [first, second]) one.tokens.start();
    await clock.advance(1000);
    await during(first.tokens.renew("access-1", neverAborted));
    assert.equal(await second.tokens.get(neverAborted), "access-2");
    first.tokens.dispose();
    assert.equal(await during(second.tokens.renew("access-2", neverAborted)), "access-3");
  });

  it("reaches a window that owns an older sign-in without the key only as access tokens: that one lets go", async () => {
    const owner = window();
    await owner.tokens.adopt(platform.issue());
    owner.tokens.start();
    const other = window();
    other.tokens.start();
    await other.tokens.adopt(platform.issue());
    await clock.advance(20_000);
    assert.equal(await owner.tokens.get(neverAborted), "access-2");
    await clock.advance(hourMs);
    assert.deepEqual(platform.sent, ["refresh-2"]);
    assert.equal(await owner.tokens.get(neverAborted), "access-3");
  });

  it("costs the window that renews nothing when somebody brings a sign-in that does not open", async () => {
    const owner = window();
    await owner.tokens.adopt(platform.issue());
    const before = stored(owner);
    const [name = ""] = machine.handlers.keys();
    const text = JSON.stringify({
      kind: "adopt",
      tokens: { accessToken: "strange", refreshToken: "stranger" },
    });
    const answer = await machine.handlers.get(name)?.(text, neverAborted);
    assert.match(answer ?? "", /"failed"/u);
    assert.deepEqual(stored(owner), before);
    assert.equal(await owner.tokens.get(neverAborted), "access-1");
    assert.equal(await during(owner.tokens.renew("access-1", neverAborted)), "access-2");
  });
});
