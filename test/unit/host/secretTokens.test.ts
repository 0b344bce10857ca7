import assert from "node:assert/strict";
import { EditorSilentError, withDeadline } from "../../../src/host/deadline";
import { secretTokens } from "../../../src/host/secretTokens";
import { StillClock } from "../ui/kit";

describe("secrets", () => {
  it("are kept, read and forgotten", async () => {
    const stored = new Map<string, string>();
    const secrets = secretTokens(
      {
        secrets: {
          get: (key) => Promise.resolve(stored.get(key)),
          store: (key, value) => Promise.resolve(void stored.set(key, value)),
          delete: (key) => Promise.resolve(void stored.delete(key)),
        },
      },
      new StillClock(),
    );
    assert.equal(await secrets.get("k"), undefined);
    await secrets.set("k", "v");
    assert.equal(await secrets.get("k"), "v");
    await secrets.delete("k");
    assert.equal(await secrets.get("k"), undefined);
  });

  it("of an editor that does not answer fail after five seconds", async () => {
    const never = new Promise<never>(() => undefined);
    const clock = new StillClock();
    const secrets = secretTokens(
      { secrets: { get: () => never, store: () => never, delete: () => never } },
      clock,
    );
    const calls = [secrets.get("k"), secrets.set("k", "v"), secrets.delete("k")];
    const failed = Promise.all(calls.map((call) => assert.rejects(call, EditorSilentError)));
    let over = false;
    const watched = failed.then(() => (over = true));
    await clock.advance(4_999);
    assert.equal(over, false);
    await clock.advance(1);
    await watched;
  });

  it("that fail say so, and no timer is left", async () => {
    const clock = new StillClock();
    await assert.rejects(withDeadline(Promise.reject(new Error("locked")), 5_000, "x", clock), /locked/);
    assert.equal(await withDeadline(Promise.resolve(1), 5_000, "x", clock), 1);
    await clock.advance(5_000);
  });
});
