import assert from "node:assert/strict";
import { isPanelVerb, panelButtons } from "../../../../src/ui/panel/panelButtons";
import { panelInput, panelQuestions } from "../../../../src/ui/panel/panelQuestions";
import { sessionAbilities } from "../../../../src/ui/sessionAbilities";
import type { SessionView } from "../../../../src/core/state";
import { aFullSession, aSession, aState, english } from "../kit";
import { manifest, words } from "../manifest";
import { aCommand, aQuestion } from "./kit";

function buttons(session: SessionView): { readonly shown: string; readonly more: string } {
  const found = panelButtons(session, aState(), english);
  const name = (one: (typeof found.buttons)[number]): string => `${one.primary ? "*" : ""}${one.verb}`;
  return { shown: found.buttons.map(name).join(" "), more: found.more.map(name).join(" ") };
}

describe("the panel's buttons", () => {
  const rows: readonly (readonly [Partial<SessionView>, string])[] = [
    [{ phase: "running" }, "*showChanges openWorktree release"],
    [{ phase: "awaitingInput", questions: [aCommand()] }, "showChanges openWorktree release"],
    [{ phase: "complete" }, "*showChanges publishBranch openWorktree openUrl"],
    [{ phase: "failed", claimable: true }, "*claim openLog showChanges openWorktree"],
    [{ phase: "failed" }, "*openLog showChanges openWorktree"],
    [{ phase: "claimLost" }, "*showChanges openWorktree openLog"],
    [{ phase: "elsewhere" }, "*openUrl"],
  ];
  for (const [over, expected] of rows) {
    it(`of a ${over.phase ?? ""} session are ${expected}`, () => {
      assert.equal(buttons(aFullSession(over)).shown, expected);
    });
  }

  it("leave the rest to More, each verb once", () => {
    assert.deepEqual(buttons(aSession({ phase: "listed", claimable: true })), {
      shown: "*claim",
      more: "openLog copyId",
    });
    const session = aFullSession();
    const { buttons: shown, more } = panelButtons(session, aState(), english);
    assert.deepEqual(
      [...shown, ...more].map((one) => one.verb).sort(),
      sessionAbilities(session, aState()).filter(isPanelVerb).sort(),
    );
    assert.ok(more.some((one) => one.verb === "fail"));
  });

  it("never name a verb that answers, or the panel itself", () => {
    for (const verb of ["resume", "approve", "approveForSession", "deny", "answer", "show"] as const) {
      assert.equal(isPanelVerb(verb), false);
    }
  });

  it("look and are called as in the menus of the tree", () => {
    const short = (verb: string): string | undefined =>
      words[`command.session.${verb}.short`] ?? words[`command.session.${verb}`];
    const states = [aFullSession(), aFullSession({ phase: "failed", claimable: true })];
    for (const state of states) {
      const { buttons: shown, more } = panelButtons(state, aState(), english);
      for (const one of [...shown, ...more]) {
        const declared = manifest.contributes.commands.find(
          (command) => command.command === `oneHorizon.session.${one.verb}`,
        );
        assert.equal(`$(${one.icon})`, declared?.icon);
        assert.equal(one.label, short(one.verb));
      }
    }
  });
});

describe("the panel's questions", () => {
  const asking = (...questions: SessionView["questions"]): SessionView =>
    aSession({ phase: "awaitingInput", questions });

  it("show what is to be approved word for word, and what cannot be seen as an escape", () => {
    const what = 'rm -rf "$HOME/a"\n\t&& echo \u202Etxt.exe\u200b\u0007  two  spaces';
    const [question] = panelQuestions(asking(aCommand({ what, where: "src", why: "To tidy\nup" })), english);
    assert.equal(
      question?.command,
      'rm -rf "$HOME/a"\n\t&& echo \\u{202e}txt.exe\\u{200b}\\u{7}  two  spaces',
    );
    assert.equal(question.text, "Run this command?\nIn: src\nWhy: To tidy\nup");
    const labels = question.options.map((one) => one.label);
    assert.deepEqual(labels, ["Approve", "Deny"]);
  });

  it("can be approved for the session where the tool keeps that", () => {
    const [question] = panelQuestions(asking(aCommand({ forSession: true, about: "fileChange" })), english);
    assert.deepEqual(
      question?.options.map((one) => one.label),
      ["Approve", "Approve for Session", "Deny"],
    );
    assert.equal(question.text, "Change these files?");
  });

  it("offer each answer as a click", () => {
    const [question] = panelQuestions(asking(aQuestion()), english);
    assert.deepEqual(question, {
      questionId: "q1",
      text: "Which tone?",
      command: undefined,
      options: [
        { label: "Plain", answer: { kind: "option", text: "Plain" } },
        { label: "Friendly", answer: { kind: "option", text: "Friendly" } },
        { label: "Do Not Answer", answer: { kind: "verb", verb: "deny" } },
      ],
    });
  });

  it("ask for several parts, or a secret, in the editor's own boxes", () => {
    const part = { text: "Which?", options: ["a"], secret: false };
    for (const parts of [[part, part], [{ ...part, secret: true }]]) {
      const session = asking(aQuestion({ parts }));
      const [question] = panelQuestions(session, english);
      assert.deepEqual(
        question?.options.map((one) => one.answer),
        [
          { kind: "verb", verb: "answer" },
          { kind: "verb", verb: "deny" },
        ],
      );
      assert.equal(panelInput(session, english), undefined);
    }
  });

  it("take words in the box, which says what they do", () => {
    const box = (...questions: SessionView["questions"]): string | undefined =>
      panelInput(asking(...questions), english)?.placeholder;
    assert.equal(box(), undefined);
    assert.equal(box(aQuestion()), "Your answer…");
    assert.equal(box(aQuestion(), aCommand({ questionId: "q2" })), "Your answer to the first question…");
    assert.equal(box(aCommand(), aQuestion({ questionId: "q2" })), "Deny it, and say what to do instead…");
    assert.equal(panelInput(asking(aCommand()), english)?.questionId, "q1");
  });
});
