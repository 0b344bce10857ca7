import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { panelWords } from "../../../src/ui/panel/panelWords";
import { elapsedSpoken, elapsedWord } from "../../../src/ui/time";
import { Words } from "../../../src/webview/words";

const folder = join(__dirname, "../../../src/webview");
/** As the editor translates. */
const english = {
  t: (message: string, ...values: (string | number | boolean)[]): string =>
    message.replace(/\{(\d+)\}/gu, (place, index: string) => String(values[Number(index)] ?? place)),
};
const table: Readonly<Record<string, string>> = panelWords(english);

describe("the panel's words", () => {
  it("are sent with their places", () => {
    for (const [word, text] of Object.entries(table)) assert.equal(text, word);
  });

  it("are all said somewhere", () => {
    const sources = readdirSync(folder, { encoding: "utf8", recursive: true })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("\n");
    const shared = new Set(sharedWords());
    const silent = Object.keys(table).filter((word) => !shared.has(word) && !sources.includes(`"${word}"`));
    assert.deepEqual(silent, []);
  });

  it("hold those of the helpers that the views share", () => {
    assert.deepEqual(
      sharedWords().filter((word) => table[word] === undefined),
      [],
    );
  });

  it("are said in the person's language, with the numbers and times of their place", () => {
    const words = new Words();
    assert.equal(words.say("{0} / {1}", 3, 5), "3 / 5");
    words.use({ "{0} / {1}": "{1} von {0}" }, "de");
    assert.equal(words.say("{0} / {1}", 3, 5), "5 von 3");
    assert.equal(words.say("Plan"), "Plan");
    assert.equal(words.number(12_345), "12.345");
    assert.equal(words.seconds(8_240), "8,2s");
    assert.equal(words.percent(0.31), "31\u00a0%");
  });

  it("are English in a place that there is not", () => {
    const words = new Words();
    words.use({}, "no such place!");
    assert.equal(words.number(12_345), "12,345");
  });
});

/** What `ui/time.ts` says, found out by letting it speak. */
function sharedWords(): readonly string[] {
  const said = new Set<string>();
  const listener = {
    t: (message: string): string => {
      said.add(message);
      return message;
    },
  };
  const second = 1_000;
  for (const unit of [second, 60 * second, 3_600 * second, 3_660 * second, 86_400 * second]) {
    for (const count of [1, 2]) {
      elapsedWord(unit * count, listener);
      elapsedSpoken(unit * count, listener);
    }
  }
  elapsedSpoken(3_600 * second + 120 * second, listener);
  elapsedSpoken(7_200 * second + 60 * second, listener);
  return [...said];
}
