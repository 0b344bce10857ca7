import assert from "node:assert/strict";
import { aSession } from "../../fakes/builders";
import { completed, type Script } from "../../fakes/fakeRuntime";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

/** Starts a thread, writes a document, then works until its gate is opened. */
const writing: Script = async ({ request, emit, signal, gate }) => {
  const threadId = request.resumeThreadId ?? `thread-${request.sessionId}`;
  emit({ kind: "threadStarted", threadId, model: undefined, modelProvider: undefined });
  if (request.resumeThreadId === undefined) {
    const call = { tool: "write_document", title: "The plan", content: "1. Look.\n2. Leap." } as const;
    await request.useTool(call, "call-1", signal);
  }
  await gate();
  return completed;
};

describe("a document of a session that has no task", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession({ taskId: undefined }));
    world.runtime.script = writing;
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
  });

  const written = (): boolean => world.journal.list()[0]?.documents !== undefined;
  const assertTold = (): void => {
    const { activities, finishes } = world.platform.of("s1");
    const completion = activities.map((one) => one.activity).findLast((one) => one.type === "completion");
    const [finish] = finishes;
    assert.ok(finish?.kind === "complete");
    for (const text of [completion?.message ?? "", finish.text]) {
      assert.equal(text.split("## The plan\n\n1. Look.\n2. Leap.").length, 2, text);
      assert.match(text, /All done/u);
      assert.match(text, /one-horizon\/s1/u);
    }
  };

  it("stands in its completion and its summary", async () => {
    await world.start();
    await world.clock.until("it is written", written, 5000);
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete", 10_000);
    assertTold();
  });

  it("stands there once when the process is killed meanwhile", async () => {
    await world.start();
    await world.clock.until("it is written", written, 5000);
    await world.kill();
    await world.start();
    await world.untilPhase("s1", "running", 60_000);
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete", 10_000);
    assertTold();
  });

  it("leaves the tool's own words and the place of the work standing, however long it is", async () => {
    const content = "x".repeat(200_000);
    world.runtime.script = async ({ request, signal }) => {
      await request.useTool({ tool: "write_document", title: "Long", content }, "call-1", signal);
      return { kind: "completed", finalMessage: `The end. ${"y".repeat(20_000)}` };
    };
    await world.start();
    await world.untilPhase("s1", "complete", 10_000);
    const [finish] = world.platform.of("s1").finishes;
    assert.ok(finish?.kind === "complete");
    const { text: summary } = finish;
    assert.ok(summary.length < 10_000, String(summary.length));
    assert.match(summary, /^The end\. y{1000}[^]*one-horizon\/s1[^]*## Long\n\nx{5000}/u);
  });
});
