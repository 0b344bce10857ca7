import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, symlink, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { systemClock } from "../../../src/base/clock";
import { endpointFor } from "../../../src/machine/endpoint";
import { createExclusiveNames, ExclusivityError, type ExclusiveNames } from "../../../src/machine/exclusive";
import { createMachineLock, type FencedMachineLock } from "../../../src/machine/machineLock";
import { hurriedClock, temporaryMachine, type Machine } from "../../unit/machine/support";
import { startHolder, type Holder } from "./processes";

// The loopback variant is what macOS uses; it is the same code on every system.
for (const platform of [process.platform, "darwin"] as const) {
  describe(`machine lock with the primitive of ${platform}`, () => {
    let machine: Machine;
    let state: string;
    let names: ExclusiveNames;
    let lock: FencedMachineLock;
    let holders: Holder[];
    const start = (): Holder => {
      const holder = startHolder(state, "", platform);
      holders.push(holder);
      return holder;
    };
    beforeEach(async () => {
      machine = await temporaryMachine();
      state = join(machine.home, "state");
      names = await createExclusiveNames(state, systemClock, platform);
      lock = createMachineLock(state, names, machine.context);
      holders = [];
    });
    afterEach(async () => {
      for (const holder of holders) await holder.kill();
      await machine.remove();
    });

    it("is held once in a process, by name, and free at once when given back", async () => {
      const one = await lock.tryHold("a");
      assert.ok(one);
      assert.equal(await lock.tryHold("a"), undefined);
      const other = await lock.tryHold("b");
      assert.ok(other);
      one.dispose();
      const again = await lock.tryHold("a");
      assert.ok(again);
      assert.ok(again.fence > one.fence);
      one.dispose();
      assert.equal(await lock.tryHold("a"), undefined, "disposing twice frees nothing");
      again.dispose();
      other.dispose();
    });

    it("is one lock however the state folder is named, and another for another folder", async () => {
      await symlink(state, join(machine.home, "link"));
      const same = await createExclusiveNames(
        join(machine.home, "link", "..", "state"),
        systemClock,
        platform,
      );
      const other = await createExclusiveNames(join(machine.home, "other"), systemClock, platform);
      const held = await names.hold("a");
      assert.ok(held);
      assert.equal(await same.hold("a"), undefined);
      const elsewhere = await other.hold("a");
      assert.ok(elsewhere);
      elsewhere.dispose();
      held.dispose();
    });

    it("is free at once when its process is killed, also while a child of that process lives on", async () => {
      let fence = 0;
      for (let round = 0; round < 3; round += 1) {
        const holder = start();
        const won = Number(await holder.ask("lock", "a"));
        assert.ok(won > fence, `${won} after ${fence}`);
        fence = won;
        assert.equal(await lock.tryHold("a"), undefined);
        await holder.kill();
      }
      const own = await lock.tryHold("a");
      assert.ok(own && own.fence > fence);
      const child = spawn("sleep", ["30"], { detached: true });
      own.dispose();
      const again = await lock.tryHold("a");
      assert.ok(again, "a child kept the name");
      again.dispose();
      child.kill("SIGKILL");
      await once(child, "exit");
    });

    it("goes to exactly one of many contenders, round after round", async () => {
      const contenders = Array.from({ length: 4 }, start);
      for (let round = 0; round < 25; round += 1) {
        const answers = await Promise.all(contenders.map((one) => one.ask("lock", "a")));
        const winners = answers.flatMap((answer, index) => (answer === "taken" ? [] : [index]));
        assert.equal(winners.length, 1, answers.join());
        assert.equal(await contenders[winners[0] ?? 0]?.ask("give back", ""), "given back");
      }
    });

    it("keeps its number rising when the counter is damaged, and says so", async () => {
      const first = await lock.tryHold("a");
      first?.dispose();
      const [name = ""] = await readdir(join(state, "fences"));
      await writeFile(join(state, "fences", name), "{");
      machine.now += 1000;
      const second = await lock.tryHold("a");
      assert.ok(first && second && second.fence > first.fence);
      assert.equal(machine.warnings.length, 1);
      second.dispose();
    });

    it("is not held when its number cannot be written", async () => {
      await writeFile(join(state, "fences"), "a file in the way");
      await assert.rejects(lock.tryHold("a"));
      const free = await names.hold("lock a");
      assert.ok(free);
      free.dispose();
    });

    it("tells a connecting stranger nothing but its banner", async () => {
      const held = await names.hold("a");
      const socket = await names.connect("a");
      assert.ok(held && socket);
      let seen = "";
      socket.on("data", (chunk) => (seen += chunk.toString()));
      await once(socket, "close");
      assert.equal(seen, `${names.bannerOf("a")}\n`);
      held.dispose();
      assert.equal(await names.connect("a"), undefined);
    });
  });
}

describe("machine lock beside strangers", () => {
  let machine: Machine;
  beforeEach(async () => (machine = await temporaryMachine()));
  afterEach(() => machine.remove());

  it("fills an abstract socket's address, so that every Node version means the same name", () => {
    const { address } = endpointFor("linux", machine.home, "a");
    assert.ok("path" in address);
    assert.equal(Buffer.byteLength(address.path), 108);
    assert.equal(address.path.startsWith("\0one-horizon-worker-"), true);
  });

  it("refuses to start where another program has the port", async () => {
    const names = await createExclusiveNames(machine.home, systemClock, "darwin");
    const { address } = endpointFor("darwin", machine.home, "a");
    const stranger = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    stranger.listen(address);
    await once(stranger, "listening");
    await assert.rejects(names.hold("a"), ExclusivityError);
    stranger.close();
  });

  it("takes a listener that stays silent for a busy holder", async () => {
    const names = await createExclusiveNames(machine.home, hurriedClock(20), "darwin");
    const { address } = endpointFor("darwin", machine.home, "a");
    const silent = createServer(() => undefined);
    silent.listen(address);
    await once(silent, "listening");
    assert.equal(await names.hold("a"), undefined);
    silent.close();
    silent.unref();
  });

  it("does not mind connections that come and go", async () => {
    const names = await createExclusiveNames(machine.home, systemClock, process.platform);
    const held = await names.hold("a");
    const { address } = endpointFor(process.platform, machine.home, "a");
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = connect(address);
        socket.on("error", () => undefined);
        socket.write("x".repeat(1000));
        socket.resume();
        await once(socket, "close");
      }),
    );
    assert.equal(await names.hold("a"), undefined);
    held?.dispose();
  });
});
