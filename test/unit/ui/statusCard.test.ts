import assert from "node:assert/strict";
import type { BeatMark } from "../../../src/core/beatHistory";
import { mirrored } from "../../../src/core/mirror";
import type { WorkerState } from "../../../src/core/state";
import { commandIds, internalCommandIds } from "../../../src/ui/commandIds";
import { statusFace } from "../../../src/ui/statusBarModel";
import { cardCommands } from "../../../src/ui/statusCard";
import { aSession, allWorkerPhases, aState, english, minuteMs, noon } from "./kit";

const card = (state: WorkerState, now = noon, sandbox = false): string =>
  statusFace(state, { now, sandbox }, english).tooltip;
const beats: readonly BeatMark[] = [
  { at: noon - 33_000, kind: "accepted" },
  { at: noon - 23_000, kind: "failed" },
  { at: noon - 13_000, kind: "late" },
  { at: noon - 3_000, kind: "accepted" },
];
const fault = { reason: "notFound", message: "Codex was not found.", since: noon };
const online = (over: Partial<WorkerState> = {}): WorkerState =>
  aState(over, aSession({ sessionId: "a" }), aSession({ sessionId: "b", phase: "finishing" }));
const linked = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(command:([^)]*)\)/g)].map(([, command = ""]) => command);

describe("the card of the status bar", () => {
  it("says once what fails when heartbeats do", () => {
    const text = card(online({ lastBeatError: "heartbeat: the platform could not be reached" }));
    assert.ok(text.includes("**Heartbeats fail** the platform could not be reached"), text);
  });

  it("tells the state, the beats, the facts and what can be done", () => {
    const state = online({
      agentName: "Fixer*",
      nextPollAt: noon + 12_000,
      lastPollAt: noon - 18_000,
      beats,
    });
    assert.equal(
      card(state, noon, true),
      [
        "**One Horizon Worker\\: online\\, 2 of 3 slots busy**",
        "",
        `\`${"▁".repeat(25)}▇×▄▇▇\`  `,
        "Heartbeats of the last 5 minutes\\: 2 accepted\\, 1 late \\(▄\\)\\, 1 failed \\(×\\)",
        "",
        "**Platform** the sandbox on this machine  ",
        "**Agent** Fixer\\*  ",
        "**Runs in** this window  ",
        "**Slots** 2 of 3 busy  ",
        "**Last heartbeat** just now  ",
        "**Last poll** 10s ago  ",
        "**Next poll** in 10s",
        "",
        "[Pause worker](command:oneHorizon.worker.pause) · [All actions](command:oneHorizon.worker.menu)",
      ].join("\n"),
    );
  });

  it("tells a fault in full, and offers what mends it first", () => {
    const broken = card(online({ fault }));
    assert.match(broken, /\*\*Not claiming\*\* Codex was not found\\\./);
    assert.deepEqual(linked(broken), [
      "oneHorizon.diagnostics.check",
      "oneHorizon.worker.pause",
      "oneHorizon.worker.menu",
    ]);
    const workflow = card(online({ fault: { ...fault, reason: "workflow" } }));
    assert.equal(linked(workflow)[0], "oneHorizon.workflow.open");
  });

  it("says whose lock it is", () => {
    assert.match(card(online()), /\*\*Runs in\*\* this window/);
    assert.match(card(mirrored(online())), /\*\*Runs in\*\* another window of this folder/);
    assert.doesNotMatch(card(aState({ phase: { kind: "stopped" } })), /Runs in|Slots|heartbeat/i);
  });

  it("promises no poll while paused", () => {
    const paused = online({ phase: { kind: "paused" }, nextPollAt: noon + 1_000 });
    assert.doesNotMatch(card(paused), /Next poll/);
  });

  it("stands still for ten seconds, so that it can be read and clicked", () => {
    const state = online({ beats, lastPollAt: noon - 40_000, nextPollAt: noon + 8_000 });
    assert.equal(card(state, noon + 1_000), card(state, noon + 6_000));
  });

  it("runs only the commands of its list, whatever others wrote", () => {
    const evil = "](command:evil) [x](command:evil) <b> $(zap) `";
    const known: readonly string[] = [...commandIds, ...internalCommandIds];
    assert.deepEqual(
      cardCommands.filter((id) => !known.includes(id)),
      [],
    );
    for (const phase of allWorkerPhases) {
      const state = online({
        phase: "message" in phase ? { ...phase, message: evil } : phase,
        agentName: evil,
        workspaceName: evil,
        workerName: evil,
        fault: { ...fault, message: evil },
        lastBeatError: evil,
        lastPollError: evil,
        lastBeatAt: noon - 8 * minuteMs,
      });
      for (const one of [state, mirrored(state)]) {
        const links = linked(card(one));
        assert.ok(links.length > 0 && links.length <= 3, phase.kind);
        assert.deepEqual(
          links.filter((id) => !cardCommands.some((allowed) => allowed === id)),
          [],
        );
        assert.doesNotMatch(card(one), /[^\\]\$\(|[^\\]<|[^\\]\]\(command:evil/);
      }
    }
  });
});
