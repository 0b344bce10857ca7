// What a person does in the workbench, as methods. Every wait polls for a state with a deadline; nothing sleeps for a fixed time.
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { projectRoot } from "../../../scripts/bootstrap.mjs";
import { waitUntil } from "../../../scripts/processes.mjs";
import { PanelPage } from "./panelPage.mjs";
import { TreePage } from "./treePage.mjs";

const themes = {
  light: ["Light Modern", "vs"],
  dark: ["Dark Modern", "vs-dark"],
  "high-contrast": ["Dark High Contrast", "hc-black"],
  "high-contrast-light": ["Light High Contrast", "hc-light"],
};

/** How long a state may take to come; many times what it takes on a quiet machine. */
const patienceMs = 90_000;

/** For a step of a loop that tries again. */
const briefly = { timeout: 5000 };

/** The worker's item in the status bar. */
const statusItem = '.part.statusbar .statusbar-item[id^="one-horizon."]';

/** One window of the editor. */
export class Workbench {
  constructor(page) {
    /** The Playwright page, for what has no method here. */
    this.page = page;
    this.panel = new PanelPage(page);
    this.tree = new TreePage(page, (label) => this.treeRow(label));
  }

  /** Resolves when the workbench is drawn and its remote side is connected. */
  async ready() {
    await this.page.waitForSelector(".monaco-workbench .part.statusbar .statusbar-item");
    await this.page.waitForSelector(".monaco-workbench .activitybar .action-item");
  }

  /** Runs a command by its title in the palette, for example "One Horizon: Sign In". */
  async runCommand(title) {
    let tries = 0;
    await waitUntil(`the palette offers "${title}"`, async () => {
      tries += 1;
      await this.#openPalette();
      await this.page.keyboard.insertText(title);
      const rows = this.page.locator(".quick-input-list .monaco-list-row");
      const row = rows.filter({ has: this.page.locator(".label-name", { hasText: exactly(title) }) }).first();
      // The extension may not have been activated yet.
      const isThere = await done(row.waitFor({ timeout: 2000 * tries }));
      // By the keyboard: a click can come to its end after its time, so that nobody knows whether to try again.
      if (isThere && (await this.#reachInPalette(title))) {
        await this.page.keyboard.press("Enter");
        return true;
      }
      await this.page.keyboard.press("Escape");
      return false;
    });
  }

  /** Whether the keyboard is at the palette's row of this text, after going down to it. */
  async #reachInPalette(text) {
    for (let steps = 0; steps < 50; steps += 1) {
      const at = await this.page.evaluate(() => {
        const widget = globalThis.document.activeElement?.closest(".quick-input-widget");
        return widget?.querySelector(".quick-input-list .monaco-list-row.focused .label-name")?.textContent;
      });
      if (at === text) return true;
      if (at === undefined || at === null) return false; // something else took the keyboard, and the palette closed
      await this.page.keyboard.press("ArrowDown");
    }
    return false;
  }

  /** Runs a command of this extension by its id, through the palette, under the title that the manifest gives it. */
  async runCommandId(id) {
    await this.runCommand(commandTitle(id));
  }

  /** What the palette offers for this text, without running anything. */
  async paletteRows(text) {
    await this.#openPalette();
    await this.page.keyboard.insertText(text);
    // The list is drawn anew some frames after the text; it says so where nothing matches.
    const rows = await waitUntil("the palette has searched", async () => {
      const found = await this.quickPickRows();
      return found.length > 0 && found.length < 10 ? found : undefined;
    });
    await this.page.keyboard.press("Escape");
    return rows.filter((row) => row.includes(text));
  }

