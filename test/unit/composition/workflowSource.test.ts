import assert from "node:assert/strict";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../src/base/log";
import { WorkflowSource, type WorkflowSourceOptions } from "../../../src/composition/workflowSource";
import { UserError } from "../../../src/core/actions";
import { createConsentStore } from "../../../src/machine/consentStore";
import { ManualClock } from "../../fakes/manualClock";

interface Question {
  readonly items: readonly string[];
  readonly signal: AbortSignal;
  readonly answer: (allowed: boolean) => void;
}

const command = (name: string): string => `---\nruntime:\n  command: ${name} app-server\n---\n`;

describe("the owner's workflow", () => {
  let home: string;
  let asked: Question[];
  let said: unknown[];
  let allowed: number;

  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), "oh-workflow-")));
    [asked, said, allowed] = [[], [], 0];
    await write(command("other-tool"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const write = (text: string): Promise<void> => writeFile(join(home, "WORKFLOW.md"), text);
  const source = (facts: Partial<WorkflowSourceOptions> = {}): WorkflowSource =>
    new WorkflowSource({
      log: silentLog,
      home,
      folder: () => home,
      trusted: () => true,
      path: () => "WORKFLOW.md",
      consents: createConsentStore(join(home, "state"), { clock: new ManualClock(), log: silentLog }),
      mayAsk: () => true,
      ask: ({ items }, signal) => new Promise((answer) => asked.push({ items, signal, answer })),
      onAllowed: () => (allowed += 1),
      onError: (error) => said.push(error),
      ...facts,
    });
  const waits = (one: WorkflowSource): Promise<void> => assert.rejects(one.read(), /waits for your consent/u);
  const programOf = async (one: WorkflowSource): Promise<string | undefined> =>
    (await one.read()).runtime.command[0];
  /** Resolves when what was answered has had its effect. */
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };

  it("that reaches further waits for a consent that is on disk, and says when the disk does not take it", async () => {
    const one = source({
      consents: {
        isAllowed: () => Promise.resolve(false),
        allow: () => Promise.reject(new Error("ENOSPC: no space left on device")),
      },
      ask: () => Promise.resolve(true),
      onAllowed: () => assert.fail("nothing was allowed"),
    });
    await waits(one);
    await until(() => said.length > 0);
    const [error] = said;
    assert.ok(error instanceof UserError);
    assert.match(error.message, /could not be saved: ENOSPC.*Nothing was changed.*restart the worker/su);
    await waits(one);
  });

  it("takes effect once exactly this combination was allowed; a change asks again", async () => {
    const one = source();
    await waits(one);
    await waits(one);
    assert.equal(asked.length, 1, "one question, however often the file is read");
    asked[0]?.answer(true);
    await until(() => allowed === 1);
    assert.equal(await programOf(one), "other-tool");

    await write(command("another-tool"));
    await waits(one);
    assert.match(asked[1]?.items.join() ?? "", /another-tool/);
    await write(command("other-tool"));
    assert.equal(await programOf(one), "other-tool", "the first one is still allowed");
    assert.equal(asked.length, 2);
    assert.equal(await programOf(source()), "other-tool", "also in another process");
  });

  it("counts no answer to what the file does not say any more", async () => {
    const one = source();
    await waits(one);
    await write(command("another-tool"));
    await waits(one);
    assert.deepEqual(
      asked.map(({ signal }) => signal.aborted),
      [true, false],
    );
    asked[0]?.answer(true);
    await write(command("other-tool"));
    await waits(one);
    assert.equal(allowed, 0);
    assert.equal(asked.length, 3, "it is a new question");
  });

  for (const [name, text] of [
    ["broken", "---\nagent: 7\n---\n"],
    ["harmless", "Be kind.\n"],
  ] as const) {
    it(`asks nothing any more once the file is ${name}`, async () => {
      const one = source();
      await waits(one);
      await write(text);
      await one.read().catch((error: unknown) => assert.match(String(error), /cannot be used/));
      assert.equal(asked[0]?.signal.aborted, true);
    });
  }

  it("withdraws the question when the worker runs no more, and asks again when it does", async () => {
    const one = source();
    await waits(one);
    one.withdraw();
    assert.equal(asked[0]?.signal.aborted, true);
    asked[0].answer(true);
    await waits(one);
    assert.equal(asked.length, 2);
    assert.equal(allowed, 0);
  });

  it("asks once more only when a person starts it again", async () => {
    const one = source();
    await waits(one);
    asked[0]?.answer(false);
    await waits(one);
    assert.equal(asked.length, 1);
    one.askAgain();
    await waits(one);
    assert.equal(asked.length, 2);
  });

  it("asks only on demand where the person wants no notifications", async () => {
    const one = source({ mayAsk: () => false });
    await waits(one);
    assert.equal(asked.length, 0);
    one.askAgain();
    await waits(one);
    await waits(one);
    assert.equal(asked.length, 1);
  });

  it("is not read in Restricted Mode", async () => {
    const one = source({ trusted: () => false });
    await assert.rejects(one.read(), /Restricted Mode.*not read/u);
    await write("Be kind.\n");
    await assert.rejects(one.read(), UserError);
    assert.equal(asked.length, 0);
  });
});
