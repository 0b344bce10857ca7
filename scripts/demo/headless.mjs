// The demo without a person: the same editor and the same clicks, through Chromium.
import { join } from "node:path";
import { openBrowser } from "../../test/host/harness/browser.mjs";
import { startCodeServer } from "../../test/host/harness/codeServer.mjs";
import { allowSignIn } from "../../test/host/harness/signIn.mjs";
import { waitUntil } from "../processes.mjs";
import { openDashboard } from "./dashboard.mjs";
import { demoSessions } from "./sessions.mjs";
import { mainState, verify } from "./verify.mjs";

const themes = ["light", "dark", "high-contrast"];

/** @returns {Promise<number>} 0 only if every promise of the demo holds */
export async function runHeadless({ tools, vsix, world, output, clock, provider }) {
  const { folders, machineSettings, repository, sandbox, env } = world;
  const picture = (name) => join(output, `${name}.png`);
  const before = await mainState(repository.folder, env);
  const server = await startCodeServer({
    tools,
    folders,
    machineSettings,
    vsix: [vsix],
    port: world.editorPort,
  });
  const browser = await openBrowser({ tools, folders, server });
  const window = await browser.openFolder(repository.folder, { onPopup: allowSignIn });
  clock.say(`the editor shows the repository (${server.url})`);
  let dashboard;
  try {
    await window.openContainer("One Horizon");
    await window.widenSidebar();
    await window.screenshot(picture("signed-out"));
    await signInAndConfigure({ window, sandbox, clock, asks: provider !== "codex" });
    dashboard = await openDashboard(browser, sandbox);
    for (const session of demoSessions) await dashboard.queue(session);
    clock.say(`queued ${demoSessions.length} sessions on the dashboard`);
    await watch({ sandbox, clock, onFirstRunning: () => pictureWhileRunning(window, picture) });
    await takePictures({ window, dashboard, picture, clock });
  } catch (error) {
    await window.screenshot(picture("failed")).catch(() => undefined);
    await dashboard?.page.screenshot({ path: picture("failed-dashboard") }).catch(() => undefined);
    throw error;
  }
  const { sessions } = await sandbox.state();
  const faults = await verify({ sessions, expected: demoSessions, repository, env, before, say: clock.say });
  await window.close();
  for (const fault of faults) console.error(`✗ ${fault}`);
  clock.say(
    faults.length === 0 ? `everything holds; pictures are in ${output}` : `${faults.length} promises broken`,
  );
  return faults.length === 0 ? 0 : 1;
}

/** @param {{asks: boolean}} options `asks`: the workflow names a tool that is used only once it is allowed */
async function signInAndConfigure({ window, sandbox, clock, asks }) {
  await window.runCommandId("oneHorizon.auth.signIn");
  await window.waitForStatus("signed in", (item) => isOurs(item) && !/sign|starting/i.test(item.text));
  clock.say("signed in through the browser");
  const online = async () => (await sandbox.state()).workers.some((worker) => worker.status === "online");
  await window.runCommandId("oneHorizon.worker.configure");
  if (asks) await allow({ window, online, clock });
  await waitUntil("the platform shows the worker online", online);
  clock.say("the worker is configured and online");
}

/** Answers each question for consent. The worker was not configured while one was open, so that is done again. */
async function allow({ window, online, clock }) {
  const allowed = async () => {
    if (await online()) return true;
    const question = await window.answerNotification("Allow this?", "Allow", 20_000).catch(() => undefined);
    if (question === undefined) return false;
    clock.say(`allowed: ${question.replaceAll(/\s+/g, " ")}`);
    await window.runCommandId("oneHorizon.worker.configure");
    return false;
  };
  await waitUntil("what WORKFLOW.md asks for is allowed", allowed, 240_000, 2000);
}

function isOurs(item) {
  return item.id.startsWith("one-horizon.one-horizon-worker");
}

/** Follows the sessions on the platform until none is open any more, and says each change. */
async function watch({ sandbox, clock, onFirstRunning }) {
  const seen = new Map();
  let pictured = false;
  const open = new Set(["queued", "pending", "active", "awaiting_input", "stale"]);
  await waitUntil(
    "all sessions are finished",
    async () => {
      const { sessions } = await sandbox.state();
      for (const { sessionId: id, title, status } of sessions) {
        if (seen.get(id) !== status) clock.say(`${title}: ${status}`);
        seen.set(id, status);
      }
      if (!pictured && sessions.some((one) => one.status === "active" && one.plan)) {
        pictured = true;
        await onFirstRunning();
      }
      return sessions.length >= demoSessions.length && sessions.every((one) => !open.has(one.status));
    },
    180_000,
    100,
  );
}

/** The first running session with its plan unfolded, as a person would look at it. */
async function pictureWhileRunning(window, picture) {
  const [first] = demoSessions;
  await window.waitForTreeRow("the first session is running", (row) => /tokens/.test(row.text));
  await window.expandRow(first.title);
  await window.screenshot(picture("running"));
  await clip(window, picture("readme-sessions"), { x: 0, y: 0, width: 548, height: 308 });
  await clip(window, picture("readme-status-bar"), { x: 0, y: 868, width: 548, height: 32 });
}

/** The pictures of README.md: a part of the window, in its own pixels. */
async function clip({ page }, path, area) {
  await page.screenshot({ path, clip: area });
}

async function takePictures({ window, dashboard, picture, clock }) {
  await window.expandRow("Done");
  for (const { title } of demoSessions) {
    await window.waitForTreeRow(
      `“${title}”`,
      (row) => row.text.includes(title) || row.spoken.includes(title),
    );
  }
  const [last] = demoSessions;
  await window.expandRow(last.title);
  for (const theme of themes) {
    await window.theme(theme);
    await window.screenshot(picture(`window-${theme}`));
    await window.screenshot(picture(`tree-${theme}`), ".part.sidebar");
    await window.screenshot(picture(`status-bar-${theme}`), ".part.statusbar");
    await dashboard.picture(picture(`dashboard-${theme}`), theme);
  }
  clock.say("took the pictures");
}