  async #openPalette() {
    const widget = this.page.locator(".quick-input-widget");
    await waitUntil("the palette opens", async () => {
      await this.page.keyboard.press("F1");
      return done(widget.waitFor({ state: "visible", timeout: 1000 }));
    });
  }

  /** Texts of the rows of the open quick pick. */
  async quickPickRows() {
    return this.page.locator(".quick-input-list .monaco-list-row .label-name").allInnerTexts();
  }

  /** Chooses a row of a quick pick by text, waiting for it. */
  async pick(text) {
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
    await row.click();
  }

  /** Rows of a quick pick that takes several: their text, and whether they are ticked. */
  async pickBoxes() {
    return this.page.locator(".quick-input-list .monaco-list-row").evaluateAll((rows) =>
      rows.map((row) => ({
        text: row.textContent ?? "",
        ticked: row.querySelector(".monaco-checkbox.checked, input:checked") !== null,
      })),
    );
  }

  /** Accepts a quick pick that takes several. */
  async acceptPicks() {
    await this.page
      .locator(".quick-input-widget:visible")
      .getByRole("button", { name: "OK", exact: true })
      .click();
  }

  /** Answers an input box: waits for its prompt or placeholder (when given), types, accepts. */
  async answerInput(text, prompt) {
    const widget = this.page.locator(".quick-input-widget:visible");
    const input = widget.locator(".quick-input-box input");
    await input.waitFor();
    if (prompt !== undefined) {
      await waitUntil(`an input box that asks "${prompt}"`, async () =>
        `${await widget.innerText()} ${(await input.getAttribute("placeholder")) ?? ""}`.includes(prompt),
      );
    }
    await input.fill(text);
    await input.press("Enter");
  }

  /** Texts of the notifications shown now, toasts and centre. */
  async notifications() {
    return this.page.locator(".notification-list-item-message:visible").allInnerTexts();
  }

  /** Waits for a notification and presses one of its buttons, or only waits when no button is named. Returns its text. */
  async answerNotification(text, button, timeoutMs = patienceMs) {
    const item = this.page.locator(".notification-list-item", { hasText: text }).first();
    const message = item.locator(".notification-list-item-message");
    let told = "";
    const probe = async () => {
      // A toast goes by itself after ten seconds; what it told stays in the centre.
      if (!(await done(item.waitFor({ timeout: 15_000 })))) {
        await this.runCommand("Notifications: Show Notifications");
      }
      told = await message.innerText(briefly).catch(() => "");
      if (told === "") return false;
      return (
        button === undefined || done(item.getByRole("button", { name: button, exact: true }).click(briefly))
      );
    };
    await waitUntil("it is told", probe, timeoutMs).catch(async (error) => {
      const shown = (await this.notifications()).join(" | ") || "none";
      throw new Error(`no notification “${text}”; there is: ${shown}`, { cause: error });
    });
    return told;
  }

  /** Closes all notifications. */
  async clearNotifications() {
    await this.runCommand("Notifications: Clear All Notifications");
  }

  /** Presses a button of a modal dialog that contains `text`. */
  async answerDialog(text, button) {
    const dialog = this.page.locator(".monaco-dialog-box", { hasText: text });
    await dialog.waitFor();
    await dialog.getByRole("button", { name: button, exact: true }).click();
  }

  /** Opens a view container of the activity bar by its title. */
  async openContainer(title) {
    const action = this.page
      .locator(`.activitybar .action-item .action-label[aria-label^="${title}"]`)
      .first();
    const chosen = this.page.locator(
      `.activitybar .action-item.checked .action-label[aria-label^="${title}"]`,
    );
    const pane = this.page.locator(".part.sidebar .composite.title h2", { hasText: new RegExp(title, "i") });
    // A view that is about to be drawn, by a click or after a reload, would be closed again by another click.
    await waitUntil(`the side bar shows ${title}`, async () => {
      if (await pane.isVisible()) return true;
      if ((await chosen.count()) === 0) await action.click();
      return done(pane.waitFor({ timeout: 1000 }));
    });
  }

  /**
   * Rows of a tree in the side bar, top to bottom: level (1 = top), label, description, the whole text and what a screen reader says.
   * Only what is drawn is there: rows scrolled out are not.
   */
  async treeRows(within = ".part.sidebar") {
    return this.page.locator(`${within} .monaco-list-row[role="treeitem"]`).evaluateAll((rows) =>
      rows
        .sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top)
        .map((row) => ({
          level: Number(row.getAttribute("aria-level")),
          expanded: row.getAttribute("aria-expanded"),
          label: row.querySelector(".label-name")?.textContent ?? "",
          description: row.querySelector(".label-description")?.textContent ?? "",
          text: row.textContent ?? "",
          spoken: row.getAttribute("aria-label") ?? "",
        })),
    );
  }

  /** Waits until some tree row satisfies `accept`, and returns that row. */
  async waitForTreeRow(what, accept, timeoutMs = patienceMs) {
    let rows = [];
    const probe = async () => (rows = await this.treeRows()).find(accept);
    return waitUntil(`a tree row: ${what}`, probe, timeoutMs).catch((error) => {
      throw new Error(`${error.message}; there is: ${rows.map((row) => row.text).join(" | ")}`);
    });
  }

  /** The topmost drawn row with this label, as a Playwright locator: to click, hover or expand. */
  treeRow(label) {
    return this.page
      .locator('.part.sidebar .monaco-list-row[role="treeitem"]')
      .filter({ has: this.page.locator(".label-name", { hasText: exactly(label) }) })
      .first();
  }

  /** Presses an inline action of a tree row, by the action's title. */
  async treeAction(label, action) {
    const row = this.treeRow(label);
    const wanted = row.locator(`.actions .action-label[aria-label^="${action}"]`).first();
    // A row that is drawn anew between the two is no longer hovered over, and shows no action.
    await waitUntil(
      `the row “${label}” offers “${action}”`,
      async () => (await done(row.hover({ timeout: 5000 }))) && done(wanted.click({ timeout: 5000 })),
    );
  }

  /** Chooses an entry of a tree row's context menu. */
  async treeMenu(label, entry) {
    const menu = this.page.locator(".monaco-menu");
    const wanted = menu.locator(".action-label", { hasText: entry }).first();
    let clicked = false;
    await waitUntil(`the menu of “${label}” takes “${entry}”`, async () => {
      // A menu closes by itself when something else takes the focus, such as an editor that was still opening.
      if (!clicked && !(await wanted.isVisible())) {
        await done(this.treeRow(label).click({ button: "right", timeout: 5000 }));
        await done(wanted.waitFor({ timeout: 5000 }));
      }
      // It ignores a click that comes right after it opened.
      clicked = (await done(wanted.click({ timeout: 1000 }))) || clicked;
      return clicked && done(menu.waitFor({ state: "hidden", timeout: 500 }));
    });
  }

  /** Opens a tree row, if it is closed. */
  async expandRow(label) {
    const row = this.treeRow(label);
    const is = (expanded) => row.and(this.page.locator(`[aria-expanded="${expanded}"]`));
    // Again where a click is lost: rows are drawn anew while they change.
    await waitUntil(`“${label}” is open`, async () => {
      if (await is("true").isVisible()) return true;
      await done(is("false").locator(".monaco-tl-twistie").click({ timeout: 5000 }));
      return done(is("true").waitFor({ timeout: 5000 }));
    });
  }

  /** Clicks a tree row, as a person who wants to see what it stands for. */
  async clickRow(label) {
    const row = this.treeRow(label);
    // Again where the click is lost or meets another row: rows are drawn anew, and move, while they change.
    await waitUntil(`“${label}” takes a click`, async () => {
      await done(row.locator(".label-name").click({ timeout: 5000 }));
      return done(row.and(this.page.locator(".selected")).waitFor({ timeout: 5000 }));
    });
  }

  /** Trusts the opened folder, through the trust editor. */
  async trustFolder() {
    await this.runCommand("Workspaces: Manage Workspace Trust");
    const editor = this.page.locator(".workspace-trust-editor");
    await editor.getByRole("button", { name: "Trust", exact: true }).click();
    await this.page.locator(".workspace-trust-editor.trusted").waitFor();
    // It lies over the whole window and keeps its keys.
    await this.page.locator('.modal-editor-part .action-label[aria-label^="Close Modal Editor"]').click();
    await editor.waitFor({ state: "hidden" });
  }

  /** Texts and buttons of the welcome content in the side bar. */
  async welcome() {
    // In one look: it may be drawn anew between two.
    return this.page.locator(".part.sidebar .welcome-view-content:visible").evaluateAll((views) => ({
      text: views.map((view) => view.innerText).join("\n"),
      buttons: views.flatMap((view) =>
        [...view.querySelectorAll(".monaco-button")].map((button) => button.innerText),
      ),
    }));
  }

  /**
   * What can be read in the pages that lie in tabs, such as a preview of Markdown, each by itself. One that was just replaced
   * may still be among them.
   */
  async webviewTexts() {
    const bodies = this.page
      .frames()
      .filter((frame) => frame.url().includes("/webview/browser/pre/"))
      .map((frame) =>
        frame
          .locator("body")
          .innerText({ timeout: 1000 })
          .catch(() => ""),
      );
    return (await Promise.all(bodies)).map((text) => text.replaceAll("\u00a0", " "));
  }

  /** Opens a walkthrough by its title. */
  async openWalkthrough(title) {
    await this.runCommand("Welcome: Open Walkthrough...");
    await this.pick(title);
    await this.page.locator(".gettingStartedContainer .getting-started-step").first().waitFor();
  }

  /** Steps of the open walkthrough; the buttons and the picture are those of the step that is open. */
  async walkthroughSteps() {
    return this.page.locator(".gettingStartedContainer .getting-started-step").evaluateAll((steps) =>
      steps.map((step) => ({
        title: step.querySelector(".step-title")?.textContent?.trim() ?? "",
        done: step.querySelector(".codicon-getting-started-step-checked.complete, .complete") !== null,
        open: step.classList.contains("expanded"),
        buttons: [...step.querySelectorAll(".button-container .monaco-button")].map(
          (button) => button.textContent?.trim() ?? "",
        ),
      })),
    );
  }

  async openWalkthroughStep(title) {
    await this.page
      .locator(".gettingStartedContainer .getting-started-step .step-title", { hasText: title })
      .first()
      .click();
  }

  /** Presses a welcome button. */
  async pressWelcome(button) {
    await this.page
      .locator(".part.sidebar .welcome-view-content .monaco-button", { hasText: button })
      .first()
      .click();
  }

  /** Items of the status bar, left to right: text, what a screen reader says, id, colour class. */
  async statusItems() {
    return this.page.locator(".part.statusbar .statusbar-item").evaluateAll((items) =>
      items.map((item) => ({
        id: item.id,
        text: (item.textContent ?? "").trim(),
        spoken: item.getAttribute("aria-label") ?? item.querySelector("a")?.getAttribute("aria-label") ?? "",
        classes: item.className,
      })),
    );
  }

  /** Waits until some status item satisfies `accept`, and returns it. */
  async waitForStatus(what, accept, timeoutMs = patienceMs) {
    let items = [];
    const probe = async () => (items = await this.statusItems()).find(accept);
    return waitUntil(`a status bar item: ${what}`, probe, timeoutMs).catch((error) => {
      const there = items.map((item) => `${item.text} (${item.spoken})`);
      throw new Error(`${error.message}; there is: ${there.join(" | ")}`);
    });
  }

  /** Rests the mouse on the worker's item in the status bar and gives its card as it is read, links included; it stays open. */
  async statusCard() {
    const card = this.page
      .locator(".workbench-hover:visible, .monaco-hover:visible")
      .filter({ hasText: "One Horizon Worker" }) // and not the word about something that the mouse came by
      .first();
    return waitUntil("the card of the status bar", async () => {
      await this.page.mouse.move(0, 0);
      await this.page.locator(statusItem).first().hover();
      return card.innerText({ timeout: 5000 }).catch(() => "");
    });
  }

  /** Follows a link of the worker's card. */
  async followCardLink(label) {
    const links = this.page.locator(".workbench-hover:visible a, .monaco-hover:visible a");
    const wanted = links.filter({ hasText: exactly(label) }).first();
    await waitUntil(`the card's “${label}”`, async () => {
      await this.statusCard();
      return done(wanted.click(briefly)); // the card may be gone again
    });
  }

  /** Clicks the worker's item in the status bar and waits for its menu. */
  async openWorkerMenu() {
    await this.page.mouse.move(0, 0); // no card above the list
    await this.page.locator(`${statusItem} a`).first().click();
    await this.page.locator(".quick-input-list .monaco-list-row").first().waitFor();
  }

  /** The open quick pick: its title, headings and rows, and whether it has a way back. */
  async quickPick() {
    const widget = this.page.locator(".quick-input-widget:visible");
    const texts = (selector) => widget.locator(selector).allInnerTexts();
    return {
      title: (await texts(".quick-input-title")).join(""),
      headings: (await texts(".quick-input-list-separator:visible")).filter((text) => text !== ""),
      // The first line of each: a row may have a second one.
      rows: await widget
        .locator(".quick-input-list .monaco-list-row")
        .evaluateAll((rows) =>
          rows.map((row) => (row.querySelector(".label-name")?.textContent ?? "").trim()),
        ),
      hasBack: (await widget.locator(".codicon-quick-input-back:visible").count()) > 0,
    };
  }

  /** Presses the arrow of a quick pick that has a way back. */
  async goBack() {
    await this.page.locator(".quick-input-widget:visible .codicon-quick-input-back").click();
  }

  /** The part of the window that the keyboard is in: editor, sidebar, statusbar …; undefined outside of all. */
  async focusedPart() {
    return this.page.evaluate(() =>
      globalThis.document.activeElement
        ?.closest(".part")
        ?.className.split(" ")
        .find((name) => name !== "part"),
    );
  }

  /** As a person who goes to another program, and comes back. */
  async lookAway(away = true) {
    await this.page.evaluate((isAway) => {
      if (isAway) globalThis.document.hasFocus = () => false;
      else delete globalThis.document.hasFocus;
      // On this the editor asks the page again.
      globalThis.document.dispatchEvent(new globalThis.Event("visibilitychange"));
    }, away);
  }

  /** Counts from now on how often the worker's item changes its colour; the result tells how often. */
  async countPulses() {
    await this.page.evaluate((selector) => {
      globalThis.pulses = 0;
      const item = globalThis.document.querySelector(selector);
      // No function of its own name: the page does not know the compiler's helper for names.
      new globalThis.MutationObserver((records) => {
        globalThis.pulses += records.filter(
          ({ oldValue, target }) =>
            (oldValue ?? "").includes("color") !== target.style.cssText.includes("color"),
        ).length;
      }).observe(item, {
        attributes: true,
        subtree: true,
        attributeFilter: ["style"],
        attributeOldValue: true,
      });
    }, statusItem);
    return () => this.page.evaluate(() => globalThis.pulses);
  }

  /** What stands in the title bar of a view: its title and what is told beside it. */
  async viewTitle(title) {
    const bar = this.page.locator(".part.sidebar .pane-header, .part.sidebar .composite.title", {
      hasText: title,
    });
    return (await bar.allInnerTexts()).join(" ");
  }

  /** What the tab in front is called; empty where none is open. */
  async activeTab() {
    const names = this.page.locator(".part.editor .tabs-container .tab.active .label-name");
    return (await names.allInnerTexts()).join();
  }

  /** Names of the editor's tabs, its headings and the text drawn in it. */
  async editorText() {
    const texts = await this.page.locator(".part.editor").allInnerTexts();
    return texts.join("\n").replaceAll("\u00a0", " "); // the editor draws spaces that do not break
  }

  /** Marks under the text of the open editor: how many of each kind. */
  async squiggles() {
    const count = (kind) => this.page.locator(`.part.editor .squiggly-${kind}`).count();
    return { errors: await count("error"), warnings: await count("warning") };
  }

  /** Hovers over a text of the open editor until what is told of it is like `wanted`; it stays open. */
  async untilToldOver(text, wanted) {
    const hover = this.page.locator(
      ".monaco-hover:visible .hover-contents, .monaco-hover:visible .hover-row",
    );
    let told = "";
    const isTold = async () => wanted.test((told = (await hover.allInnerTexts()).join("\n")));
    const probe = async () => {
      // Away first: the editor tells of a place only once while the mouse rests there.
      await this.page.mouse.move(0, 0);
      await this.page.locator(".view-line span span", { hasText: text }).first().hover();
      return done(waitUntil("it is told", isTold, briefly.timeout));
    };
    await waitUntil(`a word about “${text}”`, probe).catch((error) => {
      throw new Error(`${error.message}, like ${wanted.source}; there is: ${told}`, { cause: error });
    });
  }

  /** Sets the cursor of the open editor, "line:column", both from 1, and waits until this is offered there, before all else. */
  async untilOfferedAt(place, wanted) {
    await this.runCommand("Go to Line/Column...");
    await this.page.keyboard.insertText(place);
    await this.page.keyboard.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    const rows = this.page.locator(".suggest-widget.visible .monaco-list-row .label-name");
    let offered = [];
    const isOffered = async () => {
      offered = await rows.allInnerTexts();
      return wanted.every((one, at) => offered[at] === one);
    };
    const probe = async () => {
      if ((await rows.count()) === 0) await this.page.keyboard.press("Control+Space");
      return done(waitUntil("it is offered", isOffered, briefly.timeout));
    };
    await waitUntil(`${wanted.join(", ")} at ${place}`, probe).catch((error) => {
      throw new Error(`${error.message}; there is: ${offered.join(", ")}`, { cause: error });
    });
  }

  /** Switches the colour theme: light, dark, high-contrast, high-contrast-light. */
  async theme(name) {
    const [label, marker] = themes[name];
    await this.runCommand("Preferences: Color Theme");
    await this.page.keyboard.insertText(label);
    const focused = ".quick-input-list .monaco-list-row.focused .label-name";
    await this.page.locator(focused, { hasText: exactly(label) }).waitFor();
    await this.page.keyboard.press("Enter");
    await this.page.waitForSelector(`.monaco-workbench.${marker}`);
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  /** Before all other windows: keys reach no page behind another. */
  async front() {
    await this.page.bringToFront();
  }

  /** The folder that the window was opened on. */
  folder() {
    return new URL(this.page.url()).searchParams.get("folder");
  }

  /** Drags the sidebar's edge, so that rows are read whole. */
  async widenSidebar() {
    const box = await this.page.locator(".part.sidebar").boundingBox();
    if (!box) throw new Error("the sidebar is not visible");
    const edge = { x: box.x + box.width, y: box.y + box.height / 2 };
    await this.page.mouse.move(edge.x, edge.y);
    await this.page.mouse.down();
    await this.page.mouse.move(edge.x + 200, edge.y, { steps: 5 });
    await this.page.mouse.up();
  }

  /** Presses keys as Playwright names them, "Control+Space". */
  async press(keys) {
    await this.page.keyboard.press(keys);
  }

  /** Saves a picture of the window, or of one element of it. */
  async screenshot(path, selector) {
    await mkdir(dirname(path), { recursive: true });
    const target = selector === undefined ? this.page : this.page.locator(selector).first();
    await target.screenshot({ path, animations: "disabled" });
  }

  /** Reloads the window as a person does; secrets and state stay. */
  async reload() {
    // By the editor's command, as a person does: it writes down what is open before it goes. The browser's own reload may be
    // faster than that, and what was opened in the last minute is then not there again.
    const loaded = this.page.waitForEvent("load", { timeout: patienceMs });
    await this.runCommand("Developer: Reload Window");
    await loaded;
    await this.ready();
  }

  /** Leaves the page as a person does who closes its tab: the server is told, and ends the window's extension host. */
  async leave() {
    await this.page.goto("about:blank");
  }

  /** Closes the tab without a word to the server: the window's extension host lives on. */
  async close() {
    const others = this.page.context();
    await this.page.close({ runBeforeUnload: false });
    await others.pages().at(-1)?.bringToFront(); // as a browser does; keys reach no page behind another
  }
}

/** "Category: Title" of one of our commands, as the palette shows it in English. */
export function commandTitle(id) {
  const read = (file) => JSON.parse(readFileSync(join(projectRoot, file), "utf8"));
  const texts = read("package.nls.json");
  const command = read("package.json").contributes.commands.find((one) => one.command === id);
  if (command === undefined) throw new Error(`the manifest declares no command ${id}`);
  const text = (value) => value.replace(/^%(.+)%$/, (_all, key) => texts[key]?.message ?? texts[key] ?? key);
  return `${text(command.category)}: ${text(command.title)}`;
}

/** Whether it was done in its time. */
function done(step) {
  return step.then(
    () => true,
    () => false,
  );
}

function exactly(text) {
  return new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`);
}
