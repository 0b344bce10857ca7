import assert from "node:assert/strict";
import type { SessionPhase, WorkerPhase } from "../../../src/core/state";
import type { RunView } from "../../../src/core/runView";
import { sessionVerbs } from "../../../src/ui/commandIds";
import { isPossible, sessionAbilities } from "../../../src/ui/sessionAbilities";
import { whyNot } from "../../../src/ui/whyNot";
import { aFullSession, aRun, aSession, allPhases, aState, english } from "./kit";

describe("session abilities", () => {
  const always = ["show", "openLog", "copyId"];
  const work = ["showChanges", "showFile", "openFile", "compare", "copyPatch", "openWorktree", "openUrl"];
  const held = ["release", "fail"];
  const rest = ["publishBranch", "openThread", "archive", "checkOut"];
  const atRest = [...rest, "revertFile"];
  const byPhase: Readonly<Record<SessionPhase, readonly string[]>> = {
    listed: [...work, ...always, "openThread"],
    claiming: [...held, ...work, ...always],
    preparing: [...held, ...work, ...always],
    running: [...held, "delegate", ...work, ...always],
    finishing: [...work, ...always],
    awaitingInput: [...held, ...work, ...always],
    interrupted: [...rest, ...work, ...always],
    complete: [...atRest, ...work, ...always],
    failed: [...atRest, ...work, ...always],
    cancelled: [...atRest, ...work, ...always],
    released: [...atRest, ...work, ...always],
    claimLost: [...atRest, ...work, ...always],
    elsewhere: [...rest, ...work, ...always],
  };
  for (const phase of allPhases) {
    it(`of a ${phase} session with everything`, () => {
      assert.deepEqual(
        [...sessionAbilities(aFullSession({ phase }), aState())].sort(),
        [...byPhase[phase]].sort(),
      );
    });
  }

  it("include its thread only where the tool that keeps it does not run what the model left", () => {
    const can = (provider?: string): boolean =>
      isPossible("openThread", aFullSession({ phase: "complete", provider }), aState());
    const known = [undefined, "codex", "codex-acp", "claude-code"];
    assert.deepEqual(known.map(can), [true, true, true, true]);
    for (const provider of ["gemini", "opencode", "cursor", "acp", "unheard-of"]) {
      assert.equal(can(provider), false, provider);
      const session = aFullSession({ phase: "complete", title: "Fix", provider });
      const words = whyNot("openThread", session, aState(), english);
      assert.match(words, /The thread of “Fix” is kept by .+, which would run what the model left/);
    }
  });

  it("of a session with nothing are few", () => {
    assert.deepEqual(sessionAbilities(aSession({ phase: "complete" }), aState()), [
      "show",
      "openLog",
      "copyId",
      "archive",
    ]);
  });

  it("include a claim only where the platform offers it and the worker is online", () => {
    const can = (phase: SessionPhase, claimable: boolean, worker: WorkerPhase): boolean =>
      isPossible("claim", aSession({ phase, claimable }), aState({ phase: worker }));
    const phases = allPhases.filter((phase) => can(phase, true, { kind: "online" }));
    assert.deepEqual(phases, [
      "listed",
      "interrupted",
      "complete",
      "failed",
      "cancelled",
      "released",
      "claimLost",
      "elsewhere",
    ]);
    assert.equal(can("listed", false, { kind: "online" }), false);
    assert.equal(can("listed", true, { kind: "paused" }), false);
    assert.equal(can("listed", true, { kind: "stopped" }), false);
  });

  it("publish of a run's sessions only what is theirs and not on the remote yet", () => {
    const can = (run: Partial<RunView>): boolean =>
      isPossible("publishBranch", aFullSession({ phase: "failed", workflow: aRun(run) }), aState());
    const why = (run: Partial<RunView>): string =>
      whyNot("publishBranch", aFullSession({ phase: "failed", workflow: aRun(run) }), aState(), english);
    assert.equal(can({}), true);
    assert.equal(can({ push: "pushed" }), false);
    assert.match(why({ push: "confirmed" }), /“Add CSV export” is on the remote already\.$/);
    assert.equal(can({ mode: "review" }), false);
    assert.match(why({ mode: "review" }), /only reads its run's branch/);
  });

  it("come with a reason where they are missing", () => {
    const stopped = aState({ phase: { kind: "stopped" } });
    assert.match(
      whyNot("claim", aSession({ phase: "listed", claimable: true }), stopped, english),
      /Start or resume/,
    );
    for (const verb of sessionVerbs) {
      assert.match(whyNot(verb, aSession(), aState(), english), /“Add CSV export”.*\.$/);
    }
  });
});
