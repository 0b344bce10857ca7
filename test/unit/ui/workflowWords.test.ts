import assert from "node:assert/strict";
import { keyCard, markRange } from "../../../src/ui/workflowWords";
import { english } from "./kit";

describe("what the editor says of the workflow file", () => {
  const mark = (
    line: number,
    column: number,
    endLine: number,
    endColumn: number,
  ): ReturnType<typeof markRange> =>
    markRange({ line, column, endLine, endColumn, message: "", severity: "error" });

  it("draws a mark where it is, counted from zero", () => {
    assert.deepEqual(mark(3, 17, 3, 21), {
      start: { line: 2, character: 16 },
      end: { line: 2, character: 20 },
    });
    assert.equal(mark(2, 1, 4, 1).end.line, 3);
  });

  it("draws a mark of the whole file under its first line", () => {
    const { start, end } = mark(1, 1, 1, 1);
    assert.deepEqual(start, { line: 0, character: 0 });
    assert.ok(end.line === 0 && end.character > 1000);
    assert.equal(mark(4, 9, 4, 2).end.line, 3, "also where the end lies before the start");
  });

  const facts = { about: "The model.", expects: "a name", byDefault: "own", consent: undefined };

  it("has a card for each key, with consent only where it is needed", () => {
    assert.equal(
      keyCard("claim", facts, english),
      "**claim**\n\nThe model\\.\n\n**Takes** a name  \n**Without it** own",
    );
    assert.match(keyCard("claim", { ...facts, consent: "always" }, english), /\*\*Consent\*\* always$/);
  });

  it("makes no markup of a mode's name", () => {
    const card = keyCard("runtime.modes.[x](command:evil).<b>", facts, english);
    assert.doesNotMatch(card, /(?<!\\)[[\]()<>]/);
  });
});
