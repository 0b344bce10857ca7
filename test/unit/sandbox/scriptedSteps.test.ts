import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { stepLines } from "../../../src/sandbox/stepLines";
import { ScriptedToolLab, threadIdOf, type ToolMessage } from "../../fakes/sandboxScriptedTool";

const callSchema = z.looseObject({ tool: z.string(), arguments: z.record(z.string(), z.unknown()) });
const tools = ["write_document", "set_review_verdict"].map((name) => ({ type: "function", name }));
const trusted = (mode: string, branch = "b"): object => ({
  developerInstructions: `# This step\n\nDo it.\n\nWorkflow mode: ${mode}\nWorkflow branch: ${branch}\n\n# More`,
  dynamicTools: tools,
});

describe("the scripted coding tool in a step of a workflow run", () => {
  let lab: ScriptedToolLab;
  beforeEach(() => {
    lab = new ScriptedToolLab();
  });
  afterEach(() => lab.close());

  const isCall = (one: ToolMessage): boolean => one.method === "item/tool/call";
  const calls = (): z.infer<typeof callSchema>[] =>
    lab.messages.filter(isCall).map((one) => callSchema.parse(one.params));
  /** Runs a turn and answers what it asks; gives the tools it used. */
  const play = async (threadId: string, success = true): Promise<unknown[]> => {
    lab.answer = (one) => (isCall(one) ? { contentItems: [], success } : undefined);
    assert.equal((await lab.turn(threadId)).status, "completed");
    return calls().map((one) => [one.tool, one.arguments["title"] ?? one.arguments["verdict"]]);
  };
  const writeNote = (name: string, branch: string): void => {
    mkdirSync(join(lab.folder, "notes"), { recursive: true });
    writeFileSync(join(lab.folder, "notes", name), `A note.\n\nWritten for the branch ${branch}.\n`);
  };
  const readOnly = { sandbox: "read-only" };

  it("writes a plan as a document and no file", async () => {
    assert.deepEqual(await play(await lab.thread({ ...trusted("plan"), ...readOnly })), [
      ["write_document", "Plan"],
    ]);
    assert.deepEqual(readdirSync(lab.folder), []);
  });

  it("says the document where the client did not take it", async () => {
    await play(await lab.thread({ ...trusted("research"), ...readOnly }), false);
    assert.match(JSON.stringify(lab.messages.at(-1)), /# Findings/);
  });

  it("adds a note that names the branch", async () => {
    assert.deepEqual(await play(await lab.thread(trusted("code", "feature/note"))), []);
    const [note = ""] = readdirSync(join(lab.folder, "notes"));
    assert.match(
      readFileSync(join(lab.folder, "notes", note), "utf8"),
      /Written for the branch feature\/note\./,
    );
  });

  for (const [branches, verdict] of [
    [[], "feedback"],
    [["b"], "feedback"],
    [["b", "other"], "feedback"],
    [["b", "b"], "approve"],
  ] as const) {
    it(`judges a branch with notes for ${branches.join(" and ") || "nothing"}: ${verdict}`, async () => {
      branches.forEach((one, at) => writeNote(`${at}.md`, one));
      assert.deepEqual(await play(await lab.thread({ ...trusted("review"), ...readOnly })), [
        ["write_document", "Review"],
        ["set_review_verdict", verdict],
      ]);
    });
  }

  it("uses its client's tools in a thread that goes on in another process too", async () => {
    const { developerInstructions } = z.object({ developerInstructions: z.string() }).parse(trusted("plan"));
    const rules = { threadId: "t-1", cwd: lab.folder, ...readOnly, developerInstructions };
    const thread = threadIdOf(await lab.request(1, "thread/resume", rules));
    assert.deepEqual(await play(thread), [["write_document", "Plan"]]);
  });

  it("asks for no tool that is not offered", async () => {
    const thread = await lab.thread({ ...trusted("plan"), ...readOnly, dynamicTools: [] });
    assert.deepEqual(await play(thread), []);
  });

  it("keeps both sides of conflicts in the folder, and follows no link", async () => {
    const conflict = "a\n<<<<<<< HEAD\nours\n||||||| base\n=======\ntheirs\n>>>>>>> main\nz\n";
    const outside = new ScriptedToolLab();
    try {
      writeFileSync(join(outside.folder, "x.md"), conflict);
      mkdirSync(join(lab.folder, "deep"));
      mkdirSync(join(lab.folder, ".git"));
      for (const path of ["deep/x.md", ".git/x.md"]) writeFileSync(join(lab.folder, path), conflict);
      writeFileSync(join(lab.folder, "title.md"), "Title\n=======\n");
      symlinkSync(outside.folder, join(lab.folder, "link"));
      symlinkSync(join(outside.folder, "x.md"), join(lab.folder, "x.md"));
      await play(await lab.thread(trusted("resolve_conflicts")));
      assert.equal(readFileSync(join(lab.folder, "deep", "x.md"), "utf8"), "a\nours\ntheirs\nz\n");
      assert.equal(readFileSync(join(lab.folder, ".git", "x.md"), "utf8"), conflict);
      assert.equal(readFileSync(join(lab.folder, "title.md"), "utf8"), "Title\n=======\n");
      assert.equal(readFileSync(join(outside.folder, "x.md"), "utf8"), conflict);
      assert.ok(!existsSync(join(lab.folder, "notes")));
    } finally {
      await outside.close();
    }
  });

  it("stops while it waits for a tool's answer", async () => {
    const threadId = await lab.thread({ ...trusted("plan"), ...readOnly });
    const turn = lab.turn(threadId);
    await lab.until(isCall);
    await lab.request(9, "turn/interrupt", { threadId, turnId: "x" });
    assert.equal((await turn).status, "interrupted");
  });
});

describe("the lines that name a step", () => {
  const step = (mode: string | undefined, branch: string | undefined) => ({ mode, branch });
  const table = [
    ["nothing", [""], step(undefined, undefined)],
    ["both", ["Workflow mode: code\nWorkflow branch: a b"], step("code", "a b")],
    ["the last of several", ["Workflow mode: plan", "x\nWorkflow mode: review"], step("review", undefined)],
    ["no part of a line", ["The Workflow mode: code", "workflow mode: code"], step(undefined, undefined)],
  ] as const;
  for (const [name, texts, expected] of table) {
    it(`say ${name}`, () => assert.deepEqual(stepLines(texts), expected));
  }
});
