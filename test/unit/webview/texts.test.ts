import assert from "node:assert/strict";
import { plainOutput } from "../../../src/webview/text/output";
import { tame, tameLine } from "../../../src/webview/text/tame";

describe("texts on the panel", () => {
  it("lose what is not seen and what reorders them", () => {
    assert.equal(tame("a\u202eb\u2066c\u200bd\u00ade\ufefff\u0007g\u{d800}h"), "abcdefgh");
    assert.equal(tame("one\r\ntwo\tthree"), "one\ntwo\tthree");
  });

  it("keep letters of every script, and joined emoji", () => {
    const kept = "Ürün שלום नमस्ते 👩\u200d💻";
    assert.equal(tame(kept), kept);
  });

  it("go on one line where there is one", () => {
    assert.equal(tameLine("  a\n\n b\u2028c\t d "), "a b c d");
  });
});

describe("what a command printed", () => {
  it("loses its colours, titles and links", () => {
    const printed =
      "\u001b[1;31mfailed\u001b[0m \u001b]0;title\u0007ok \u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\ \u001b(B\u001b7.";
    assert.equal(plainOutput(printed), "failed ok link .");
  });

  it("shows of a line that was written over its last state", () => {
    assert.equal(plainOutput("10 %\r50 %\r100 %\ndone\r\nnext\r"), "100 %\ndone\nnext");
  });

  it("has no empty lines around it", () => {
    assert.equal(plainOutput("\n\n  a\n\nb  \n\n"), "  a\n\nb");
    assert.equal(plainOutput(" \n\u001b[0m\n"), "");
  });
});
