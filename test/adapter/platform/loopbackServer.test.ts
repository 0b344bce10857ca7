import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { UserError } from "../../../src/core/actions";
import { listenForCallback, type LoopbackCallback } from "../../../src/platform/oauth/loopbackServer";
import { freePort, ask } from "./signInKit";

describe("listenForCallback", () => {
  let server: LoopbackCallback;
  let port: number;
  const state = "the-right-state";

  beforeEach(async () => {
    port = await freePort();
    server = await listenForCallback({ redirectUri: `http://localhost:${port}/oauth/callback`, state });
  });
  afterEach(() => server.dispose());

  it("listens on loopback only", () => {
    assert.ok(server.addresses.includes("127.0.0.1"));
    assert.ok(server.addresses.every((one) => one === "127.0.0.1" || one === "::1"));
  });

  for (const [name, path, more, status] of [
    ["another host", `/oauth/callback?code=c&state=${state}`, { host: "evil.example" }, 421],
    ["an address for a host", `/oauth/callback?code=c&state=${state}`, { host: "127.0.0.1:1" }, 421],
    ["another path", `/callback?code=c&state=${state}`, {}, 404],
    ["another method", `/oauth/callback?code=c&state=${state}`, { method: "POST" }, 405],
    ["a wrong state", "/oauth/callback?code=c&state=wrong", {}, 400],
    ["no state", "/oauth/callback?code=c", {}, 400],
    ["a foreign target", `http://evil.example/oauth/callback?code=c&state=${state}`, {}, 400],
  ] as const) {
    it(`is not used up by ${name}`, async () => {
      assert.equal((await ask(port, path, more)).status, status);
      const good = await ask(port, `/oauth/callback?code=good&state=${state}`);
      assert.equal(good.status, 200);
      assert.equal((await server.arrived).get("code"), "good");
    });
  }

  it("takes the right request once and says that the tab can be closed", async () => {
    const first = await ask(port, `/oauth/callback?code=one&state=${state}`);
    assert.match(first.text, /You can close this tab/u);
    assert.match(first.policy, /default-src 'none'/u);
    assert.ok(!first.text.includes("one&"));
    assert.equal((await ask(port, `/oauth/callback?code=two&state=${state}`)).status, 410);
    assert.equal((await server.arrived).get("code"), "one");
  });

  it("frees its port when disposed", async () => {
    server.dispose();
    await assert.rejects(ask(port, "/"), /ECONNREFUSED/u);
  });

  it("names the port and the setting when the port is taken", async () => {
    await assert.rejects(
      listenForCallback({ redirectUri: `http://localhost:${port}/oauth/callback`, state }),
      (error) =>
        error instanceof UserError &&
        error.message.includes(String(port)) &&
        error.message.includes("oneHorizon.oauth.loopbackPort"),
    );
  });

  // Addresses that are kept for documentation: no machine has them, and the system says so as it does for a missing ::1.
  const missing = ["192.0.2.1", "2001:db8::1"];
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map((one) => one.address));

  for (const address of ["127.0.0.1", "::1"]) {
    it(`listens on ${address} alone where the machine has no other loopback address`, async () => {
      const free = await freePort();
      const redirectUri = `http://localhost:${free}/oauth/callback`;
      const listening = listenForCallback({ redirectUri, state, hosts: [...missing, address] });
      if (!own.includes(address)) {
        await assert.rejects(listening, UserError);
        return;
      }
      const only = await listening;
      try {
        assert.deepEqual(only.addresses, [address]);
        const path = `/oauth/callback?code=good&state=${state}`;
        assert.equal((await ask(free, path, { to: address })).status, 200);
        assert.equal((await only.arrived).get("code"), "good");
      } finally {
        only.dispose();
      }
    });
  }

  it("says what is missing where the machine has no loopback address at all", async () => {
    await assert.rejects(
      listenForCallback({ redirectUri: `http://localhost:${port}/oauth/callback`, state, hosts: missing }),
      (error) =>
        error instanceof UserError &&
        /neither 127\.0\.0\.1 nor ::1.*Nothing was changed/u.test(error.message),
    );
  });
});
