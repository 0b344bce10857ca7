import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { neverAborted } from "../../../src/base/abort";
import type { Disposable } from "../../../src/base/disposable";
import type { TokenShare } from "../../../src/core/ports/tokenShare";
import { endpointFor } from "../../../src/machine/endpoint";
import { createExclusiveNames, type ExclusiveNames } from "../../../src/machine/exclusive";
import { readPlace } from "../../../src/machine/place";
import { proofOf } from "../../../src/machine/sharedKey";
import { createTokenShare } from "../../../src/machine/tokenShare";
import { hurriedClock, modeOf, type Machine } from "../../unit/machine/support";
import { machineWithFree } from "./freeNames";
import { startHolder } from "./processes";

const secret = "access-token-value";

for (const platform of [process.platform, "darwin"] as const) {
  describe(`token share over the primitive of ${platform}`, () => {
    let machine: Machine;
    let state: string;
    let names: ExclusiveNames;
    let share: TokenShare;
    let asked: string[];
    let opened: Disposable[];
    const serve = async (by = share): Promise<void> => {
      const handler = (request: string): Promise<string> => {
        asked.push(request);
        return Promise.resolve(secret);
      };
      opened.push(await by.serve("account", handler));
    };
    const hurried = async (): Promise<TokenShare> => {
      const context = { ...machine.context, clock: hurriedClock(20) };
      return createTokenShare(await createExclusiveNames(state, context, { platform }), context);
    };
    const banner = (): string => endpointFor(platform, state, "share account").banner;
    /** Connects as a stranger would, sends bytes, and returns all it was sent. */
    const poke = async (send: (socket: Socket, seen: string) => void): Promise<string> => {
      const socket = connect(endpointFor(platform, state, "share account").address);
      let seen = "";
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        seen += chunk.toString();
        send(socket, seen);
      });
      await new Promise<void>((resolve) => socket.once("close", () => resolve()));
      return seen;
    };
    /** Listens in the owner's place. */
    const impostor = async (onConnection: (socket: Socket) => void): Promise<void> => {
      const server: Server = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.write(`${banner()}\n`);
        onConnection(socket);
      });
      server.listen(endpointFor(platform, state, "share account").address);
      await once(server, "listening");
      opened.push({ dispose: () => server.close() });
    };
    beforeEach(async () => {
      const others = ["another account", "another account 1", "another account 2"];
      machine = await machineWithFree(
        platform,
        ["account", ...others].map((one) => `share ${one}`),
      );
      state = join(machine.home, "state");
      names = await createExclusiveNames(state, machine.context, { platform });
      share = createTokenShare(names, machine.context);
      asked = [];
      opened = [];
    });
    afterEach(async () => {
      for (const one of opened) one.dispose();
      await machine.remove();
    });

    it("answers other windows, many at once, until it is disposed", async () => {
      assert.equal(await share.ask("account", "token", neverAborted), undefined);
      await serve();
      const other = createTokenShare(names, machine.context);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          other.ask("account", `request ${n} é\n`, new AbortController().signal),
        ),
      );
      assert.deepEqual(new Set(answers), new Set([secret]));
      assert.equal(asked.length, 20);
      assert.ok(asked.includes("request 7 é\n"));
      assert.equal(await other.ask("another account", "token", neverAborted), undefined);
      await assert.rejects(
        other.serve("account", () => Promise.resolve("")),
        /already serves/,
      );
      assert.equal(await modeOf(join(state, "share.key")), "600");
      opened.pop()?.dispose();
      assert.equal(await other.ask("account", "token", neverAborted), undefined);
    });

    it("carries texts up to 64 KiB and refuses longer ones", async () => {
      opened.push(
        await share.serve("account", (text) => Promise.resolve(text === "long" ? "x".repeat(65_537) : text)),
      );
      const odd = "\u0001".repeat(65_536);
      assert.equal(await share.ask("account", odd, neverAborted), odd);
      await assert.rejects(share.ask("account", "x".repeat(65_537), neverAborted), /64 KiB/);
      await assert.rejects(share.ask("account", "long", neverAborted));
    });

    it("tells the asker that the owner failed, and not why", async () => {
      opened.push(await share.serve("account", () => Promise.reject(new Error(secret))));
      await assert.rejects(share.ask("account", "token", neverAborted), (error: Error) => {
        assert.match(error.message, /could not answer/);
        return !error.message.includes(secret);
      });
    });

    it("repeats nothing of an answer that it does not understand", async () => {
      const held = await names.hold("share account", (connection) => {
        opened.push(connection);
        connection.channel.write(secret).catch(() => undefined);
      });
      if (held !== undefined) opened.push(held);
      await assert.rejects(share.ask("account", "token", neverAborted), (error: Error) => {
        assert.match(error.message, /no message/);
        return !`${error.stack} ${String(error.cause)}`.includes(secret.slice(0, 8));
      });
    });

    const strangers: readonly (readonly [name: string, lines: readonly string[]])[] = [
      ["asks right away", [JSON.stringify({ text: "token" })]],
      [
        "has no key",
        [JSON.stringify({ nonce: "a".repeat(64), proof: "b".repeat(64) }), JSON.stringify({ text: "t" })],
      ],
      ["speaks something else", ["GET / HTTP/1.1", "", ""]],
      ["sends a long line", ["x".repeat(1_000_000)]],
    ];
    for (const [name, lines] of strangers) {
      it(`gives nothing to a stranger who ${name}`, async () => {
        await serve();
        let sent = false;
        const seen = await poke((socket) => {
          if (!sent) socket.write(`${lines.join("\n")}\n`);
          sent = true;
        });
        const told = seen.split("\n").filter((line) => line !== "" && line !== '{"refused":true}');
        assert.ok(told.length <= 2, seen);
        assert.equal(told[0], banner());
        assert.ok(!seen.includes("proof") && !seen.includes(secret));
        assert.deepEqual(asked, []);
        assert.equal(await share.ask("account", "token", neverAborted), secret);
      });
    }

    it("gives nothing to a stranger who sends the challenge back as its own", async () => {
      await serve();
      const place = await readPlace(platform);
      const key = (await readFile(join(state, "share.key"), "utf8")).trim();
      const seen = await poke((socket, text) => {
        const nonce = /"nonce":"([0-9a-f]{64})"/.exec(text)?.[1];
        const proof = proofOf(key, "server", "share account", place, nonce ?? "", nonce ?? "");
        if (nonce !== undefined) socket.write(`${JSON.stringify({ nonce, proof })}\n`);
      });
      assert.ok(!seen.includes("proof"));
      assert.deepEqual(asked, []);
    });

    it("sends no request to an impostor without the key", async () => {
      let received = "";
      await impostor((socket) => {
        socket.write(`${JSON.stringify({ nonce: "a".repeat(64) })}\n`);
        socket.on("data", (chunk) => {
          received += chunk.toString();
          socket.write(`${JSON.stringify({ proof: "b".repeat(64) })}\n`);
        });
      });
      await assert.rejects(share.ask("account", "the request", neverAborted), /could not prove/);
      assert.ok(!received.includes("the request"));
    });

    it("refuses an impostor that answers with something else", async () => {
      await impostor((socket) => socket.write("x".repeat(10_000)));
      await assert.rejects(share.ask("account", "the request", neverAborted), /too long/);
    });

    it("ends with the asker's signal, and after a deadline where the owner is silent", async () => {
      await impostor(() => undefined);
      const abort = new AbortController();
      const cut = share.ask("account", "token", abort.signal);
      abort.abort(new Error("asked to stop"));
      await assert.rejects(cut, /asked to stop/);
      await assert.rejects((await hurried()).ask("account", "token", neverAborted), /in time/);
    });

    it("cuts off a stranger who connects and stays silent", async () => {
      await serve(await hurried());
      const seen = await poke(() => undefined);
      assert.equal(seen.split("\n").filter((line) => line !== "").length, 2);
    });

    it("makes a new key where the old one is damaged, and says so", async () => {
      await serve();
      const path = join(state, "share.key");
      for (const damage of [() => writeFile(path, "short"), () => rm(path)]) {
        await damage();
        opened.push(await share.serve(`another account ${opened.length}`, () => Promise.resolve("")));
        assert.equal(await share.ask("account", "token", neverAborted), secret);
      }
      assert.equal(machine.warnings.length, 1);
    });

    it("reaches another process, and finds nobody once it is killed", async () => {
      const holder = startHolder(state, "", platform);
      assert.equal(await holder.ask("serve", "account"), "serving");
      assert.equal(await share.ask("account", "hello", neverAborted), "answer to hello");
      await holder.kill();
      assert.equal(await share.ask("account", "hello", neverAborted), undefined);
      await serve();
      assert.equal(await share.ask("account", "hello", neverAborted), secret);
    });
  });
}
