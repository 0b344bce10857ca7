import assert from "node:assert/strict";
import type { OpenQuestion } from "../../../src/core/ports/person";
import type { WorkerState } from "../../../src/core/state";
import { commandIds, internalCommandIds } from "../../../src/ui/commandIds";
import type { MenuEntry, MenuSection } from "../../../src/ui/menuEntry";
import { sessionMenu } from "../../../src/ui/sessionMenuModel";
import { workerMenu } from "../../../src/ui/workerMenuModel";
import { aFullSession, aSession, allPhases, allWorkerPhases, aState, english, noon } from "./kit";

const does = ({ does: deed }: MenuEntry): string =>
  deed.kind === "open" ? `open ${deed.sessionId}` : deed.command.replace("oneHorizon.", "");
const menu = (state: WorkerState, sandbox = false): readonly MenuSection[] =>
  workerMenu(state, { now: noon, sandbox }, english);
const under = (sections: readonly MenuSection[], title: string): readonly string[] =>
  sections.find((one) => one.title === title)?.entries.map(does) ?? [];

const question: OpenQuestion = {
  questionId: "q1",
  askedAt: noon,
  about: "command",
  what: "npm install",
  where: undefined,
  why: undefined,
  forSession: false,
  parts: [],
};
const asks = aSession({ sessionId: "w", phase: "awaitingInput", questions: [question] });
const queued = aSession({ sessionId: "q", phase: "listed", claimable: true });

describe("worker menu", () => {
  const cases: Readonly<Record<WorkerState["phase"]["kind"], readonly string[]>> = {
    signedOut: ["auth.signIn", "sandbox.start"],
    notConfigured: ["worker.configure", "auth.signOut", "sandbox.start"],
    untrusted: ["workbench.trust.manage"],
    noRepository: ["workbench.action.files.openFolder"],
    stopped: ["worker.start", "worker.configure", "auth.signOut", "sandbox.start"],
    otherWindow: ["worker.stop", "auth.signOut"],
    starting: ["worker.stop", "auth.signOut"],
    online: ["worker.pause", "worker.stop", "worker.restart", "worker.configure", "auth.signOut"],
    paused: ["worker.resume", "worker.stop", "worker.restart", "worker.configure", "auth.signOut"],
    stopping: ["auth.signOut"],
    rejected: ["worker.start", "worker.configure", "auth.signOut", "sandbox.start"],
  };
  for (const phase of allWorkerPhases) {
    it(`offers what ${phase.kind} allows`, () => {
      assert.deepEqual(under(menu(aState({ phase })), "Worker"), cases[phase.kind]);
    });
    it(`always offers the way out of the sandbox in ${phase.kind}, where a worker may run`, () => {
      const offered = under(menu(aState({ phase }), true), "Worker").includes("sandbox.stop");
      assert.equal(offered, !["untrusted", "noRepository", "otherWindow"].includes(phase.kind));
    });
  }

  it("puts what needs somebody before all else, with the answer as what it does", () => {
    const [first] = menu(aState({}, aSession(), asks, queued));
    assert.equal(first?.title, "Needs you");
    assert.deepEqual(first.entries, [
      {
        icon: "shield",
        label: "Add CSV export",
        detail: "wants to run: npm install",
        does: {
          kind: "run",
          command: "oneHorizon.session.answer",
          given: { sessionId: "w", questionId: "q1" },
        },
      },
    ]);
  });

  it("leads to the platform where only that can be answered", () => {
    const external = aSession({ phase: "awaitingInput", detail: "Which?", externalUrl: "https://x.test" });
    assert.deepEqual(under(menu(aState({}, external)), "Needs you"), ["session.openUrl"]);
    assert.deepEqual(under(menu(aState({}, { ...external, externalUrl: undefined })), "Needs you"), [
      "session.show",
    ]);
  });

  it("opens a page for each session that runs, and offers what sessions allow", () => {
    const sections = menu(aState({}, aFullSession({ sessionId: "r" }), queued));
    assert.deepEqual(under(sections, "Sessions"), [
      "open r",
      "session.claim",
      "session.release",
      "session.showChanges",
    ]);
    assert.deepEqual(under(menu(aState({ phase: { kind: "paused" } }, queued)), "Sessions"), []);
  });

  it("names known commands only, in every state, and no section without an entry", () => {
    const known = [
      ...[...commandIds, ...internalCommandIds].map((id) => id.replace("oneHorizon.", "")),
      ...["sessions.focus", "workbench.trust.manage", "workbench.action.files.openFolder"],
    ];
    for (const phase of allWorkerPhases) {
      for (const session of allPhases.map((one) => aFullSession({ phase: one, claimable: true }))) {
        const state = aState({ phase }, session);
        const pages = [menu(state), menu(state, true), sessionMenu(session, state, english)];
        for (const section of pages.flat()) {
          assert.ok(section.entries.length > 0);
          for (const one of section.entries.map(does)) {
            assert.ok(one.startsWith("open ") || known.includes(one), one);
          }
        }
      }
    }
  });

  it("has a page of a session with what can be done with it now, about this one", () => {
    const running = aFullSession({ sessionId: "r" });
    const page = sessionMenu(running, aState(), english);
    assert.deepEqual(under(page, "Look"), [
      "session.show",
      "session.showChanges",
      "session.openWorktree",
      "session.openUrl",
    ]);
    assert.deepEqual(under(page, "Act"), ["session.release", "session.fail", "session.delegate"]);
    for (const { does: deed } of page.flatMap((one) => one.entries)) {
      assert.ok(deed.kind === "run");
      assert.deepEqual(deed.given, { sessionId: "r" });
    }
  });
});
