// The sessions view beyond its rows: selection, cards, the words above the rows.
import { waitUntil } from "../../../scripts/processes.mjs";

export class TreePage {
  #page;
  #rowOf;

  /** @param rowOf the drawn row with a label. */
  constructor(page, rowOf) {
    this.#page = page;
    this.#rowOf = rowOf;
  }

  /** Labels of the rows that are selected and drawn. */
  async selected() {
    return this.#page.locator(".part.sidebar .monaco-list-row.selected .label-name").allInnerTexts();
  }

  /** Types into the tree's own search; the keyboard must be in the tree. */
  async find(text) {
    const box = this.#page.locator(".part.sidebar .monaco-tree-type-filter:not(.disabled) input");
    await waitUntil("the tree's search takes words", async () => {
      await this.#page.keyboard.press("Control+Alt+F");
      return box.fill(text, { timeout: 5000 }).then(
        () => true,
        () => false,
      );
    });
  }

  /** What the tree's own search marks in labels. */
  async found() {
    return this.#page.locator(".part.sidebar .monaco-list-row .highlight").allInnerTexts();
  }

  async endFind() {
    const box = this.#page.locator(".part.sidebar .monaco-tree-type-filter:not(.disabled)");
    await waitUntil("the search is closed", async () => {
      await this.#page.keyboard.press("Escape");
      return (await this.found()).length === 0;
    });
    await box.waitFor({ state: "hidden" });
  }

  /** Selects a row beside those that are selected. */
  async selectAlso(label) {
    const row = this.#rowOf(label);
    await waitUntil(`“${label}” is selected too`, async () => {
      if (await row.and(this.#page.locator(".selected")).isVisible()) return true;
      const click = row.locator(".label-name").click({ modifiers: ["Control"], timeout: 5000 });
      await click.catch(() => undefined); // again where it is lost: the row may be drawn anew meanwhile
      return false;
    });
  }

  /** What stands above the rows; empty without a message. */
  async message() {
    const message = this.#page.locator(".part.sidebar .tree-explorer-viewlet-tree-view > .message");
    return (await message.allInnerTexts()).join("\n").trim();
  }

  /** What the card says that comes when the mouse rests on a row, once it says `word`. */
  async card(label, word) {
    const card = this.#page.locator(".monaco-hover:visible").filter({ hasText: word }).first();
    return waitUntil(`a card at “${label}” with “${word}”`, async () => {
      // Away first: a card comes only once while the mouse rests there, and goes when its row is drawn anew.
      await this.#page.mouse.move(0, 0);
      await this.#rowOf(label).hover();
      return card.innerText({ timeout: 5000 }).catch(() => "");
    });
  }

  /** Types into whatever has the keyboard. */
  async type(text) {
    await this.#page.keyboard.insertText(text);
  }
}
