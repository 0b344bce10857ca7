import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import { silentLog } from "../../../src/base/log";
import { PlatformError } from "../../../src/core/platformError";
import { GrantRefused } from "../../../src/platform/oauth/tokenEndpoint";
import { tokenHash } from "../../../src/platform/oauth/tokenSet";
import { TokenSource, type SignInState } from "../../../src/platform/oauth/tokenSource";
import { ManualClock } from "../../fakes/manualClock";
import { FakeSecrets, FakeTokenMachine, FakeTokenPlatform } from "./fakes";

const account = { origin: "https://platform.example", clientId: "client-1" };
const hourMs = 3_600_000;

describe("TokenSource", () => {
  let clock: ManualClock;
  let machine: FakeTokenMachine;
  let platform: FakeTokenPlatform;
  let open: TokenSource[];
  let troubles: string[];

  const window = (
    secrets = new FakeSecrets(),
  ): { tokens: TokenSource; secrets: FakeSecrets; events: SignInState[] } => {
    const tokens = new TokenSource({
      account,
      secrets,
      lock: machine.lock(),
      spent: machine.spent,
      share: machine.share(),
      endpoint: platform,
      clock,
      log: silentLog,
      onStorageTrouble: (step) => troubles.push(step),
    });
    const events: SignInState[] = [];
    tokens.onDidChangeSignIn((event) => events.push(event));
    open.push(tokens);
    return { tokens, secrets, events };
  };
  /** Settles `work` while time moves. */
  const during = async <T>(work: Promise<T>, ms = 60_000): Promise<T> => {
    work.catch(() => undefined);
    await clock.advance(ms);
    return work;
  };
  const isSignedOut = (error: unknown): boolean => PlatformError.is(error, "signedOut");

  beforeEach(() => {
    clock = new ManualClock();
    machine = new FakeTokenMachine();
    platform = new FakeTokenPlatform(
      () => clock.now(),
      (hash) => machine.spentHashes.has(hash),
    );
    open = [];
    troubles = [];
  });
  afterEach(() => {
    for (const one of open) one.dispose();
  });

  it("keeps an adopted sign-in in secret storage, keyed by origin and client id", async () => {
    const { tokens, secrets, events } = window();
    await tokens.adopt(platform.issue());
    assert.equal(await tokens.get(neverAborted), "access-1");
    assert.deepEqual(events, [{ kind: "signedIn" }]);
    const [key] = [...secrets.values.keys()];
    assert.ok(key?.includes(account.origin) && key.includes(account.clientId));

    const other = new TokenSource({
      account: { ...account, clientId: "client-2" },
      secrets,
      lock: machine.lock(),
      spent: machine.spent,
      share: machine.share(),
      endpoint: platform,
      clock,
      log: silentLog,
    });
    open.push(other);
    assert.equal(await other.isSignedIn(), false);
  });

  it("notes a refresh token before it is sent, and sends none twice", async () => {
    const { tokens, secrets } = window();
    await tokens.adopt(platform.issue());
    clock.jumpWall(hourMs);
    assert.equal(await during(tokens.get(neverAborted)), "access-2");
    assert.deepEqual(platform.sent, ["refresh-1"]);
    assert.deepEqual(platform.notedBefore, [true]);
    assert.ok([...secrets.values.values()].join().includes("refresh-2"));
  });

  for (const monotonicRuns of [false, true]) {
    it(`renews after a sleep of the machine, though its clock ${monotonicRuns ? "ran on" : "stood still"}`, async () => {
      const { tokens } = window();
      await tokens.adopt(platform.issue());
      tokens.start();
      await clock.advance(1000);
      clock.suspend(hourMs - 200_000, monotonicRuns);
      await clock.advance(16_000);
      assert.deepEqual(platform.sent, ["refresh-1"], "ahead of its end");
      clock.suspend(10 * hourMs, monotonicRuns);
      assert.equal(await during(tokens.get(neverAborted), 1000), "access-3", "at once when it is asked for");
    });
  }

  it("gives a token no longer life when the wall clock is set back", async () => {
    const { tokens } = window();
    await tokens.adopt(platform.issue());
    tokens.start();
    clock.jumpWall(-24 * hourMs);
    await clock.advance(hourMs - 290_000);
    assert.deepEqual(platform.sent, ["refresh-1"]);
    assert.equal(await during(tokens.get(neverAborted), 1000), "access-2");
    await clock.advance(hourMs - 600_000);
    assert.equal(platform.sent.length, 1, "and the next one no shorter");
  });

  it("goes on after a wall clock that was ahead for a while", async () => {
    const { tokens } = window();
    await tokens.adopt(platform.issue());
    tokens.start();
    clock.jumpWall(24 * hourMs);
    await clock.advance(30_000);
    clock.jumpWall(-24 * hourMs);
    await clock.advance(3 * hourMs);
    assert.ok(platform.sent.length >= 3 && platform.sent.length <= 5, `${platform.sent.length} renewals`);
  });

  it("never sends a refresh token whose answer was lost, and uses the access token to its end", async () => {
    const { tokens, events } = window();
    await tokens.adopt(platform.issue());
    platform.failure = new PlatformError("lost", {
      reason: "timeout",
      outcome: "unknown",
      operation: "token",
    });
    clock.jumpWall(hourMs - 120_000);
    tokens.start();
    await clock.advance(60_000);
    platform.failure = undefined;
    assert.equal(await tokens.get(neverAborted), "access-1");
    await clock.advance(120_000);
    await assert.rejects(during(tokens.get(neverAborted)), isSignedOut);
    assert.deepEqual(platform.sent, ["refresh-1"]);
    assert.equal(events.at(-1)?.kind, "signedOut");
  });

  it("does not spend a refresh token on a dead line", async () => {
    const { tokens } = window();
    await tokens.adopt(platform.issue());
    platform.reachable = false;
    clock.jumpWall(hourMs);
    await assert.rejects(during(tokens.get(neverAborted)), (error) => PlatformError.is(error, "network"));
    assert.deepEqual(platform.sent, []);
    platform.reachable = true;
    assert.equal(await during(tokens.get(neverAborted)), "access-2");
  });

  it("sends nothing when the hash cannot be written", async () => {
    const { tokens } = window();
    await tokens.adopt(platform.issue());
    machine.spent.add = () => Promise.reject(new Error("disk full"));
    clock.jumpWall(hourMs);
    await assert.rejects(during(tokens.get(neverAborted)), /disk full/u);
    assert.deepEqual(platform.sent, []);
  });

  it("renews ahead of expiry, once, in one of many windows", async () => {
    const secrets = new FakeSecrets();
    const first = window(secrets);
    await first.tokens.adopt(platform.issue());
    const windows = [first, window(secrets), window(secrets)];
    for (const one of windows) one.tokens.start();
    await clock.advance(hourMs - 200_000);
    for (const one of windows) assert.equal(await one.tokens.get(neverAborted), "access-2");
    assert.deepEqual(platform.sent, ["refresh-1"]);
  });

  it("renews once for all windows that were answered 401 at the same time", async () => {
    const secrets = new FakeSecrets();
    const first = window(secrets);
    await first.tokens.adopt(platform.issue());
    const second = window(secrets);
    assert.equal(await second.tokens.isSignedIn(), true);
    const renewed = [
      first.tokens.renew("access-1", neverAborted),
      second.tokens.renew("access-1", neverAborted),
      second.tokens.renew("access-1", neverAborted),
    ];
    assert.deepEqual(await during(Promise.all(renewed)), ["access-2", "access-2", "access-2"]);
    assert.deepEqual(platform.sent, ["refresh-1"]);
    assert.equal(await first.tokens.renew("access-1", neverAborted), "access-2");
  });

  it("lets another window go on when the owner closes, with a store that missed the rotation", async () => {
    const first = window();
    await first.tokens.adopt(platform.issue());
    const second = window(new FakeSecrets());
    second.secrets.values.set(
      [...first.secrets.values.keys()][0] ?? "",
      [...first.secrets.values.values()][0] ?? "",
    );
    second.tokens.start();
    await clock.advance(1000);
    clock.jumpWall(hourMs);
    assert.equal(await during(first.tokens.get(neverAborted)), "access-2");
    await clock.advance(20_000);
    first.tokens.dispose();
    clock.jumpWall(hourMs);
    assert.equal(await during(second.tokens.get(neverAborted)), "access-3");
    assert.deepEqual(platform.sent, ["refresh-1", "refresh-2"]);
  });

  it("never sends a stale copy of a refresh token from a store that missed the rotation", async () => {
    const first = window();
    const stale = platform.issue();
    await first.tokens.adopt(stale);
    clock.jumpWall(hourMs);
    await during(first.tokens.get(neverAborted));
    first.tokens.dispose();
    const second = window();
    second.secrets.values.set([...first.secrets.values.keys()][0] ?? "", JSON.stringify(stale));
    await assert.rejects(during(second.tokens.get(neverAborted)), isSignedOut);
    assert.deepEqual(platform.sent, ["refresh-1"]);
  });

  it("tells a sign-in of one window to the others and signs all of them out", async () => {
    const first = window();
    const second = window();
    first.tokens.start();
    second.tokens.start();
    await clock.advance(1000);
    assert.equal(await second.tokens.isSignedIn(), false);
    await first.tokens.adopt(platform.issue());
    await clock.advance(20_000);
    assert.equal(await second.tokens.get(neverAborted), "access-1");

    await second.tokens.signOut();
    await clock.advance(20_000);
    assert.equal(await first.tokens.isSignedIn(), false);
    assert.equal(first.events.at(-1)?.kind, "signedOut");
    assert.equal(first.secrets.values.size, 0);
    assert.deepEqual(platform.sent, []);
  });

  it("does not bring a signed-out sign-in back from a stale store", async () => {
    const first = window();
    await first.tokens.adopt(platform.issue());
    const copy = new Map(first.secrets.values);
    await first.tokens.signOut();
    const second = window();
    for (const [key, value] of copy) second.secrets.values.set(key, value);
    assert.equal(await second.tokens.isSignedIn(), false);
  });

  it("does not bring a renewed sign-in back after another window signed it out with older tokens", async () => {
    const owner = window();
    await owner.tokens.adopt(platform.issue());
    const other = window();
    assert.equal(await other.tokens.get(neverAborted), "access-1");
    await during(owner.tokens.renew("access-1", neverAborted));
    const copy = new Map(owner.secrets.values);
    await during(other.tokens.signOut());
    const third = window();
    for (const [key, value] of copy) third.secrets.values.set(key, value);
    assert.equal(await third.tokens.isSignedIn(), false);
  });

  it("takes a new sign-in over in the window that renews", async () => {
    const owner = window();
    await owner.tokens.adopt(platform.issue());
    const other = window(owner.secrets);
    assert.equal(await other.tokens.isSignedIn(), true);
    await other.tokens.adopt(platform.issue());
    assert.equal(await owner.tokens.get(neverAborted), "access-2");
    clock.jumpWall(hourMs);
    assert.equal(await during(owner.tokens.get(neverAborted)), "access-3");
    assert.deepEqual(platform.sent, ["refresh-2"]);
  });

  it("signs out and says so when the platform refuses the grant", async () => {
    const { tokens, secrets, events } = window();
    await tokens.adopt(platform.issue());
    platform.failure = new GrantRefused("invalid_grant", undefined);
    await assert.rejects(during(tokens.renew("access-1", neverAborted)), isSignedOut);
    assert.equal(events.at(-1)?.kind, "signedOut");
    assert.equal(secrets.values.size, 0);
    await assert.rejects(tokens.get(neverAborted), isSignedOut);
  });

  it("drops what a renewal brings after a sign-out", async () => {
    const { tokens } = window();
    await tokens.adopt(platform.issue());
    let answer: () => void = () => undefined;
    const original = platform.refresh.bind(platform);
    platform.refresh = async (token) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return original(token);
    };
    const renewing = tokens.renew("access-1", neverAborted);
    renewing.catch(() => undefined);
    await clock.advance(1000);
    await tokens.signOut();
    answer();
    await assert.rejects(during(renewing), isSignedOut);
    assert.equal(await tokens.isSignedIn(), false);
    assert.ok(machine.spentHashes.has(tokenHash("refresh-2")));
  });

  it("lives on memory when the editor's storage stays silent", async () => {
    const { tokens, secrets } = window();
    secrets.silent = true;
    await during(tokens.adopt(platform.issue()));
    assert.equal(await tokens.get(neverAborted), "access-1");
    const later = window(secrets);
    assert.equal(await during(later.tokens.isSignedIn()), true, "from the window that has it");
  });

  for (const [how, fail] of [
    ["rejects", (secrets: FakeSecrets) => (secrets.failure = new Error("the keyring is locked"))],
    ["never answers", (secrets: FakeSecrets) => (secrets.silent = true)],
  ] as const) {
    it(`keeps a sign-in in memory, says so once and renews it while the keyring ${how}`, async () => {
      const { tokens, secrets, events } = window();
      fail(secrets);
      tokens.start();
      await during(tokens.adopt(platform.issue()));
      assert.deepEqual(troubles, ["write"]);
      await clock.advance(hourMs);
      assert.equal(await during(tokens.get(neverAborted)), "access-2", "renewed, from memory");
      assert.deepEqual(troubles, ["write"], "once per outage");
      assert.deepEqual(
        events.map((one) => one.kind),
        ["signedIn"],
      );
    });

    it(`stores what is in memory once a keyring that ${how} is of use again`, async () => {
      const { tokens, secrets } = window();
      fail(secrets);
      tokens.start();
      await during(tokens.adopt(platform.issue()));
      secrets.silent = false;
      secrets.failure = undefined;
      await clock.advance(30_000);
      const later = window(secrets);
      tokens.dispose();
      assert.equal(await during(later.tokens.get(neverAborted)), "access-1");
      fail(secrets);
      await during(tokens.adopt(platform.issue()));
      assert.deepEqual(troubles, ["write", "write"], "a new outage is told again");
    });

    it(`says that the stored sign-in cannot be read while the keyring ${how}, and finds it later by itself`, async () => {
      const first = window();
      await during(first.tokens.adopt(platform.issue()));
      first.tokens.dispose();
      const { tokens, events } = window(first.secrets);
      fail(first.secrets);
      tokens.start();
      await clock.advance(60_000);
      assert.deepEqual(troubles, ["read"]);
      assert.deepEqual(events, [], "neither signed in nor signed out");
      first.secrets.silent = false;
      first.secrets.failure = undefined;
      await clock.advance(30_000);
      assert.equal(await tokens.get(neverAborted), "access-1");
    });
  }
});
