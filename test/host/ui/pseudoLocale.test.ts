// The views in a language that nobody speaks: a text that never went through the translation stands out on the screen.
import * as assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pseudo, pseudoBundle, rawWords } from "../../fakes/pseudo";
import { waitUntil, type EditorUnderTest } from "../harness/harness.mjs";
import {
  launch,
  openPanel,
  pictureFailures,
  queue,
  quitClean,
  untilInGroup,
  untilOnline,
  untilSession,
} from "./kit";
import { picture } from "./pictures";

const language = "qps-ploc";
const patienceMs = 90_000;
const title = "Add a farewell";
/** What is on the screen and no text of ours: titles, names, what the model wrote and what went to the platform. */
const foreign: readonly string[] = [
  title,
  "Sandbox agent",
  "Sandbox workspace",
  "VS Code worker",
  "WORKFLOW.md",
];

describe("the views in another language", () => {
  let editor: EditorUnderTest;
  pictureFailures(() => editor);
  before(async () => {
    editor = await launch({ name: "pseudo", language, prepareExtensions: writeBundles });
    await editor.window.openContainer(pseudo("One Horizon"));
  });
  after(() => quitClean(editor));

  it("have no raw word in an empty view", async () => {
    await untilTranslated("the empty view", async () => {
      const { text, buttons } = await editor.window.welcome();
      return [...text.split("\n"), ...buttons];
    });
    await picture(editor, "pseudo-welcome");
  });

  it("have no raw word in the titles of commands", async () => {
    for (const command of ["Sign In", "Run Diagnostics", "Create WORKFLOW.md"]) {
      const wanted = `${pseudo("One Horizon")}: ${pseudo(command)}`;
      await untilTranslated(`the palette at ${command}`, () => editor.window.paletteRows(wanted));
    }
  });

  it("have no raw word in the tree, read or heard", async () => {
    const { sandbox } = editor.world;
    await editor.window.pressWelcome(pseudo("Sign In").slice(1, -1));
    await untilOnline(sandbox);
    const sessionId = await queue(sandbox, title);
    await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    await untilInGroup(editor.window, title, pseudo("Done"));
    await untilTranslated("the tree", async () => {
      const rows = (await editor.window.treeRows()).filter((row) => row.level <= 2);
      return rows.flatMap(({ label, description, spoken }) => [label, description, spoken]);
    });
    await picture(editor, "pseudo-tree");
  });

  it("have no raw word in the status bar, its card and its menu", async () => {
    const { window } = editor;
    await untilTranslated("the status bar", async () => {
      const own = (await window.statusItems()).filter((one) => one.id.startsWith("one-horizon."));
      return own.flatMap(({ text, spoken }) => [text, spoken]);
    });
    await untilTranslated("the menu", async () => {
      await window.openWorkerMenu();
      const { title: head, headings, rows } = await window.quickPick();
      return [head, ...headings, ...rows];
    });
    await picture(editor, "pseudo-menu");
    await window.press("Escape");
  });

  it("have no raw word on what a session's panel offers to do", async () => {
    await openPanel(editor.window, title);
    // Below them are branch, files and commands.
    await untilTranslated("the panel", async () => (await editor.window.panel.buttons()).slice(0, 3));
    await picture(editor, "pseudo-panel");
  });

  async function untilTranslated(what: string, read: () => Promise<readonly string[]>): Promise<void> {
    let texts: readonly string[] = [];
    const isTranslated = async (): Promise<boolean> => {
      texts = await read();
      return texts.some((text) => text.includes("⟦")) && rawIn(texts).length === 0;
    };
    await waitUntil(`${what} is translated`, isTranslated, patienceMs).catch((error: unknown) => {
      throw new Error(`${String(error)}; raw: ${JSON.stringify(rawIn(texts))}; seen: ${texts.join(" | ")}`);
    });
  }
});

function rawIn(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => rawWords(text, foreign));
}

/** Makes the language known to the installed extension, as a language pack would. */
async function writeBundles(folder: string): Promise<void> {
  const name = (await readdir(folder)).find((one) => one.startsWith("one-horizon.one-horizon-worker"));
  assert.ok(name !== undefined);
  const extension = join(folder, name);
  for (const [from, to] of [
    ["package.nls.json", `package.nls.${language}.json`],
    [join("l10n", "bundle.l10n.json"), join("l10n", `bundle.l10n.${language}.json`)],
  ] as const) {
    const english = JSON.parse(await readFile(join(extension, from), "utf8")) as Record<string, unknown>;
    await writeFile(join(extension, to), JSON.stringify(pseudoBundle(english)));
  }
}
