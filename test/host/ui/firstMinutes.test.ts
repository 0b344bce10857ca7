// The first minutes with the extension, from a folder that nobody trusts to the first poll: walkthrough, empty views, diagnostics.
import * as assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil, type EditorUnderTest } from "../harness/harness.mjs";
import {
  codexProcesses,
  pictureFailures,
  requests,
  signIn,
  untilOnline,
  untilSame,
  untilStatusBar,
  untilWelcome,
} from "./kit";
import { picture, prepareForPictures } from "./pictures";
import { shareEditor } from "./sharedEditor";

const walkthrough = "Get started with One Horizon Worker";

describe("the first minutes", () => {
  let editor: EditorUnderTest;
  /** Of the reports that were read: their pages may linger. */
  const stamps = new Set<string>();
  pictureFailures(() => editor);
  shareEditor((lent) => (editor = lent), { unused: "restricted" });
  before(async () => {
    await prepareForPictures(editor);
  });

  it("begin with a walkthrough whose first step is the trust", async () => {
    await editor.window.openWalkthrough(walkthrough);
    await untilSame(
      "the steps",
      async () => (await editor.window.walkthroughSteps()).map((one) => one.title),
      [
        "Trust this folder",
        "Sign in",
        "Choose the agent",
        "Say how work is done here",
        "Send the first session",
        "Or try it in the sandbox",
      ],
    );
    await untilStep("Trust this folder", (one) => one.open && one.buttons.join() === "Manage Trust");
  });

  it("diagnose in Restricted Mode what they may, and start and send nothing", async () => {
    const report = await diagnosed();
    assert.match(report, /It is in Restricted Mode\./);
    assert.match(report, /Not tried in Restricted Mode\./);
    const calls = (await requests(editor.world.sandbox)).filter((one) => one.operationId !== undefined);
    assert.deepEqual(calls, []);
    assert.deepEqual(await codexProcesses(editor), []);
  });

  it("tick off the steps that are done", async () => {
    await editor.window.trustFolder();
    await untilWelcome(editor.window, /Sign in to see your sessions/);
    await editor.window.openWalkthrough(walkthrough);
    for (const [step, button] of [
      ["Sign in", "Sign In"],
      ["Choose the agent", "Configure Worker"],
      ["Say how work is done here", "Create WORKFLOW.md"],
      ["Send the first session", "Open One Horizon"],
      ["Or try it in the sandbox", "Start Sandbox Platform"],
    ] as const) {
      await editor.window.openWalkthroughStep(step);
      await untilStep(step, (one) => one.open && one.buttons.join() === button && !one.done);
    }
    await picturesOfSteps();
  });

  it("say where a report finds nobody signed in", async () => {
    const report = await diagnosed();
    assert.match(report, /Sign-in\s+You are signed in\s+You are signed out\./);
    assert.match(report, /Sign-in\. You are signed out\. Run Sign In\./);
    await picture(editor, "diagnostics-signedOut");
  });

  it("say that codex is not signed in, with what to do", async () => {
    const codexConfig = join(editor.world.folders.home, ".codex", "config.toml");
    const config = await readFile(codexConfig, "utf8");
    const signedOut = config.replace("requires_openai_auth = false", "requires_openai_auth = true");
    await writeFile(codexConfig, signedOut);
    await signIn(editor);
    const buttons = await untilWelcome(editor.window, /Codex is not signed in; run “codex login”/);
    assert.deepEqual(buttons, ["Open Terminal"]);
    await untilStatusBar(editor.window, /not claiming/);
    const report = await diagnosed();
    assert.match(
      report,
      /Coding tool's sign-in\. Codex is not signed in\. Nothing was changed\. Run `codex login`/,
    );
    await picture(editor, "empty-codexSignedOut");
    await writeFile(codexConfig, config);
    await editor.window.runCommandId("oneHorizon.worker.restart");
    await untilWelcome(editor.window, /Nothing queued\./);
  });

  it("have ticked off what was done meanwhile", async () => {
    await editor.window.openWalkthrough(walkthrough);
    await untilStep("Sign in", (one) => one.done);
    await untilStep("Choose the agent", (one) => one.done);
    await waitUntil("the others as they are", async () => {
      const steps = await editor.window.walkthroughSteps();
      const done = steps.filter((one) => one.done).map((one) => one.title);
      const isOpen = steps.some((one) => one.title === "Trust this folder" && !one.done);
      return steps.length > 0 && !isOpen && !done.includes("Send the first session");
    });
  });

  it("end with a report in which nothing fails, to be copied", async () => {
    await untilOnline(editor.world.sandbox);
    await untilStatusBar(editor.window, /^0\/\d$/);
    const report = await diagnosed();
    assert.doesNotMatch(report, /✗/);
    for (const words of [/git version 2\./, /It holds\./, /They agree\./, /VS Code worker: online/]) {
      assert.match(report, words);
    }
    assert.doesNotMatch(report, new RegExp(editor.world.folders.home));
    await picture(editor, "diagnostics-healthy");
    await editor.window.runCommandId("oneHorizon.diagnostics.copy");
    await editor.window.answerNotification("The diagnostics were copied");
    await editor.window.clearNotifications();
  });

  it("name what an empty view waits for: a person's pause and stop, and the platform", async () => {
    const { window, world } = editor;
    await window.openContainer("One Horizon");
    assert.deepEqual(await untilWelcome(window, /Nothing queued\./), ["Open One Horizon"]);
    await picture(editor, "empty-ready");
    await window.runCommandId("oneHorizon.worker.pause");
    assert.deepEqual(await untilWelcome(window, /The worker is paused/), ["Resume"]);
    await window.pressWelcome("Resume");
    await untilWelcome(window, /Nothing queued\./);
    await window.runCommandId("oneHorizon.worker.stop");
    assert.deepEqual(await untilWelcome(window, /The worker is stopped/), ["Start"]);
    await window.pressWelcome("Start");
    await untilWelcome(window, /Nothing queued\./);
    await world.sandbox.stop();
    assert.deepEqual(await untilWelcome(window, /One Horizon cannot be reached/), ["Run Diagnostics"]);
    await picture(editor, "empty-unreachable");
    const report = await diagnosed();
    assert.match(report, /User, Workspaces, Agents[^.]*\. The platform could not be reached\./);
    await picture(editor, "diagnostics-unreachable");
    await world.restartSandbox();
    await untilWelcome(window, /Nothing queued\./);
  });

  type Step = Awaited<ReturnType<EditorUnderTest["window"]["walkthroughSteps"]>>[number];

  async function untilStep(title: string, accept: (step: Step) => boolean): Promise<void> {
    let steps: readonly Step[] = [];
    const probe = async (): Promise<boolean> => {
      steps = await editor.window.walkthroughSteps();
      return steps.some((one) => one.title === title && accept(one));
    };
    await waitUntil(`the step “${title}”`, probe, 90_000, 100).catch((error: unknown) => {
      throw new Error(`${String(error)}; there is: ${JSON.stringify(steps)}`, { cause: error });
    });
  }

  /** Runs the checks and reads the page, once it is the one of this run. */
  async function diagnosed(): Promise<string> {
    await editor.window.runCommandId("oneHorizon.diagnostics.check");
    let text = "";
    const probe = async (): Promise<boolean> => {
      const pages = await editor.window.webviewTexts();
      const fresh = pages.find((page) => {
        const stamp = stampOf(page);
        return stamp !== undefined && !stamps.has(stamp);
      });
      text = fresh ?? pages.join("\n");
      return fresh !== undefined;
    };
    await waitUntil("the page of diagnostics", probe, 180_000, 200).catch((error: unknown) => {
      throw new Error(`${String(error)}; there is: ${text}`, { cause: error });
    });
    stamps.add(stampOf(text) ?? "");
    return text;
  }

  /** Each step with its picture, for which the page has to be wide. */
  async function picturesOfSteps(): Promise<void> {
    if (process.env["ONE_HORIZON_PICTURES"] === undefined) return;
    const { window } = editor;
    await window.runCommand("View: Toggle Primary Side Bar Visibility");
    for (const [name, step] of pictured) {
      await picture(editor, `walkthrough-${name}`, async () => {
        await window.openWalkthrough(walkthrough);
        await window.openWalkthroughStep(step);
        await untilStep(step, (one) => one.open);
      });
    }
    await window.openContainer("One Horizon");
  }
});

const pictured = [
  ["signIn", "Sign in"],
  ["agent", "Choose the agent"],
  ["workflow", "Say how work is done here"],
  ["session", "Send the first session"],
  ["sandbox", "Or try it in the sandbox"],
] as const;

function stampOf(report: string): string | undefined {
  return /Checked: (\S+)/.exec(report)?.[1];
}
