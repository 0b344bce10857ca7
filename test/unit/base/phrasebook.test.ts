import assert from "node:assert/strict";
import { Phrasebook } from "../../../src/base/phrasebook";
import { asWritten, say, translateBy, translated } from "../../../src/base/words";
import { pseudo } from "../../fakes/pseudo";

const inPseudo = (message: string, ...values: (string | number | boolean)[]): string =>
  asWritten(pseudo(message), ...values);

describe("Phrasebook", () => {
  const book = (...templates: string[]): Phrasebook => new Phrasebook(templates, inPseudo);

  it("recognises a text whose values are filled in", () => {
    const { translated: read } = bound(book("The branch {0} is not on {1}.", "Nothing was changed."));
    assert.equal(read("Nothing was changed."), pseudo("Nothing was changed."));
    assert.equal(
      read("The branch a/b is not on origin."),
      asWritten(pseudo("The branch {0} is not on {1}."), "a/b", "origin"),
    );
  });

  it("leaves alone what it does not know, and what is cut or hidden", () => {
    const { translated: read } = bound(
      book("The branch {0} is gone.", "gone", "{0}: {1}", "{0}{1} and others"),
    );
    for (const text of ["", "Somebody else's words", "The branch x is go…", "name: value", "x and others"]) {
      assert.equal(read(text), text);
    }
  });

  it("takes the text that says most, whatever the order", () => {
    const templates = ["It failed: {0}", "It failed: the disk {0} is full."];
    for (const order of [templates, templates.toReversed()]) {
      assert.equal(
        bound(book(...order)).translated("It failed: the disk /a is full."),
        asWritten(pseudo("It failed: the disk {0} is full."), "/a"),
      );
    }
  });

  it("reads values that are texts themselves, but no single word among them", () => {
    const { translated: read } = bound(book("It failed, since {0}.", "the disk is full", "full"));
    assert.equal(
      read("It failed, since the disk is full."),
      asWritten(pseudo("It failed, since {0}."), pseudo("the disk is full")),
    );
    assert.equal(read("It failed, since full."), asWritten(pseudo("It failed, since {0}."), "full"));
  });

  it("reads sentences after each other, and halves at a colon", () => {
    const { translated: read } = bound(
      book(
        "The file {0} is kept. Look at it.",
        "Nothing was made.",
        "It was not sent",
        "the platform is away",
      ),
    );
    assert.equal(
      read("Nothing was made. The file a. b.txt is kept. Look at it. fatal: no"),
      `${pseudo("Nothing was made.")} ${asWritten(pseudo("The file {0} is kept. Look at it."), "a. b.txt")} fatal: no`,
    );
    assert.equal(
      read("It was not sent: the platform is away. Nothing was made."),
      `${pseudo("It was not sent")}: ${pseudo("the platform is away")}. ${pseudo("Nothing was made.")}`,
    );
  });

  it("reads a clause that became a sentence", () => {
    const { translated: read } = bound(book("Codex is not signed in", "Nothing was changed."));
    assert.equal(
      read("Codex is not signed in. Nothing was changed."),
      `${pseudo("Codex is not signed in")}. ${pseudo("Nothing was changed.")}`,
    );
  });

  it("gives each value its own place, also where a text names one twice or in another order", () => {
    const { translated: read } = bound(book("{1} took {0} from {1}"));
    assert.equal(
      read("ann took a ball from ann"),
      asWritten(pseudo("{1} took {0} from {1}"), "a ball", "ann"),
    );
    assert.equal(read("ann took a ball from bob"), "ann took a ball from bob");
  });

  it("is done with a long text at once", () => {
    const text = `the ${"a the ".repeat(20_000)}`;
    assert.equal(bound(book("the {0} the {1} the {2} the {3} end of it")).translated(text), text);
  });
});

describe("texts below the views", () => {
  it("are as they are written until somebody says how to translate them, and again after", () => {
    const texts = { "The disk {0} is full.": "any" };
    const end = translateBy(inPseudo, texts);
    try {
      assert.equal(say("It works."), pseudo("It works."));
      assert.equal(asWritten("The disk {0} is full.", "/a"), "The disk /a is full.");
      assert.equal(translated("The disk /a is full."), asWritten(pseudo("The disk {0} is full."), "/a"));
    } finally {
      end();
    }
    assert.equal(say("It works."), "It works.");
    assert.equal(translated("The disk /a is full."), "The disk /a is full.");
  });
});

function bound(book: Phrasebook): { readonly translated: (text: string) => string } {
  return { translated: (text) => book.translated(text) };
}
