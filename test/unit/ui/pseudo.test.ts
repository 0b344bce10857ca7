import assert from "node:assert/strict";
import { checkGroups } from "../../../src/core/diagnostics";
import { reportMarkdown } from "../../../src/ui/diagnosticsModel";
import type { L10n } from "../../../src/ui/l10n";
import { panelWords } from "../../../src/ui/panel/panelWords";
import { sessionTree } from "../../../src/ui/sessionTreeModel";
import { statusFace } from "../../../src/ui/statusBarModel";
import type { Row } from "../../../src/ui/treeRow";
import { pseudo, rawWords } from "../../fakes/pseudo";
import { aFullSession, allPhases, allWorkerPhases, aState, english, noon } from "./kit";

const foreign: L10n = { t: (message, ...args) => english.t(pseudo(message), ...args) };
/** What comes from elsewhere: names, titles, ids, sentences that the worker's core made. */
const data = [
  "Add CSV export",
  "one-horizon/add-csv-export-7f3a",
  "https://onehorizon.ai/s/1",
  "Builder",
  "Acme",
  "No repository here.",
  "The platform refused the worker.",
  "/home/ada/.one/worktrees/add csv",
  "0199-thread",
  "add csv",
];
const unescaped = (text: string): string => text.replace(/\\([!-/:-@[-`{-~])/gu, "$1");

describe("the texts in a language that nobody speaks", () => {
  it("are readable, with their values, icons and links as they are", () => {
    assert.equal(pseudo("{0} of {1} busy"), "⟦{0} öƒ {1} ƀûšý⟧");
    assert.equal(pseudo("Run `x y` $(check)"), "⟦Řûñ `x y` $(check)⟧");
    assert.equal(pseudo("[Sign In](command:a.b)"), "⟦[Šîĝñ Îñ](command:a.b)⟧");
    assert.deepEqual(rawWords("⟦Šîĝñ Îñ⟧ Raw text 12 ok", ["text"]), ["Raw"]);
  });

  for (const phase of allWorkerPhases) {
    it(`leave no raw word in the status bar: ${phase.kind}`, () => {
      const state = aState({ phase, agentName: "Builder", workspaceName: "Acme", workerName: "Builder" });
      const face = statusFace(state, { now: noon, sandbox: false }, foreign);
      for (const text of [face.text, face.tooltip, face.spoken]) {
        assert.deepEqual(rawWords(unescaped(text), data), [], text);
      }
    });
  }

  for (const phase of allPhases) {
    it(`leave no raw word in a session's row: ${phase}`, () => {
      const session = aFullSession({ phase, claimable: true, endedAt: noon, leaseEndsAt: noon + 60_000 });
      const texts = (row: Row): readonly string[] => [
        ...[row.label, row.description, row.tooltip, row.spoken],
        ...row.children.flatMap(texts),
      ];
      for (const text of sessionTree(aState({}, session), noon, foreign).flatMap(texts)) {
        assert.deepEqual(rawWords(unescaped(text), data), [], text);
      }
    });
  }

  it("leave no raw word in the session's panel", () => {
    for (const [name, word] of Object.entries(panelWords(foreign))) {
      assert.deepEqual(rawWords(word), [], name);
    }
  });

  it("leave no raw word of the page of diagnostics itself", () => {
    const row = { id: "x", name: "Acme", expected: "Acme", found: "Acme", advice: "Acme", tookMs: 3 };
    const verdicts = ["passed", "attention", "failed", "notTried"] as const;
    const rows = checkGroups.flatMap((group) => verdicts.map((verdict) => ({ ...row, group, verdict })));
    const text = reportMarkdown({ at: noon, facts: [], rows }, foreign);
    assert.deepEqual(rawWords(unescaped(text), [...data, "T12:00:00.000Z"]), []);
  });
});
