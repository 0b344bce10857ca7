import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { firstAvailable } from "../../../src/sandbox/http/loopback";
import { startTestSandbox } from "../../fakes/sandbox";

// Addresses that are kept for documentation: no machine has them, and the system says so as it does for a missing 127.0.0.1.
const missing = ["192.0.2.1", "2001:db8::1"];
const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map((one) => one.address));
const loopback = ["127.0.0.1", "::1"].filter((one) => own.includes(one));

describe("the sandbox on a machine with one loopback address", () => {
  it("takes the address that there is", async () => {
    for (const host of loopback) assert.equal(await firstAvailable([...missing, host]), host);
    assert.equal(await firstAvailable(["127.0.0.1", "::1"]), loopback[0]);
  });

  it("says the system's own words where there is none", async () => {
    await assert.rejects(firstAvailable(missing), /EADDRNOTAVAIL|EAFNOSUPPORT|EINVAL/);
  });

  it("is reached there by the worker, the page and codex", async () => {
    for (const host of loopback) {
      const sandbox = await startTestSandbox({ host });
      try {
        const name = host.includes(":") ? `[${host}]` : host;
        assert.equal(new URL(sandbox.baseUrl).hostname, name);
        assert.equal((await fetch(sandbox.baseUrl)).status, 200);
        assert.equal((await fetch(`${sandbox.modelBaseUrl}/models`)).status, 200);
        await sandbox.dashboard("POST", "sessions", { prompt: "Over this address." });
        assert.equal(sandbox.state().sessions.length, 1);
      } finally {
        await sandbox.close();
      }
    }
  });
});
