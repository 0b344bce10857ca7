// States that no suite comes to in the time that a run may take. Only pictures are made of them, so only where pictures are wanted.
import { picturesWanted, picture, prepareForPictures } from "./pictures";
import type { EditorUnderTest } from "../harness/harness.mjs";
import { chooseScript, launch, queue, signIn, untilInGroup, untilStatusBar } from "./kit";

const minute = 60_000;

if (picturesWanted) {
  describe("states to be looked at", function () {
    this.timeout(15 * minute);
    let editor: EditorUnderTest;
    const title = "Move the sessions to another store";

    before(async () => {
      editor = await launch({ name: "states" });
      await prepareForPictures(editor);
      await signIn(editor);
      await untilStatusBar(editor.window, /^0\/\d$/);
      await chooseScript(editor.world.sandbox, "slow");
      await queue(editor.world.sandbox, title);
      await untilInGroup(editor.window, title, "Running");
    });
    after(() => editor.close());

    it("a claim that was lost", async () => {
      // Else it would be claimed again at once.
      await editor.window.runCommandId("oneHorizon.worker.pause");
      await editor.world.sandbox.dashboard("POST", "clock", { advanceMs: 60 * minute });
      await editor.window.waitForTreeRow("its claim is lost", (one) => /claim.+lost/iu.test(one.spoken));
      await picture(editor, "claim-lost");
      await editor.window.clearNotifications();
      await editor.window.clickRow(title);
      await editor.window.panel.waitForText("what became of it", (text) => text.includes("lost"));
      await picture(editor, "panel-claim-lost");
    });

    it("the platform out of reach for long", async () => {
      process.kill(-editor.world.sandbox.pid, "SIGKILL");
      await editor.window.waitForStatus(
        "offline",
        (one) => one.id.startsWith("one-horizon.") && one.text.includes("offline"),
        8 * minute,
      );
      await picture(editor, "offline", () => editor.window.statusCard());
    });
  });
}
