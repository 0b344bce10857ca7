// The views in a language that nobody speaks: a text that never went through the translation stands out on the screen.
import * as assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pseudo, pseudoBundle, rawWords } from "../../fakes/pseudo";
import { waitUntil, type EditorUnderTest, type Workbench } from "../harness/harness.mjs";
import { pictureFailures, queue, untilSession } from "./kit";
import { picture } from "./pictures";
import { shareEditor } from "./sharedEditor";

const language = "qps-ploc";
const title = "Add a farewell";
/** What is on the screen and no text of ours: titles, names, what the model wrote, what git and the editor call things. */
const foreign: readonly string[] = [title, "Sandbox agent", "Sandbox workspace", "VS Code worker"];

describe("the views in another language", () => {
  let editor: EditorUnderTest;
  let window: Workbench;
  let bundles: readonly string[] = [];
  pictureFailures(() => editor);
  shareEditor((lent) => (editor = lent));
  before(async () => {
    const { sandbox } = editor.world;
    const sessionId = await queue(sandbox, title);
    await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    bundles = await writeBundles(await installedExtension(editor));
    window = await editor.openWindow(undefined, { language });
    await window.openContainer(pseudo("One Horizon"));
  });
  after(async () => {
    await window.leave();
    await window.close();
    await Promise.all(bundles.map((one) => rm(one, { force: true })));
    await editor.window.front();
  });

  it("have no raw word in the tree", async () => {
    await window.waitForTreeRow("of the session", (row) => row.label === title);
    const rows = await window.treeRows();
    assert.ok(rows.some((row) => row.label.startsWith("⟦")));
    for (const row of rows.filter((one) => one.level <= 2)) {
      assert.deepEqual(rawWords(row.label, foreign), [], row.label);
      assert.deepEqual(rawWords(row.description, foreign), [], row.description);
    }
    await picture({ window }, "pseudo-tree");
  });

  it("have no raw word in the status bar and its menu", async () => {
    const item = await window.waitForStatus("of the worker", (one) => one.id.startsWith("one-horizon."));
    assert.match(item.text, /⟦/u);
    assert.deepEqual(rawWords(item.text, foreign), [], item.text);
    await window.openWorkerMenu();
    const rows = await waitUntil("the menu", async () => {
      const texts = await window.quickPickRows();
      return texts.length > 0 ? texts : undefined;
    });
    for (const row of rows) assert.deepEqual(rawWords(row, foreign), [], row);
    await picture({ window }, "pseudo-menu", () => window.openWorkerMenu());
    await window.press("Escape");
  });

  it("have no raw word in the titles of commands", async () => {
    const rows = await waitUntil("the palette offers our commands", async () => {
      const texts = (await window.paletteRows(pseudo("One Horizon"))).filter((one) => one.includes("⟦"));
      return texts.length > 3 ? texts : undefined;
    });
    for (const row of rows) {
      const [own = ""] = row.split("\n");
      assert.deepEqual(rawWords(own, foreign), [], own);
    }
  });
});

/** The folder of the extension as the editor has installed it. */
async function installedExtension({ world }: EditorUnderTest): Promise<string> {
  const folder = join(world.folders.root, "extensions");
  const name = (await readdir(folder)).find((one) => one.startsWith("one-horizon.one-horizon-worker"));
  assert.ok(name !== undefined);
  return join(folder, name);
}

async function writeBundles(extension: string): Promise<readonly string[]> {
  const made: readonly (readonly [string, string])[] = [
    ["package.nls.json", `package.nls.${language}.json`],
    [join("l10n", "bundle.l10n.json"), join("l10n", `bundle.l10n.${language}.json`)],
  ];
  return await Promise.all(
    made.map(async ([from, to]) => {
      const english = JSON.parse(await readFile(join(extension, from), "utf8")) as Record<string, string>;
      const path = join(extension, to);
      await writeFile(path, JSON.stringify(pseudoBundle(english)));
      return path;
    }),
  );
}
