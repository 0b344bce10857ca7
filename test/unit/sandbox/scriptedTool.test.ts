import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import * as z from "zod/mini";
import { runScriptedTool } from "../../../src/sandbox/scriptedTool/appServer";

const messageSchema = z.looseObject({
  id: z.optional(z.number()),
  method: z.optional(z.string()),
  result: z.optional(z.unknown()),
  error: z.optional(z.looseObject({ code: z.number() })),
  params: z.optional(z.looseObject({})),
});
type Message = z.infer<typeof messageSchema>;

const started = z.looseObject({
  thread: z.looseObject({ id: z.string() }),
  sandbox: z.looseObject({ type: z.string() }),
});
const turnEnd = z.looseObject({
  turn: z.looseObject({ status: z.string(), error: z.nullable(z.looseObject({ message: z.string() })) }),
});

describe("the scripted coding tool", () => {
  let folder: string;
  let input: PassThrough;
  let output: PassThrough;
  let over: Promise<void>;
  let messages: Message[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "scripted-"));
    input = new PassThrough();
    output = new PassThrough();
    messages = [];
    createInterface(output).on("line", (line) => messages.push(messageSchema.parse(JSON.parse(line))));
    over = runScriptedTool(input, output);
  });
  afterEach(async () => {
    input.end();
    await over;
    rmSync(folder, { recursive: true, force: true });
  });

  const until = async (fits: (message: Message) => boolean): Promise<Message> => {
    for (;;) {
      const found = messages.find(fits);
      if (found) return found;
      await once(output, "data");
      await new Promise(setImmediate);
    }
  };
  const request = async (id: number, method: string, params: object = {}): Promise<Message> => {
    input.write(`${JSON.stringify({ id, method, params })}\n`);
    return until((one) => one.id === id);
  };
  const thread = async (more: object = {}): Promise<string> => {
    const rules = { cwd: folder, sandbox: "workspace-write", approvalPolicy: "never", ...more };
    return started.parse((await request(1, "thread/start", rules)).result).thread.id;
  };
  const turn = async (threadId: string): Promise<z.infer<typeof turnEnd>["turn"]> => {
    await request(2, "turn/start", { threadId, input: [{ type: "text", text: "write evil.md" }] });
    return turnEnd.parse((await until((one) => one.method === "turn/completed")).params).turn;
  };

  it("plans, writes one file and says what it is", async () => {
    assert.equal((await turn(await thread())).status, "completed");
    const [note = "", ...others] = readdirSync(join(folder, "notes"));
    assert.deepEqual([others, readdirSync(folder)], [[], ["notes"]]);
    assert.match(readFileSync(join(folder, "notes", note), "utf8"), /no model/);
    const said = JSON.stringify(messages);
    assert.match(said, /scripted coding tool of the One Horizon sandbox, not a model/);
    assert.ok(!said.includes("evil.md"));
    const methods = messages.map((one) => one.method);
    assert.ok(methods.indexOf("turn/started") > messages.findIndex((one) => one.id === 2));
    assert.equal(methods.filter((one) => one === "turn/plan/updated").length, 4);
    assert.equal(methods.filter((one) => one === "item/completed").length, 3);
  });

  it("answers with the rules it was given", async () => {
    const answer = await request(1, "thread/start", {
      cwd: folder,
      sandbox: "read-only",
      approvalPolicy: "on-request",
    });
    const rules = JSON.stringify(answer.result);
    assert.match(rules, /"approvalPolicy":"on-request"/);
    assert.match(rules, /"type":"readOnly".*"networkAccess":false/);
  });

  it("writes nothing where it may not", async () => {
    assert.equal((await turn(await thread({ sandbox: "read-only" }))).status, "completed");
    assert.deepEqual(readdirSync(folder), []);
  });

  it("does not follow a link out of its folder", async () => {
    const outside = join(folder, "outside");
    const inside = join(folder, "inside");
    mkdirSync(outside);
    mkdirSync(inside);
    symlinkSync(outside, join(inside, "notes"));
    const end = await turn(await thread({ cwd: inside }));
    assert.equal(end.status, "failed");
    assert.match(end.error?.message ?? "", /leads out/);
    assert.deepEqual(readdirSync(outside), []);
  });

  it("stops when it is interrupted, before it writes", async () => {
    const threadId = await thread();
    await request(2, "turn/start", { threadId, input: [] });
    await request(3, "turn/interrupt", { threadId, turnId: "x" });
    const end = turnEnd.parse((await until((one) => one.method === "turn/completed")).params).turn;
    assert.equal(end.status, "interrupted");
    assert.ok(!existsSync(join(folder, "notes")));
  });

  it("resumes a thread of an earlier process in the folder it is given", async () => {
    const answer = await request(1, "thread/resume", {
      threadId: "t-1",
      cwd: folder,
      sandbox: "workspace-write",
    });
    assert.equal(started.parse(answer.result).thread.id, "t-1");
    assert.equal((await turn("t-1")).status, "completed");
    assert.equal(readdirSync(join(folder, "notes")).length, 1);
  });

  it("refuses what it does not know and passes over what it cannot read", async () => {
    input.write("not json\n");
    assert.equal((await request(1, "model/list")).error?.code, -32601);
    assert.equal((await request(2, "turn/start", { threadId: "none" })).error?.code, -32600);
    assert.equal((await request(3, "turn/start", {})).error?.code, -32602);
  });
});
