import assert from "node:assert/strict";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { workerAt } from "../../fakes/sandboxClient";
import { runIn, startRun, take, type BareWorker } from "../../fakes/sandboxRuns";
import { openBrowserPage, type BrowserPage } from "./browserPage";

describe("workflow runs on the sandbox's page in a browser", () => {
  let sandbox: Sandbox;
  let page: BrowserPage;
  let coder: BareWorker;
  let reviewer: BareWorker;
  before(async () => {
    page = await openBrowserPage();
  });
  after(() => page.close());
  beforeEach(async () => {
    sandbox = await startTestSandbox();
    coder = await workerAt(sandbox, { name: "Coder" });
    reviewer = await workerAt(sandbox, { name: "Reviewer", groupId: "readers" });
    await page.open(sandbox.dashboardUrl);
    await page.until("document.querySelector('#connection')?.textContent.startsWith('Live')");
  });
  afterEach(async () => {
    await page.open("about:blank");
    await sandbox.close();
  });

  const shows = (text: string): Promise<void> =>
    page.until(`document.querySelector("#runs")?.innerText.includes(${JSON.stringify(text)})`);

  it("starts a run with a target for each step", async () => {
    const title = "<img src=x onerror=\"document.title='hit'\">";
    await page.until("document.querySelectorAll('#run-steps select').length === 3");
    await page.evaluate(`(() => {
      const { title, prompt, branch } = document.querySelector("#run").elements;
      title.value = ${JSON.stringify(title)};
      prompt.value = "Please add a note.";
      branch.value = "feature/note";
      for (const [at, text] of ["Coder", "Coder", "Group readers"].entries()) {
        const select = document.querySelectorAll("#run-steps select")[at];
        select.value = [...select.options].find((one) => one.textContent === text).value;
      }
      document.querySelector("#run").requestSubmit();
    })()`);
    await shows(title);
    const [run] = sandbox.state().runs;
    const { workerId } = coder;
    const agentId = "agent_sandbox";
    assert.deepEqual(run?.template, [
      { mode: "plan", agentId, targetWorkerId: workerId, targetGroupId: null },
      { mode: "code", agentId, targetWorkerId: workerId, targetGroupId: null },
      { mode: "review", agentId, targetWorkerId: null, targetGroupId: "readers" },
    ]);
    assert.equal(run.branchName, "feature/note");
    assert.equal(await page.evaluate("document.title"), "One Horizon sandbox");
    assert.deepEqual(page.complaints, []);
  });

  it("follows a run: documents, hand-over, push, verdict, and what a stalled one lacks", async () => {
    const runId = await startRun(sandbox, {
      branch: "feature/note",
      template: [
        { mode: "plan", targetWorkerId: coder.workerId },
        { mode: "code", targetWorkerId: coder.workerId },
        { mode: "review", targetWorkerId: reviewer.workerId },
      ],
    });
    await shows("not pushed yet");
    const plan = await take(coder);
    await plan.document("Plan", "1. Write it.");
    await shows("“Plan”");
    await plan.complete();
    const code = await take(coder);
    await shows("hands over to Reviewer");
    await code.delegate({ targetWorkerId: reviewer.workerId });
    await shows("delegated by code");
    await code.patch({ workflowPushConfirmed: true });
    await shows("feature/note · push confirmed");
    await code.complete();
    const review = await take(reviewer);
    await review.complete();
    await shows("Missing: The review ended without a verdict (reviewVerdict).");
    assert.equal(runIn(sandbox, runId).status, "stalled");
    assert.deepEqual(page.complaints, []);
  });

  it("leads to the pull request's page", async () => {
    const template = [{ mode: "code", targetWorkerId: coder.workerId }];
    await startRun(sandbox, { branch: "feature/note", template });
    const code = await take(coder);
    await code.patch({ workflowPushConfirmed: true });
    await code.complete();
    await shows("Pull request");
    await page.evaluate(`document.querySelector("#runs a").click()`);
    await page.until("document.querySelector('.pull-request')?.innerText.includes('feature/note')");
    assert.deepEqual(page.complaints, []);
  });
});
