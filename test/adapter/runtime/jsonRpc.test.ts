import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { JsonRpcPeer, type RpcAnswer } from "../../../src/runtime/jsonRpc";
import { JsonRpcConnectionError, JsonRpcResponseError } from "../../../src/runtime/jsonRpcErrors";
import { LineReader } from "../../../src/runtime/lineReader";
import { until } from "./codexLab";

/** A peer over two real streams, with the other end in the test's hand. */
function connect(onRequest: (method: string, params: unknown) => RpcAnswer | undefined = () => undefined) {
  const toOther = new PassThrough();
  const toUs = new PassThrough();
  const sent: unknown[] = [];
  const notes: [string, unknown][] = [];
  const warnings: string[] = [];
  const peer = new JsonRpcPeer({
    send: (line) => void toOther.write(`${line}\n`),
    clock: systemClock,
    log: { ...silentLog, warn: (message) => warnings.push(message) },
    onNotification: (method, params) => void notes.push([method, params]),
    onRequest,
  });
  const reader = new LineReader({
    maxBytes: 1000,
    onLine: (line) => peer.receive(line),
    onOverlong: () => warnings.push("overlong"),
  });
  const otherReader = new LineReader({
    maxBytes: 100_000,
    onLine: (line) => sent.push(JSON.parse(line)),
    onOverlong: () => undefined,
  });
  toUs.on("data", (chunk: Uint8Array) => reader.push(chunk));
  toOther.on("data", (chunk: Uint8Array) => otherReader.push(chunk));
  toUs.on("end", () => {
    reader.end();
    peer.close("the other side went away");
  });
  const say = (...messages: readonly unknown[]): void => {
    toUs.write(messages.map((one) => `${typeof one === "string" ? one : JSON.stringify(one)}\n`).join(""));
  };
  return { peer, sent, notes, warnings, say, toUs };
}

describe("a JSON-RPC peer over streams", () => {
  it("sends without the jsonrpc member and gives each answer to its question, in any order", async () => {
    const { peer, sent, say } = connect();
    const first = peer.request("a", { x: 1 }, 5000);
    const second = peer.request("b", undefined, 5000);
    await until("both are sent", () => sent.length === 2);
    assert.deepEqual(sent, [
      { id: 1, method: "a", params: { x: 1 } },
      { id: 2, method: "b" },
    ]);
    say({ id: 2, result: "for b" }, { id: 1, result: null });
    assert.deepEqual(await Promise.all([first, second]), [null, "for b"]);
  });

  it("tells a refusal from silence", async () => {
    const { peer, say } = connect();
    const refused = peer.request("a", {}, 5000);
    say({ id: 1, error: { code: -32602, message: "too long" } });
    await assert.rejects(refused, (error) => error instanceof JsonRpcResponseError && error.code === -32602);
    await assert.rejects(
      peer.request("b", {}, 20),
      (error) =>
        error instanceof JsonRpcConnectionError &&
        error.kind === "timeout" &&
        error.message.includes("b (#2)"),
    );
  });

  it("an answer after the deadline is dropped", async () => {
    const { peer, say, warnings } = connect();
    await assert.rejects(peer.request("a", {}, 10));
    say({ id: 1, result: 1 });
    await until("it is told", () => warnings.length === 1);
  });

  it("answers a request with id 0 while our own request has the same id range", async () => {
    const { peer, sent, say } = connect((method) => ({ result: `answer to ${method}` }));
    const ours = peer.request("a", {}, 5000);
    say({ id: 0, method: "ask" }, { id: 1, method: "ask again" }, { id: "text", method: "third" });
    await until("all are answered", () => sent.length === 4);
    assert.deepEqual(sent.slice(1), [
      { id: 0, result: "answer to ask" },
      { id: 1, result: "answer to ask again" },
      { id: "text", result: "answer to third" },
    ]);
    say({ id: 1, result: "ours" });
    assert.equal(await ours, "ours");
  });

  it("answers an unknown method with -32601 and a broken handler with -32603", async () => {
    const { sent, say } = connect((method) => {
      if (method === "broken") throw new Error("private detail");
      return undefined;
    });
    say({ id: 0, method: "unknown" }, { id: 1, method: "broken" });
    await until("both are answered", () => sent.length === 2);
    assert.deepEqual(sent, [
      { id: 0, error: { code: -32601, message: "unknown method unknown" } },
      { id: 1, error: { code: -32603, message: "the request could not be handled" } },
    ]);
  });

  it("drops what is malformed or too long and goes on", async () => {
    const { notes, warnings, say } = connect();
    say("{not json", "[]", "3", `{"id":{},"result":1}`, `{"method":"${"x".repeat(2000)}"}`, {
      method: "fine",
      params: 1,
    });
    await until("the good one arrives", () => notes.length === 1);
    assert.deepEqual(notes, [["fine", 1]]);
    assert.equal(warnings.length, 5);
  });

  it("the end of the connection rejects every open call with its method and id, and every later one", async () => {
    const { peer, toUs } = connect();
    const open = [peer.request("a", {}, 5000), peer.request("b", {}, 5000)];
    const settled = Promise.allSettled(open);
    toUs.end();
    await once(toUs, "close");
    const messages = (await settled).map((one) =>
      one.status === "rejected" ? String(one.reason) : "resolved",
    );
    assert.deepEqual(messages, [
      "JsonRpcConnectionError: a (#1) has no answer: the other side went away",
      "JsonRpcConnectionError: b (#2) has no answer: the other side went away",
    ]);
    await assert.rejects(peer.request("c", {}, 5000), JsonRpcConnectionError);
  });
});
