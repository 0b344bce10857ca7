import * as assert from "node:assert/strict";
import { waitUntil, type EditorUnderTest, type TreeRow } from "../harness/harness.mjs";
import {
  chooseScript,
  groupOf,
  openGate,
  openPanel,
  pictureFailures,
  queue,
  untilInGroup,
  untilRow,
  untilSession,
  untilStatusBar,
} from "./kit";
import { picture, prepareForPictures } from "./pictures";
import { shareEditor } from "./sharedEditor";

const titles = ["Tidy the parser", "Bump the lexer", "Measure the start"] as const;
const [parser, lexer, start] = titles;
const sorted = [lexer, start, parser];

describe("the sessions view", () => {
  let editor: EditorUnderTest;
  const ids = new Map<string, string>();
  pictureFailures(() => editor);

  shareEditor((lent) => (editor = lent));
  before(() => prepareForPictures(editor));

  it("counts what waits in its group's heading", async () => {
    await picture(editor, "tree-empty");
    await editor.window.runCommandId("oneHorizon.worker.pause");
    await untilStatusBar(editor.window, /paused/);
    for (const title of titles) ids.set(title, await queue(editor.world.sandbox, title));
    for (const title of titles) await untilInGroup(editor.window, title, "Queued");
    await untilRow(editor.window, "Queued", { description: /^3$/u, spoken: /^Queued, 3 sessions/u });
    await untilRows("as they came", "Queued", titles);
    await picture(editor, "tree-queued");
  });

  it("sorts by title", async () => {
    await sortBy("By title");
    await untilRows("sorted by title", "Queued", sorted);
  });

  it("is searched as every tree", async () => {
    // A click takes the keyboard there, and folds.
    await waitUntil("the group is folded", async () => {
      await editor.window.clickRow("Queued");
      return (await row("Queued")).expanded === "false";
    });
    await editor.window.expandRow("Queued");
    await untilRows("unfolded", "Queued", sorted);
    await editor.window.tree.find("lexer");
    await waitUntil("what was found is marked", async () =>
      (await editor.window.tree.found()).includes("lexer"),
    );
    await editor.window.tree.endFind();
  });

  it("shows only what a filter finds while it is on, and says so", async () => {
    await editor.window.runCommandId("oneHorizon.sessions.filter");
    await waitUntil("the states", async () =>
      (await editor.window.quickPickRows()).some((one) => one.startsWith("Queued")),
    );
    await editor.window.tree.type("lexer");
    await untilRows("found as it is typed", "Queued", [lexer]);
    await editor.window.acceptPicks();
    await waitUntil("what is shown", async () =>
      (await editor.window.tree.message()).includes("Filtered by “lexer”: 1 session matches."),
    );
    await picture(editor, "tree-filtered");
    await editor.window.runCommandId("oneHorizon.sessions.clearFilter");
    await untilRows("all", "Queued", sorted);
    await waitUntil("no message", async () => (await editor.window.tree.message()) === "");
  });

  it("shows the plan and the running command, and keeps the selection while its rows change", async () => {
    const { sandbox } = editor.world;
    await chooseScript(sandbox, "slow");
    await editor.window.runCommandId("oneHorizon.worker.resume");
    for (const title of titles) await untilInGroup(editor.window, title, "Running");
    await editor.window.clickRow(parser);
    await editor.window.expandRow(parser);
    await editor.window.waitForTreeRow("the plan", (one) => one.label === "Plan");
    await untilSelected([parser]);
    const seen = new Set<string>();
    await waitUntil("twenty changes of the rows", async () => {
      seen.add(JSON.stringify(await editor.window.treeRows()));
      assert.deepEqual(await editor.window.tree.selected(), [parser]);
      return seen.size >= 20;
    });
    await editor.window.waitForTreeRow("the command with its time", (one) =>
      /^running \d+s$/u.test(one.description),
    );
    await picture(editor, "tree-running");
  });

  it("shows a card where the mouse rests on a row", async () => {
    await waitUntil("the card of a session that runs", async () =>
      /^Bump the lexer\s+State running\s/u.test(await editor.window.tree.card(lexer, "Worktree")),
    );
  });

  it("marks what ended unseen until somebody looks", async () => {
    const { sandbox } = editor.world;
    await openGate(sandbox);
    for (const title of titles) {
      await untilSession(sandbox, ids.get(title) ?? "", "is complete", (one) => one.status === "complete");
    }
    await waitUntil("the mark of the folded group", async () =>
      (await rows()).some((one) => one.label === "Done" && isUnread(one)),
    );
    for (const title of titles) await untilInGroup(editor.window, title, "Done");
    await editor.window.waitForTreeRow("a mark", (one) => one.label === lexer && isUnread(one));
    await untilRows("all of them drawn", "Done", sorted);
    await picture(editor, "tree-done");
    await editor.window.clickRow(lexer);
    await editor.window.waitForTreeRow("no mark", (one) => one.label === lexer && !isUnread(one));
  });

  it("opens the diff of each file that was changed", async () => {
    await editor.window.expandRow(lexer);
    await editor.window.waitForTreeRow("the files", (one) => one.label === "Files changed");
    await editor.window.expandRow("Files changed");
    const file = await editor.window.waitForTreeRow("a file", (one) => /, added\b/u.test(one.spoken));
    const isOpen = async (): Promise<boolean> =>
      (await editor.window.editorText()).includes("A note from the sandbox");
    // A row that is drawn anew while it is clicked loses the click.
    await waitUntil("the file", async () => {
      await editor.window.clickRow(file.label);
      return waitUntil("it opens", isOpen, 10_000).then(
        () => true,
        () => false,
      );
    });
    await picture(editor, "tree-files");
  });

  it("keeps order and marks over a reload", async () => {
    await editor.window.reload();
    await editor.window.openContainer("One Horizon");
    for (const title of titles) await untilInGroup(editor.window, title, "Done");
    await untilRows("sorted by title", "Done", sorted);
    await editor.window.waitForTreeRow("no mark", (one) => one.label === lexer && !isUnread(one));
    await editor.window.waitForTreeRow("a mark", (one) => one.label === start && isUnread(one));
    // It stays with the folder, which other suites use too.
    await sortBy("As each group asks for");
  });

  it("hides several at once after one question, and a filter finds them again", async () => {
    // Its panel selects the row of its session once more.
    await openPanel(editor.window, parser);
    await untilSelected([parser]);
    await editor.window.tree.selectAlso(start);
    await untilSelected([parser, start]);
    await editor.window.treeMenu(start, "Hide Session");
    await editor.window.pick("Hide 2 sessions");
    await untilRows("the rest", "Done", [lexer]);
    await editor.window.runCommandId("oneHorizon.sessions.filter");
    await tickOnly("Hidden");
    await editor.window.acceptPicks();
    await waitUntil("the hidden ones", async () => (await sessionRows("Hidden")).length === 2);
    await editor.window.runCommandId("oneHorizon.sessions.clearFilter");
    await untilInGroup(editor.window, lexer, "Done");
  });

  it("puts first what needs somebody, and tells what failed in five words", async () => {
    const title = "Fail on purpose";
    await chooseScript(editor.world.sandbox, "question");
    await queue(editor.world.sandbox, title);
    await untilInGroup(editor.window, title, "Needs you");
    await waitUntil("it stands first", async () => (await rows())[0]?.label === "Needs you");
    await picture(editor, "tree-needs-you");
    await editor.window.treeMenu(title, "Stop and Mark Session Failed…");
    await editor.window.answerInput("It asks what nobody here can ever know.");
    await untilInGroup(editor.window, title, "Failed");
    await untilRow(editor.window, title, { description: /^It asks what nobody here… · /u });
    await picture(editor, "tree-failed");
  });

  it("says of a session that another worker was faster with", async () => {
    const { sandbox } = editor.world;
    const taken = { type: "status", status: 409, reason: "already_claimed" };
    await sandbox.dashboard("POST", "faults", { operationId: "claimSession", times: 0, action: taken });
    const sessionId = await queue(sandbox, "Of another");
    await untilInGroup(editor.window, "Of another", "Elsewhere");
    // Else the next poll would find it in the queue again.
    await sandbox.dashboard("POST", `sessions/${sessionId}/cancel`, {});
    await waitUntil("it stays", async () => {
      const all = await rows();
      const found = all.find((one) => one.label === "Of another");
      return groupOf(all, "Of another") === "Elsewhere" && found?.description === "by another worker";
    });
    await sandbox.dashboard("DELETE", "faults");
    await picture(editor, "tree-elsewhere");
  });

  async function rows(): Promise<readonly TreeRow[]> {
    return editor.window.treeRows();
  }

  async function row(label: string): Promise<TreeRow> {
    return editor.window.waitForTreeRow(label, (one) => one.label === label);
  }

  function isUnread({ spoken }: TreeRow): boolean {
    return spoken.includes("unread");
  }

  async function sessionRows(group: string): Promise<readonly string[]> {
    const all = await rows();
    return all
      .filter((one) => one.level === 2 && groupOf(all, one.label) === group)
      .map((one) => one.label)
      .filter((label) => titles.some((title) => title === label));
  }

  async function untilRows(what: string, group: string, want: readonly string[]): Promise<void> {
    await waitUntil(what, async () => JSON.stringify(await sessionRows(group)) === JSON.stringify(want));
  }

  /** Of the states of a filter. A list that is still being drawn may take a click for the row beside. */
  async function tickOnly(label: string): Promise<void> {
    await waitUntil("the states", async () => {
      const boxes = await editor.window.pickBoxes();
      return boxes.length === 8 && boxes.some((one) => one.text.startsWith(label));
    });
    for (;;) {
      const boxes = await editor.window.pickBoxes();
      const wrong = boxes.find((one) => one.ticked !== one.text.startsWith(label));
      if (wrong === undefined) return;
      await editor.window.pick(wrong.text.replace(/\d+$/u, ""));
      const before = JSON.stringify(boxes);
      await waitUntil("another tick", async () => JSON.stringify(await editor.window.pickBoxes()) !== before);
    }
  }

  async function sortBy(label: string): Promise<void> {
    await editor.window.runCommandId("oneHorizon.sessions.sort");
    await editor.window.pick(label);
  }

  async function untilSelected(want: readonly string[]): Promise<void> {
    await waitUntil(`selected: ${want.join(", ")}`, async () => {
      const found = await editor.window.tree.selected();
      return found.toSorted().join() === want.toSorted().join();
    });
  }
});
