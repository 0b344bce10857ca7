import * as assert from "node:assert/strict";
import { waitUntil, type EditorUnderTest, type Sandbox } from "../harness/harness.mjs";
import {
  chooseScript,
  isUnderWay,
  openGate,
  pictureFailures,
  queue,
  sessionOf,
  untilInGroup,
  untilOnline,
  untilSession,
  untilStatusBar,
  untilCard,
} from "./kit";
import { picture } from "./pictures";
import { shareEditor } from "./sharedEditor";

const tone = "Which tone should the note have?";

describe("the worker in the status bar and in notifications", () => {
  let editor: EditorUnderTest;
  let sandbox: Sandbox;
  pictureFailures(() => editor);

  // First, since the editor is closed behind it where something failed.
  after(() => chooseScript(sandbox, "default"));
  shareEditor((lent) => (editor = lent), {
    userSettings: { "oneHorizon.notifications.level": "all", "workbench.reduceMotion": "off" },
  });
  before(() => ({ sandbox } = editor.world));

  it("says to the eye and to the ear what the worker does, and pulses with its beats", async () => {
    const pulses = await editor.window.countPulses();
    await untilStatusBar(editor.window, /^0\/\d$/, {
      spoken:
        /^One Horizon Worker: online, 0 of \d slots busy\. Works for the agent .+\. Press to see what the worker can do\./,
    });
    await untilCard(
      editor.window,
      /online, 0 of \d slots busy/,
      /▇/,
      /Heartbeats of the last 5 minutes: \d+ accepted/,
      /Runs in this window/,
    );
    await waitUntil("a beat is seen", async () => (await pulses()) > 0, 90_000);
    await picture(editor, "status-online", () => editor.window.statusCard());
  });

  it("has a menu of what it can do now, and a page for each session that runs", async () => {
    await chooseScript(sandbox, "slow");
    const title = "Seen in the menu";
    const sessionId = await queue(sandbox, title);
    await untilSession(sandbox, sessionId, "is under way", isUnderWay);
    await untilStatusBar(editor.window, /^1\/\d$/);
    await picture(editor, "status-busy", () => editor.window.openWorkerMenu());
    await editor.window.openWorkerMenu();
    const isMenu = async (): Promise<boolean> => {
      const { hasBack, rows } = await editor.window.quickPick();
      return !hasBack && rows.slice(0, 3).join() === "Pause worker,Stop worker,Restart worker";
    };
    await waitUntil("the menu", isMenu);
    await editor.window.pick(title);
    await waitUntil("the session's page", async () => {
      const { hasBack, rows, title: head } = await editor.window.quickPick();
      return hasBack && head.includes(title) && rows.includes("Release") && !rows.includes("Pause worker");
    });
    await editor.window.goBack();
    await waitUntil("the menu again", isMenu);
    await editor.window.pick("Pause worker");
    await untilStatusBar(editor.window, /^paused$/);
    await picture(editor, "status-paused");
    await editor.window.followCardLink("Resume worker");
    await untilStatusBar(editor.window, /^1\/\d$/);
  });

  it("asks before what runs ends with a sign-out, and changes nothing when told to keep it", async () => {
    await editor.window.runCommandId("oneHorizon.auth.signOut");
    await waitUntil("the question", async () => {
      const { title, rows } = await editor.window.quickPick();
      return title.includes("Sign out of One Horizon?") && rows.join() === "Sign Out,Keep running";
    });
    await editor.window.pick("Keep running");
    await untilStatusBar(editor.window, /^1\/\d$/);
  });

  it("says that it reconnects while the platform is gone, and is back with it", async () => {
    process.kill(-sandbox.pid, "SIGKILL");
    await untilStatusBar(editor.window, /^reconnecting$/, {
      spoken: /reconnecting, no heartbeat was accepted for \d+ (?:second|minute)/,
    });
    await untilCard(editor.window, /\d+ failed \(×\)/);
    await picture(editor, "status-reconnecting", () => editor.window.statusCard());
    sandbox = await editor.world.restartSandbox();
    await untilOnline(sandbox);
    await openGate(sandbox); // the model was killed too, and has forgotten its script
    await untilStatusBar(editor.window, /^0\/\d$/);
    await untilCard(editor.window, /\d+ failed \(×\)/);
    await editor.window.answerNotification("“Seen in the menu” is complete.", "Show Changes");
    await editor.window.clearNotifications();
  });

  it("leads to what needs somebody, and gives the keyboard back to where it was", async () => {
    await chooseScript(sandbox, "question");
    await editor.window.runCommandId("oneHorizon.workflow.open");
    await waitUntil("the editor", async () => (await editor.window.focusedPart()) === "editor");
    const sessionId = await queue(sandbox, "Ask from the status bar");
    await waitUntil("it is told", async () =>
      (await editor.window.notifications()).some((text) => text.includes(tone)),
    );
    assert.equal(await editor.window.focusedPart(), "editor", "telling takes no focus");
    await untilStatusBar(editor.window, /^1$/, { spoken: /1 session needs you/, classes: /warning/ });
    await picture(editor, "status-needs-you", () => editor.window.openWorkerMenu());
    await editor.window.openWorkerMenu();
    await waitUntil(
      "the one that asks comes first",
      async () => (await editor.window.quickPick()).rows[0] === "Ask from the status bar",
    );
    await editor.window.press("Enter");
    await waitUntil("the options", async () => (await editor.window.quickPickRows()).includes("Plain"));
    await editor.window.pick("Plain");
    await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    await waitUntil("the editor again", async () => (await editor.window.focusedPart()) === "editor");
    // The notification is still there; its question is not.
    await editor.window.runCommand("Notifications: Show Notifications");
    await editor.window.answerNotification(tone, "Answer…");
    await editor.window.answerNotification("asks nothing that could be answered");
    await editor.window.clearNotifications();
  });

  it("tells a failure once, with its changes, and nothing again after a reload", async () => {
    await chooseScript(sandbox, "slow");
    const title = "Told once";
    const sessionId = await queue(sandbox, title);
    await untilSession(sandbox, sessionId, "is under way", isUnderWay);
    await untilInGroup(editor.window, title, "Running");
    await editor.window.treeMenu(title, "Stop and Mark Session Failed");
    await editor.window.answerInput("The greeting is fine as it is.", "The reason");
    await editor.window.answerNotification(`“${title}” failed.`);
    await picture(editor, "notification-failed");
    await editor.window.clearNotifications();
    await editor.window.reload();
    await editor.window.openContainer("One Horizon");
    await untilStatusBar(editor.window, /^0\/\d$/);
    await untilInGroup(editor.window, title, "Failed");
    const again = (await editor.window.notifications()).filter((text) => text.includes(title));
    assert.deepEqual(again, []);
  });

  it("tells beside the view's title what happened while the window was not in front", async () => {
    await chooseScript(sandbox, "default");
    await editor.window.lookAway();
    const sessionId = await queue(sandbox, "Done meanwhile");
    await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    await waitUntil("the news", async () =>
      (await editor.window.viewTitle("Sessions")).includes("1 complete · Sessions"),
    );
    await picture(editor, "away");
    await editor.window.lookAway(false);
    await waitUntil(
      "they are read",
      async () => !(await editor.window.viewTitle("Sessions")).includes("1 complete"),
      90_000,
    );
    assert.equal((await sessionOf(sandbox, sessionId)).status, "complete");
  });
});
