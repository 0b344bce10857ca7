import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ScriptedToolLab, threadIdOf } from "../../fakes/sandboxScriptedTool";

describe("the scripted coding tool", () => {
  let lab: ScriptedToolLab;
  let folder: string;
  beforeEach(() => {
    lab = new ScriptedToolLab();
    ({ folder } = lab);
  });
  afterEach(() => lab.close());

  it("plans, writes one file and says what it is", async () => {
    assert.equal((await lab.turn(await lab.thread())).status, "completed");
    const [note = "", ...others] = readdirSync(join(folder, "notes"));
    assert.deepEqual([others, readdirSync(folder)], [[], ["notes"]]);
    assert.match(readFileSync(join(folder, "notes", note), "utf8"), /no model/);
    const said = JSON.stringify(lab.messages);
    assert.match(said, /scripted coding tool of the One Horizon sandbox, not a model/);
    assert.ok(!said.includes("evil.md"));
    const methods = lab.messages.map((one) => one.method);
    assert.ok(methods.indexOf("turn/started") > lab.messages.findIndex((one) => one.id === 2));
    assert.equal(methods.filter((one) => one === "turn/plan/updated").length, 4);
    assert.equal(methods.filter((one) => one === "item/completed").length, 3);
  });

  it("answers with the rules it was given", async () => {
    const answer = await lab.request(1, "thread/start", {
      cwd: folder,
      sandbox: "read-only",
      approvalPolicy: "on-request",
    });
    const rules = JSON.stringify(answer.result);
    assert.match(rules, /"approvalPolicy":"on-request"/);
    assert.match(rules, /"type":"readOnly".*"networkAccess":false/);
  });

  it("writes nothing where it may not", async () => {
    assert.equal((await lab.turn(await lab.thread({ sandbox: "read-only" }))).status, "completed");
    assert.deepEqual(readdirSync(folder), []);
  });

  it("does not follow a link out of its folder", async () => {
    const outside = join(folder, "outside");
    const inside = join(folder, "inside");
    mkdirSync(outside);
    mkdirSync(inside);
    symlinkSync(outside, join(inside, "notes"));
    const end = await lab.turn(await lab.thread({ cwd: inside }));
    assert.equal(end.status, "failed");
    assert.match(end.error?.message ?? "", /leads out/);
    assert.deepEqual(readdirSync(outside), []);
  });

  it("stops when it is interrupted, before it writes", async () => {
    const threadId = await lab.thread();
    await lab.request(2, "turn/start", { threadId, input: [] });
    await lab.request(3, "turn/interrupt", { threadId, turnId: "x" });
    const end = await lab.ended();
    assert.equal(end.status, "interrupted");
    assert.ok(!existsSync(join(folder, "notes")));
  });

  it("resumes a thread of an earlier process in the folder it is given", async () => {
    const answer = await lab.request(1, "thread/resume", {
      threadId: "t-1",
      cwd: folder,
      sandbox: "workspace-write",
    });
    assert.equal(threadIdOf(answer), "t-1");
    assert.equal((await lab.turn("t-1")).status, "completed");
    assert.equal(readdirSync(join(folder, "notes")).length, 1);
  });

  it("refuses what it does not know and passes over what it cannot read", async () => {
    lab.input.write("not json\n");
    assert.equal((await lab.request(1, "model/list")).error?.code, -32601);
    assert.equal((await lab.request(2, "turn/start", { threadId: "none" })).error?.code, -32600);
    assert.equal((await lab.request(3, "turn/start", {})).error?.code, -32602);
  });
});
