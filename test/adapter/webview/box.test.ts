import assert from "node:assert/strict";
import { PanelPage } from "./panelPage";
import { header, question } from "./scenes";

/** The modifier of the keys that send. */
const control = 2;
const focused = `document.activeElement`;

describe("the session panel's box", () => {
  let panel: PanelPage;
  before(async () => {
    panel = await PanelPage.start();
  });
  after(() => panel.close());
  beforeEach(() => panel.open("dark", 1200));
  afterEach(async () => {
    assert.deepEqual(await panel.violations(), []);
    assert.deepEqual(panel.page.complaints, []);
  });

  const evaluate = (expression: string): Promise<unknown> => panel.page.evaluate(expression);
  const until = (expression: string): Promise<void> => panel.page.until(expression);
  const box = `document.querySelector("vscode-textarea")`;
  const input = { questionId: "question-1", placeholder: "Your answer…" };
  const words = { kind: "send", questionId: "question-1", text: "The left one" };
  beforeEach(async () => {
    await panel.tell({ kind: "header", header: header({ input }) });
    await until(`${box}.shadowRoot?.querySelector("textarea")?.placeholder === "Your answer…"`);
    await panel.told();
    await evaluate(`${box}.focus()`);
    await panel.type("The left one");
    await until(`JSON.parse(sessionStorage.getItem("state")).draft === "The left one"`);
  });

  it("sends with the keys, and is empty once it arrived", async () => {
    await panel.press("Enter", control);
    assert.deepEqual(await panel.told(), [words]);
    await panel.press("Enter", control);
    assert.deepEqual(await panel.told(), []);
    await panel.tell({ kind: "sent", error: undefined });
    await until(`${box}.value === "" && JSON.parse(sessionStorage.getItem("state")).draft === ""`);
  });

  it("keeps the text when it did not arrive, and says why", async () => {
    await evaluate(`document.querySelector(".send").click()`);
    assert.deepEqual(await panel.told(), [words]);
    await panel.tell({ kind: "sent", error: "The session ended. Your text is kept here." });
    await until(
      `document.querySelector("[role=alert]").textContent === "The session ended. Your text is kept here."`,
    );
    assert.equal(await evaluate(`${box}.value`), "The left one");
    await panel.press("Enter", control);
    assert.deepEqual(await panel.told(), [words]);
  });

  it("keeps what was typed while a text was on its way", async () => {
    await panel.press("Enter", control);
    await panel.type(", please");
    await panel.tell({ kind: "sent", error: undefined });
    await panel.settled();
    assert.equal(await evaluate(`${box}.value`), "The left one, please");
  });

  it("keeps its text over a reload, and while there is nothing to say", async () => {
    await panel.tell({ kind: "header", header: header() });
    await until(`document.querySelector(".composer").hidden`);
    await panel.reload("dark");
    await panel.tell({ kind: "header", header: header({ input }) });
    await until(`${box}.value === "The left one"`);
  });

  it("stands below the question that it answers, where no notification of the editor covers it", async () => {
    const place = (name: string): string =>
      `document.querySelector(${JSON.stringify(name)}).getBoundingClientRect()`;
    await panel.tell({ kind: "header", header: header({ input, questions: [question] }) });
    await until(`${place(".questions")}.bottom <= ${place(".composer")}.top`);
    assert.equal(await evaluate(`${place(".composer")}.bottom <= ${place(".timeline")}.top`), true);
    assert.equal(await evaluate(`${focused} === ${box} && ${box}.value === "The left one"`), true);
    assert.equal(await evaluate(`${place(".send")}.right < 200`), true);
  });

  it("keeps the focus when the header comes anew", async () => {
    await panel.tell({ kind: "header", header: header({ input, title: "Another title" }) });
    await until(`document.querySelector("h1").textContent === "Another title"`);
    assert.equal(await evaluate(`${focused} === ${box}`), true);
  });
});
