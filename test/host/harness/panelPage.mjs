// The page of a session's panel, as a person uses it: two frames down in the editor, looked for anew each time since the editor makes
// another one whenever the panel comes to the front.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hostToolsFolder } from "../../../scripts/hostTools.mjs";
import { waitUntil } from "../../../scripts/processes.mjs";

/** A page that is made anew takes long where many programs want the processor. */
const patienceMs = 180_000;

export class PanelPage {
  #page;

  constructor(page) {
    this.#page = page;
  }

  /** What can be read on it; empty while there is none. */
  async text() {
    const texts = await this.#inside().locator("body").allInnerTexts();
    return texts.join("\n").replaceAll("\u00a0", " ");
  }

  /** Resolves with the text once it is so. */
  async waitForText(what, accept, timeoutMs = patienceMs) {
    let text = "";
    const probe = async () => accept((text = await this.text().catch(() => ""))) && text;
    return waitUntil(`the panel shows ${what}`, probe, timeoutMs).catch(async (error) => {
      throw new Error(`${error.message}; it shows: ${text}; ${await this.#surroundings()}`, { cause: error });
    });
  }

  /** Presses a button by its name. */
  async press(name) {
    await this.#inside().getByRole("button", { name, exact: true }).first().click();
  }

  /** Names of the buttons that can be seen. */
  async buttons() {
    const buttons = this.#inside().locator("button:visible, vscode-button:visible");
    return (await buttons.allInnerTexts()).map((one) => one.trim()).filter((one) => one !== "");
  }

  /** Writes into the box. */
  async write(text) {
    await this.#inside().getByRole("textbox").fill(text);
  }

  /** What the keyboard is in: the text, label or kind of the element; undefined while it is not in the panel. */
  async focused() {
    const frame = await this.#frame();
    return frame.evaluate(() => {
      const { document } = globalThis;
      if (!document.hasFocus()) return undefined;
      let element = document.activeElement;
      const hosts = [];
      while (element?.shadowRoot?.activeElement) {
        hosts.push(element);
        element = element.shadowRoot.activeElement;
      }
      if (!element || element === document.body) return undefined;
      const named = [element, ...hosts].map(
        (one) => (one.innerText ?? "").trim() || one.getAttribute("aria-label"),
      );
      return named.find((one) => one) ?? element.tagName.toLowerCase();
    });
  }

  /** What axe-core finds wrong with it, one line each; empty where all is well. */
  async axe() {
    const source = await readFile(join(hostToolsFolder, "node_modules", "axe-core", "axe.min.js"), "utf8");
    const frame = await this.#frame();
    // Not by a script element: the page's own policy rightly refuses one.
    await frame.evaluate(source);
    return frame.evaluate(async () => {
      const { violations } = await globalThis.axe.run(globalThis.document, { resultTypes: ["violations"] });
      return violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
      );
    });
  }

  /** What else says why there is no panel: the editor's tabs, and each frame with the beginning of its text. */
  async #surroundings() {
    const tabs = await this.#page.locator(".tabs-container .tab .label-name").allInnerTexts();
    const frames = this.#page.frames().map(async (frame) => {
      const text = await frame.evaluate(() => globalThis.document.body.innerText).catch(String);
      return `${new URL(frame.url(), "about:blank").pathname}: ${text.slice(0, 80)}`;
    });
    return `tabs: ${tabs.join(", ")}; frames: ${(await Promise.all(frames.slice(1))).join(" | ")}`;
  }

  #inside() {
    return this.#page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
  }

  async #frame() {
    const body = await this.#inside().locator("body").elementHandle();
    const frame = await body?.ownerFrame();
    if (!frame) throw new Error("there is no panel");
    return frame;
  }
}
