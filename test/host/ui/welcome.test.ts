import * as assert from "node:assert/strict";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { EditorUnderTest } from "../harness/harness.mjs";
import {
  launch,
  pictureFailures,
  queue,
  quitClean,
  sessionOf,
  signIn,
  untilPolled,
  untilSession,
  untilStatusBar,
  untilWelcome,
} from "./kit";

describe("what is missing", () => {
  let editor: EditorUnderTest;
  let codex: string;
  pictureFailures(() => editor);

  before(async () => {
    editor = await launch({ name: "missing" });
    codex = join(editor.world.folders.bin, "codex");
    await rename(codex, `${codex}.hidden`);
    await signIn(editor);
  });
  after(() => quitClean(editor));

  it("is codex: the view says how to get it, and nothing is claimed", async () => {
    const buttons = await untilWelcome(editor.window, /Codex was not found/);
    assert.deepEqual(buttons, ["How to Install"]);
    await untilStatusBar(editor.window, /not claiming/);
    const sessionId = await queue(editor.world.sandbox, "Waits for codex");
    await untilPolled(editor.world.sandbox, 2);
    assert.equal((await sessionOf(editor.world.sandbox, sessionId)).claims.length, 0);
  });

  it("is mended without a restart once codex is there", async () => {
    await rename(`${codex}.hidden`, codex);
    const { sessions } = await editor.world.sandbox.state();
    const done = await untilSession(
      editor.world.sandbox,
      sessions[0]?.sessionId ?? "",
      "is complete",
      (one) => one.status === "complete",
      90_000,
    );
    assert.equal(done.claims.length, 1);
    await untilStatusBar(editor.window, /^0\/\d$/);
  });

  it("is a repository: the view offers to open a folder", async () => {
    const plain = join(editor.world.folders.work, "plain folder");
    await mkdir(plain);
    const window = await editor.openWindow(plain);
    await window.openContainer("One Horizon");
    const buttons = await untilWelcome(window, /Open a git repository to work in/);
    assert.deepEqual(buttons, ["Open Folder"]);
    await untilStatusBar(window, /no repository/);
  });
});
