import assert from "node:assert/strict";
import type { TimelineEntry } from "../../../src/core/timeline";
import { PanelPage } from "./panelPage";
import { approval, header, many, question, runningCommand, startedAt, story } from "./scenes";

const scroller = `document.querySelector(".scroller")`;
const rows = `[...document.querySelectorAll(".row")]`;
const focused = `document.activeElement`;

describe("the session panel in a browser", () => {
  let panel: PanelPage;
  before(async () => {
    panel = await PanelPage.start();
  });
  after(() => panel.close());
  beforeEach(async () => {
    await panel.open("dark", 1200);
    await panel.tell({ kind: "words", locale: "en", words: {} }, { kind: "header", header: header() });
  });
  afterEach(async () => {
    assert.deepEqual(await panel.violations(), []);
    assert.deepEqual(panel.page.complaints, []);
  });

  const evaluate = (expression: string): Promise<unknown> => panel.page.evaluate(expression);
  const until = (expression: string): Promise<void> => panel.page.until(expression);
  const showAll = (entries: readonly TimelineEntry[], dropped = 0): Promise<void> =>
    panel.tell({ kind: "timeline", entries, dropped });
  const add = (...entries: readonly TimelineEntry[]): Promise<void> =>
    panel.tell({ kind: "entries", entries });
  const row = (text: string): string =>
    `${rows}.find((one) => one.textContent.includes(${JSON.stringify(text)}))`;
  const atEnd = `${scroller}.scrollHeight - ${scroller}.clientHeight - ${scroller}.scrollTop < 2`;

  it("says that it is ready", async () => {
    assert.deepEqual(await panel.told(), [{ kind: "ready" }]);
  });

  describe("with ten thousand entries", () => {
    const all = many(10_000);
    beforeEach(() => showAll(all));

    it("draws only those that are seen, at the end first", async () => {
      await until(`${atEnd} && ${row("9999")}`);
      assert.ok(Number(await evaluate(`${rows}.length`)) < 100);
      assert.ok(Number(await evaluate(`document.querySelectorAll("*").length`)) < 1_500);
      assert.equal(await evaluate(`${rows}.at(-1).getAttribute("aria-setsize")`), "10000");
      assert.equal(await evaluate(`${rows}.at(-1).getAttribute("aria-posinset")`), "10000");
    });

    it("comes by at every place while it is scrolled through", async () => {
      for (const share of [0, 0.31, 0.77, 0.5]) {
        await evaluate(`${scroller}.scrollTop = ${scroller}.scrollHeight * ${share}; true`);
        // What is seen is covered by rows without a hole, each where its index says.
        await until(`(() => {
          const box = ${scroller}.getBoundingClientRect();
          const seen = ${rows}.map((one) => one.getBoundingClientRect()).filter((one) => one.bottom > box.top && one.top < box.bottom);
          const holes = seen.filter((one, index) => index > 0 && Math.abs(one.top - seen[index - 1].bottom) > 1.5);
          return seen.length > 5 && holes.length === 0 && seen[0].top <= box.top + 1 && seen.at(-1).bottom >= box.bottom - 1;
        })()`);
        assert.ok(Number(await evaluate(`${rows}.length`)) < 100);
      }
    });

    it("follows the end", async () => {
      await until(atEnd);
      for (let index = 0; index < 5; index += 1) await add(...many(20, 10_000 + index * 20));
      await until(`${atEnd} && ${row("10099")}`);
      assert.equal(await evaluate(`document.querySelector(".to-end").hidden`), true);
    });

    it("keeps the place of who reads further up, and says what came", async () => {
      await until(atEnd);
      await panel.wheel(-3_000);
      await until(`!(${atEnd})`);
      const placeOf = `(() => {
        const top = ${scroller}.getBoundingClientRect().top;
        const first = ${rows}.find((one) => one.getBoundingClientRect().top >= top);
        return [first.textContent, Math.round(first.getBoundingClientRect().top)];
      })()`;
      await panel.settled();
      const before = await evaluate(placeOf);
      await add(...many(7, 10_000));
      await add({ id: "one-more", at: Date.now(), kind: "activity", text: "One more" });
      assert.deepEqual(await evaluate(placeOf), before);
      await until(`document.querySelector(".to-end").textContent === "8 new entries"`);
      await evaluate(`document.querySelector(".to-end").click()`);
      await until(`${atEnd} && ${row("One more")} && document.querySelector(".to-end").hidden`);
    });

    it("goes from entry to entry by keyboard, to both ends and back", async () => {
      await until(`${atEnd} && ${row("9999")}`);
      await evaluate(`${row("echo 9998")}.focus()`);
      await panel.press("ArrowUp");
      await until(`${focused}.getAttribute("aria-posinset") === "9998"`);
      await panel.press("Home");
      await until(`${focused}.getAttribute("aria-posinset") === "1" && ${scroller}.scrollTop < 2`);
      await panel.press("ArrowDown");
      await until(`${focused}.getAttribute("aria-posinset") === "2"`);
      await panel.press("End");
      await until(`${focused}.getAttribute("aria-posinset") === "10000" && ${atEnd}`);
    });

    it("keeps the focus on an entry that is scrolled far away", async () => {
      await until(`${atEnd} && ${row("9999")}`);
      await evaluate(`${row("echo 9998")}.focus()`);
      await evaluate(`${scroller}.scrollTop = 0; true`);
      await until(row("Step 0"));
      assert.equal(await evaluate(`${focused}.getAttribute("aria-posinset")`), "9999");
    });

    it("goes on reading where the reader was before the window was loaded anew", async () => {
      await until(atEnd);
      await evaluate(`${scroller}.scrollTop = ${scroller}.scrollHeight / 2; true`);
      await until(`JSON.parse(sessionStorage.getItem("state")).readingAt !== undefined`);
      await panel.settled();
      const readingAt = await evaluate(`JSON.parse(sessionStorage.getItem("state")).readingAt`);
      await panel.reload("dark");
      await panel.tell({ kind: "header", header: header() }, { kind: "timeline", entries: all, dropped: 0 });
      await until(
        `JSON.parse(sessionStorage.getItem("state")).readingAt === ${JSON.stringify(readingAt)} && !(${atEnd})`,
      );
    });
  });

  it("says how many entries are not kept", async () => {
    await showAll(story(), 1_234);
    await until(row("1,234 earlier entries are not kept."));
  });

  it("replaces a command that ran by what became of it, in its place", async () => {
    await showAll([...story(), runningCommand(Date.now() - 5_000)]);
    await until(`${row("npm run build")}.classList.contains("running")`);
    await add({ id: "after", at: Date.now(), kind: "activity", text: "Something else" });
    const [running] = [runningCommand(startedAt)];
    await add({
      ...running,
      status: "failed",
      exitCode: 2,
      durationMs: 61_000,
      outputTail: "broke",
    } as TimelineEntry);
    await until(`${row("npm run build")}.textContent.includes("exit 2")`);
    assert.match(String(await evaluate(`${row("npm run build")}.textContent`)), /1m/u);
    assert.equal(
      await evaluate(`${rows}.indexOf(${row("npm run build")}) < ${rows}.indexOf(${row("Something else")})`),
      true,
    );
  });

  it("counts how long a command runs", async () => {
    await showAll([runningCommand(Date.now() - 58_000)]);
    await until(`document.querySelector(".took").textContent === "1m"`);
  });

  it("unfolds and folds an entry by keyboard, and remembers it", async () => {
    await showAll(story());
    await until(row("exit 1"));
    await evaluate(`${row("exit 1")}.focus()`);
    await panel.press("Enter");
    await until(
      `${row("exit 1")}.querySelector(".output")?.innerText.includes("keeps the order of columns")`,
    );
    assert.equal(
      await evaluate(`${row("exit 1")}.querySelector(".head").getAttribute("aria-expanded")`),
      "true",
    );
    assert.doesNotMatch(String(await evaluate(`${row("exit 1")}.textContent`)), /\[31m/u);
    assert.equal(await evaluate(`${focused} === ${row("exit 1")}`), true);
    await panel.press("Tab");
    await until(`${focused}.classList.contains("head")`);
    await panel.press("Enter");
    await until(`${row("exit 1")}.querySelector(".output") === null`);
    assert.equal(await evaluate(`${focused}.getAttribute("aria-expanded")`), "false");
    await panel.press("Enter");
    await until(`${row("exit 1")}.querySelector(".output")`);
    await panel.reload("dark");
    await panel.tell(
      { kind: "header", header: header() },
      { kind: "timeline", entries: story(), dropped: 0 },
    );
    await until(`${row("exit 1")}.querySelector(".output")`);
  });

  it("copies a command and what it printed", async () => {
    await showAll(story());
    await until(row("exit 1"));
    await evaluate(`${row("exit 1")}.querySelector(".head").click()`);
    await panel.told();
    await evaluate(`${row("exit 1")}.querySelectorAll(".small").forEach((one) => one.click())`);
    const [first, second] = await panel.told();
    assert.deepEqual(first, { kind: "copy", text: "npm test -- export" });
    assert.match(second?.kind === "copy" ? second.text : "", /27 passed/u);
  });

  it("opens files, links and what can be done, each through the extension", async () => {
    await showAll(story());
    await until(`document.querySelector(".file") && document.querySelector(".link")`);
    await panel.told();
    await evaluate(`document.querySelector(".file").click()`);
    await evaluate(`document.querySelector(".link").click()`);
    await evaluate(`document.querySelector("vscode-button[data-verb=showChanges]").click()`);
    await evaluate(`document.querySelector(".more .icon-button").click()`);
    await evaluate(`document.querySelector(".menu [data-verb=openLog]").click()`);
    await evaluate(`document.querySelector(".fact.copies").click()`);
    assert.deepEqual(await panel.told(), [
      { kind: "openFile", path: "src/export/columns.ts" },
      { kind: "openLink", url: "https://example.com/notes" },
      { kind: "verb", verb: "showChanges" },
      { kind: "verb", verb: "openLog" },
      { kind: "copy", text: "one-horizon/add-csv" },
    ]);
    assert.equal(await evaluate("location.pathname"), "/");
  });

  it("shows what was told to the platform as the Markdown that it is, with links only through the extension", async () => {
    const text =
      "**Mapping** is in `src/export`.\n\n- keeps the order\n- see [the notes](https://example.com/notes)";
    await showAll([{ id: "1", at: 1, kind: "activity", text }]);
    const told = row("Mapping");
    await until(
      `${told}?.querySelector("strong")?.textContent === "Mapping" && ${told}.querySelectorAll("li").length === 2`,
    );
    assert.equal(await evaluate(`${told}.querySelector("code").textContent`), "src/export");
    assert.match(
      String(await evaluate(`${told}.getAttribute("aria-label")`)),
      /, Reported, Mapping is in src\/export\. keeps the order see the notes$/u,
    );
    await panel.told();
    await evaluate(`${told}.querySelector(".link").click()`);
    assert.deepEqual(await panel.told(), [{ kind: "openLink", url: "https://example.com/notes" }]);
  });

  it("shows hostile texts as texts, wherever they stand", async () => {
    const evil = `<img src=x onerror="document.title='hit'"><script>document.title='hit'</script>`;
    const link = "[x](javascript:document.title='hit') ![y](https://example.com/pixel.png) [z](command:x)";
    await panel.tell({
      kind: "header",
      header: header({
        title: evil,
        detail: evil,
        plan: [{ text: evil, status: "pending" }],
        questions: [{ ...approval, text: evil, command: evil }],
        facts: [{ label: evil, value: evil, icon: `x" onclick="`, tooltip: evil, copies: evil }],
        state: { icon: evil, color: `red;background:url(https://example.com)`, text: evil, spins: true },
      }),
    });
    const kinds: readonly TimelineEntry[] = [
      { id: "1", at: 1, kind: "message", final: true, text: `${evil}\n\n${link}` },
      { id: "2", at: 2, kind: "reasoning", text: `${evil}\n\n${evil}` },
      { id: "3", at: 3, kind: "activity", text: `${evil}\n\n${link}` },
      { id: "4", at: 4, kind: "question", text: evil, status: "answered", answer: evil },
      { id: "5", at: 5, kind: "worker", level: "error", text: evil },
      { id: "6", at: 6, kind: "files", files: [{ path: evil, change: "add" }] },
      {
        id: `"><b>`,
        at: 7,
        kind: "command",
        command: evil,
        status: "failed",
        exitCode: 1,
        durationMs: 1,
        outputTail: evil,
      },
    ];
    await showAll(kinds);
    await until(`${rows}.length === 7`);
    await evaluate(`document.querySelectorAll("[aria-expanded=false].head").forEach((one) => one.click())`);
    await panel.settled();
    assert.equal(
      await evaluate(
        `document.querySelectorAll("img, iframe, script:not([src]), [onerror], a[href]").length`,
      ),
      0,
    );
    assert.equal(await evaluate("document.title"), "Session");
    assert.deepEqual(await evaluate(`[...document.querySelectorAll(".link")].map((one) => one.title)`), [
      "https://example.com/pixel.png",
      "https://example.com/pixel.png",
    ]);
    assert.equal(await evaluate(`document.querySelector("h1").textContent`), evil);
  });

  it("answers a question with a click, and an approval", async () => {
    await panel.tell({ kind: "header", header: header({ questions: [question, approval] }) });
    await until(`document.querySelectorAll(".question").length === 2`);
    await panel.told();
    await evaluate(`document.querySelectorAll(".question vscode-button")[1].click()`);
    await evaluate(`document.querySelectorAll(".question vscode-button")[3].click()`);
    assert.deepEqual(await panel.told(), [
      { kind: "answer", questionId: "question-1", answer: { kind: "option", text: "In memory" } },
      { kind: "answer", questionId: "approval-1", answer: { kind: "verb", verb: "approve" } },
    ]);
    assert.equal(
      await evaluate(`document.querySelector(".question .command").textContent`),
      approval.command,
    );
    assert.match(
      String(await evaluate(`document.querySelector("[role=status]").textContent`)),
      /Which session store/u,
    );
  });

  it("touches only what changed: focus and elements stay while facts go on", async () => {
    await panel.tell({ kind: "header", header: header({ questions: [question] }) });
    await evaluate(
      `window.kept = [...document.querySelectorAll(".question, .fact, .step, vscode-button")]; true`,
    );
    await evaluate(`document.querySelectorAll(".question vscode-button")[1].focus()`);
    const later = header({ questions: [question] });
    const facts = later.facts.map((one) => (one.label === "Elapsed" ? { ...one, value: "7m" } : one));
    await panel.tell({ kind: "header", header: { ...later, facts } });
    await until(`document.querySelector(".facts").textContent.includes("7m")`);
    assert.equal(await evaluate(`window.kept.every((one) => one.isConnected)`), true);
    assert.equal(
      await evaluate(`${focused} === document.querySelectorAll(".question vscode-button")[1]`),
      true,
    );
  });

  it("has a narrow look: one column, the plan folded and unfolded by keyboard", async () => {
    await panel.size(480, 900);
    const steps = `document.querySelector(".plan .content")`;
    await until(`${steps}.hidden`);
    assert.equal(await evaluate(`document.documentElement.scrollWidth <= 480`), true);
    await evaluate(`document.querySelector(".plan .toggle").focus()`);
    await panel.press("Enter");
    await until(
      `!${steps}.hidden && document.querySelector(".plan .toggle").getAttribute("aria-expanded") === "true"`,
    );
    await panel.size(1200, 900);
    await until(`!${steps}.hidden`);
  });

  it("leads the Tab key through in the order of reading", async () => {
    await panel.tell({
      kind: "header",
      header: header({ questions: [question], input: { questionId: "question-1", placeholder: "…" } }),
    });
    await showAll(story());
    await until(row("heartbeat was late"));
    await evaluate(`document.body.focus()`);
    const places: unknown[] = [];
    for (let step = 0; step < 14; step += 1) {
      await panel.press("Tab");
      places.push(
        await evaluate(
          `${focused}.closest("header, .questions, .side, main, footer")?.className.split(" ")[0] ?? "body"`,
        ),
      );
    }
    const order = places.filter((place, index) => place !== places[index - 1]);
    assert.deepEqual(order.slice(0, 4), ["header", "questions", "composer", "timeline"]);
  });

  it("stands still for who wants no motion", async () => {
    await until(`document.querySelector(".state-icon .spin")`);
    const animation = `getComputedStyle(document.querySelector(".state-icon .spin")).animationName`;
    assert.equal(await evaluate(animation), "turn");
    await evaluate(`document.body.classList.add("vscode-reduce-motion")`);
    assert.equal(await evaluate(animation), "none");
    await evaluate(`document.body.classList.remove("vscode-reduce-motion")`);
    await panel.page.command("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-reduced-motion", value: "reduce" }],
    });
    await until(`${animation} === "none"`);
    await panel.page.command("Emulation.setEmulatedMedia", { features: [] });
  });

  it("speaks the person's language", async () => {
    await showAll([]);
    await panel.tell({
      kind: "words",
      locale: "de",
      words: {
        Plan: "Ablauf",
        "{0} / {1}": "{0} von {1}",
        "Nothing has happened yet.": "Noch ist nichts geschehen.",
      },
    });
    await until(`document.querySelector(".plan .label").textContent === "Ablauf"`);
    assert.equal(await evaluate(`document.querySelector(".plan .short").textContent`), "3 von 5");
    assert.equal(
      await evaluate(`document.querySelector(".empty").textContent`),
      "Noch ist nichts geschehen.",
    );
  });
});
