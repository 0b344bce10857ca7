import * as assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  waitUntil,
  type BrowserPage,
  type EditorUnderTest,
  type SandboxSession,
  type SandboxState,
} from "../harness/harness.mjs";
import { launch, pictureFailures, quitClean, untilInGroup, untilStatusBar, untilWelcome } from "./kit";

describe("the sandbox inside the editor", () => {
  let editor: EditorUnderTest;
  /** Addresses of the dashboards that the editor opened. */
  const opened: string[] = [];
  /** What the person queues there. */
  let title = "Try the sandbox";
  pictureFailures(() => editor);

  before(async () => {
    editor = await launch({
      name: "sandbox",
      machineSettings: {
        "oneHorizon.platform.baseUrl": undefined,
        "oneHorizon.oauth.clientId": undefined,
        "oneHorizon.oauth.loopbackPort": undefined,
      },
      onPopup: async (page) => {
        await queueOnDashboard(page, title);
        opened.push(page.url());
        await page.close();
      },
    });
    await editor.window.openContainer("One Horizon");
  });
  after(() => quitClean(editor));

  it("starts without a setting, an account or a sign-in page", async () => {
    await untilWelcome(editor.window, /try the sandbox/);
    await editor.window.runCommandId("oneHorizon.sandbox.start");
    await editor.window.answerNotification("with your installed Codex", "Open Dashboard");
    await untilStatusBar(editor.window, /^0\/\d · sandbox$/);
    await waitUntil("a session is queued on the dashboard", () => opened.length === 1);
  });

  it("runs a session that its dashboard queued, with codex", async () => {
    const done = await untilComplete(opened[0] ?? "");
    assert.match(done.metadata.model ?? "", /^gpt-/);
    const branches = await editor.git("for-each-ref", "--format=%(refname:short)", "refs/heads/one-horizon/");
    assert.equal(await editor.git("rev-list", "--count", `main..${branches}`), "1");
  });

  it("is back after a reload, with what was done", async () => {
    await editor.window.reload();
    await editor.window.openContainer("One Horizon");
    await untilStatusBar(editor.window, /^0\/\d · sandbox$/);
    await untilInGroup(editor.window, "Try the sandbox", "Done");
    assert.equal(opened.length, 1, "no page was opened for it");
  });

  it("stops and brings the signed-out welcome back", async () => {
    await editor.window.runCommandId("oneHorizon.sandbox.stop");
    await untilWelcome(editor.window, /Sign in to see your sessions/);
    await untilStatusBar(editor.window, /sign in/);
    await waitUntil("its process has ended", async () =>
      (await editor.processes()).every(
        (one) => !one.command.includes("sandbox.js --data-dir") || isWorlds(one.command),
      ),
    );
  });

  it("uses the scripted tool, and says so, where there is no codex", async () => {
    title = "Try it without codex";
    await rm(join(editor.world.folders.bin, "codex"));
    await editor.window.runCommandId("oneHorizon.sandbox.start");
    await editor.window.answerNotification("Codex was not found, so a scripted stand-in", "Open Dashboard");
    await untilStatusBar(editor.window, /^0\/\d · sandbox$/);
    await waitUntil("a session is queued on the dashboard", () => opened.length === 2);
    await untilComplete(opened[1] ?? "");
  });

  /** The platform that stands beside the editor in every suite. */
  function isWorlds(command: string): boolean {
    return command.includes(join(editor.world.folders.work, "sandbox"));
  }

  async function untilComplete(dashboardUrl: string): Promise<SandboxSession> {
    const done = await waitUntil(
      `“${title}” is complete`,
      async () =>
        (await stateBehind(dashboardUrl)).sessions.find(
          (one) => one.title === title && one.status === "complete",
        ),
      90_000,
      200,
    );
    assert.deepEqual(done.remarks, []);
    await untilInGroup(editor.window, title, "Done");
    return done;
  }
});

/** The person at the dashboard. */
async function queueOnDashboard(page: BrowserPage, title: string): Promise<void> {
  await page.fill("#queue [name=title]", title);
  await page.fill("#queue [name=prompt]", "Add a note.");
  await page.click("#queue button");
  await page.waitForSelector(`#sessions :text("${title}")`);
}

/** Asks the platform behind a dashboard's address, which may lead through the editor's own. */
async function stateBehind(dashboardUrl: string): Promise<SandboxState> {
  const url = new URL(dashboardUrl);
  const port = /\/proxy\/(\d+)\//.exec(url.pathname)?.[1] ?? url.port;
  const origin = `http://127.0.0.1:${port}`;
  const token = /[\w-]{20,}/.exec(url.hash)?.[0] ?? "";
  const answer = await fetch(`${origin}/sandbox/api/state`, {
    headers: { "x-sandbox-token": token, origin },
  });
  assert.equal(answer.status, 200);
  return (await answer.json()) as SandboxState;
}
