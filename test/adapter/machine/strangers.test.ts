import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { neverAborted } from "../../../src/base/abort";
import { LockError } from "../../../src/core/ports/machineLock";
import { endpointFor } from "../../../src/machine/endpoint";
import { createExclusiveNames, type ExclusiveNames } from "../../../src/machine/exclusive";
import { StrangerError } from "../../../src/machine/handshake";
import { listen } from "../../../src/machine/listener";
import { createMachineLock } from "../../../src/machine/machineLock";
import { readPlace } from "../../../src/machine/place";
import { createSlots } from "../../../src/machine/slots";
import { hurriedClock, type Machine } from "../../unit/machine/support";
import { machineWithFree } from "./freeNames";

// The loopback variant is what macOS uses; it is the same code on every system.
for (const platform of [process.platform, "darwin"] as const) {
  describe(`a name in a stranger's hands, with the primitive of ${platform}`, () => {
    let machine: Machine;
    let state: string;
    let names: ExclusiveNames;
    let servers: Server[];
    /** Takes a name's place as another user's program would. */
    const squat = async (name: string, onConnection: (socket: Socket) => void): Promise<void> => {
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        onConnection(socket);
      });
      server.listen(endpointFor(platform, state, name).address);
      await once(server, "listening");
      servers.push(server);
    };
    const banner = (name: string): string => endpointFor(platform, state, name).banner;
    const namesWith = async (factor: number, folder = state): Promise<ExclusiveNames> =>
      await createExclusiveNames(folder, { ...machine.context, clock: hurriedClock(factor) }, { platform });
    beforeEach(async () => {
      machine = await machineWithFree(platform, ["a", "b", "lock a", "slot 0", "slot 1", "slots gate"]);
      state = join(machine.home, "state");
      servers = [];
      names = await namesWith(1);
    });
    afterEach(async () => {
      for (const one of servers) {
        one.close();
        one.unref();
      }
      await machine.remove();
    });

    const impostors: Readonly<Record<string, (socket: Socket) => void>> = {
      "speaks something else": (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      "sends more than a line": (socket) => socket.write("x".repeat(100_000)),
      "copies the banner and has no challenge": (socket) => socket.write(`${banner("a")}\nhello\n`),
      "copies the banner and makes up a proof": (socket) => {
        socket.write(`${banner("a")}\n${JSON.stringify({ nonce: "a".repeat(64) })}\n`);
        socket.on("data", () => socket.write(`${JSON.stringify({ proof: "b".repeat(64) })}\n`));
      },
      "sends the proof that it was sent back": (socket) => {
        socket.write(`${banner("a")}\n${JSON.stringify({ nonce: "a".repeat(64) })}\n`);
        socket.on("data", (chunk) => {
          const { proof } = JSON.parse(chunk.toString()) as { proof: string };
          socket.write(`${JSON.stringify({ proof })}\n`);
        });
      },
    };
    for (const [what, onConnection] of Object.entries(impostors)) {
      it(`is an error for good: one that ${what}`, async () => {
        await squat("a", onConnection);
        await assert.rejects(names.hold("a"), (error) => {
          assert.ok(error instanceof LockError && !error.passing);
          assert.match(error.message, /only once\. Nothing was started.*Close it, then start/);
          return true;
        });
        for (const one of servers.splice(0)) one.close();
        const held = await names.hold("a");
        assert.ok(held, "it is free again");
        held.dispose();
      });
    }

    it("is an error when its holder has another key, and is had once that one is gone", async () => {
      const holder = await listen(
        {
          name: "a",
          place: await readPlace(platform),
          endpoint: endpointFor(platform, state, "a"),
          key: () => Promise.resolve("c".repeat(64)),
          context: machine.context,
        },
        undefined,
      );
      assert.ok(holder);
      await assert.rejects(names.hold("a"), (error) => error instanceof LockError && !error.passing);
      await assert.rejects(names.connect("a", neverAborted), StrangerError);
      holder.dispose();
      const held = await names.hold("a");
      assert.ok(held);
      held.dispose();
    });

    it("is an error when it hands us on to the holder of another name", async () => {
      const held = await names.hold("a");
      assert.ok(held);
      assert.equal(await names.hold("a"), undefined);
      await squat("b", (socket) => {
        const other = connect(endpointFor(platform, state, "a").address);
        other.on("error", () => undefined);
        other.once("data", (greeting) => {
          // The banner that is expected, then the real holder's challenge, and all that follows.
          socket.write(greeting.toString().replace(banner("a"), banner("b")));
          socket.pipe(other).pipe(socket);
        });
        socket.once("close", () => other.destroy());
      });
      // A proof for one name is none for another, though the key is the same.
      await assert.rejects(names.hold("b"), (error) => error instanceof LockError && !error.passing);
      held.dispose();
    });

    it("counts as a busy window's while it is silent, and after a minute is told, and tried again", async () => {
      await squat("a", () => undefined);
      const hurried = await namesWith(100);
      const began = performance.now();
      let looks = 0;
      let told: unknown;
      while (told === undefined) {
        looks += 1;
        assert.equal(
          await hurried.hold("a").catch((error: unknown) => (told = error) && undefined),
          undefined,
        );
      }
      const seconds = ((performance.now() - began) * 100) / 1000;
      assert.ok(told instanceof LockError && told.passing);
      assert.match(told.message, /has not answered for a minute.*Nothing was started.*by itself/);
      assert.ok(looks >= 5 && seconds >= 60, `${looks} looks in ${seconds} s`);
      for (const one of servers.splice(0)) one.close();
      const held = await hurried.hold("a");
      assert.ok(held, "it is had once it is free");
      held.dispose();
    });

    it("counts as silent when it stands still and its queue of connections is full", async () => {
      const { address } = endpointFor(platform, state, "a");
      const standsStill = `require("node:net").createServer().listen(${JSON.stringify({ ...address, backlog: 1 })}, () => {
        require("node:fs").writeSync(1, "ready");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      })`;
      const child = spawn(process.execPath, ["-e", standsStill], { stdio: ["ignore", "pipe", "inherit"] });
      const exited = once(child, "exit");
      const waiting: Socket[] = [];
      try {
        await once(child.stdout, "data");
        for (let count = 0; count < 8; count += 1) {
          waiting.push(connect(address).on("error", () => undefined));
        }
        const hurried = await namesWith(100);
        assert.equal(await hurried.hold("a"), undefined);
        await assert.rejects(hurried.connect("a", AbortSignal.timeout(20_000)));
      } finally {
        child.kill("SIGKILL");
        for (const one of waiting) one.destroy();
        await exited;
      }
    });

    it("counts as silent when it ends each connection at once", async () => {
      await squat("a", (socket) => socket.destroy());
      const hurried = await namesWith(100);
      assert.equal(await hurried.hold("a"), undefined);
    });

    it("takes no slot, keeps none from being given, and is told for each slot", async () => {
      await squat("slot 0", (socket) => socket.end("mine\n"));
      const slots = createSlots(state, join(machine.home, "foreign"), names, machine.context, "here");
      const held = await slots.tryAcquire(2, "worker k1");
      assert.ok(held);
      assert.ok(machine.warnings.includes("An execution slot cannot be used"));
      held.dispose();
    });

    it("does not mind connections that come and go, and lets in windows of ours meanwhile", async () => {
      const held = await names.hold("a");
      const { address } = endpointFor(platform, state, "a");
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const socket = connect(address);
          socket.on("error", () => undefined);
          socket.write("x".repeat(1000));
          socket.resume();
          await new Promise<void>((resolve) => socket.once("close", () => resolve()));
        }),
      );
      assert.equal(await names.hold("a"), undefined);
      const lock = createMachineLock(state, names, machine.context);
      assert.ok(held);
      const other = await lock.tryHold("a");
      assert.ok(other);
      other.dispose();
      held.dispose();
    });
  });
}

describe("an abstract socket's name", () => {
  it("fills the address, so that every Node version means the same name", () => {
    const { address } = endpointFor("linux", "/home/one/.one/state", "a");
    assert.ok("path" in address);
    assert.equal(Buffer.byteLength(address.path), 108);
    assert.equal(address.path.startsWith("\0one-horizon-worker-"), true);
  });
});
