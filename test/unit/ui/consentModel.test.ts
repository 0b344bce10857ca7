import assert from "node:assert/strict";
import { wishList } from "../../../src/ui/consentModel";

/** What a notification of the editor shows of a message at most. */
const shownLength = 1_000;

describe("what a person is asked to allow", () => {
  it("is told whole where there is room, so that the end of a command is not hidden", () => {
    const command = `Runs the command "codex" ${'"--quiet" '.repeat(40)}"--config" "sandbox_mode=none"`;
    assert.ok(wishList([command]).endsWith('"sandbox_mode=none"'));
  });

  it("is cut visibly where there is none, and leaves room for the question", () => {
    const wishes = Array.from({ length: 9 }, (_, index) => `${index} ${"x".repeat(2_000)}`);
    const list = wishList(wishes);
    assert.ok(list.length < shownLength - 80);
    assert.equal(list.split("…").length, 10);
    assert.ok(wishList(["y".repeat(2_000)]).length < shownLength - 80);
  });

  it("holds no link", () => {
    assert.doesNotMatch(wishList(["a [b](command:c) d"]), /\]\(/);
  });
});
