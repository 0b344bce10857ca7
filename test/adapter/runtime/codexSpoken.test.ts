import assert from "node:assert/strict";
import type { Answer } from "../../../src/core/ports/person";
import { toolAnswer } from "../../../src/runtime/codex/requests";
import {
  advice,
  answerOf,
  faultsIn,
  paramsOf,
  plan,
  sentMethods,
  usedWords,
} from "../../fakes/codexProtocol";
import { CodexSchema, generatedBundle } from "../../fakes/codexSchema";
import type { TranscriptLine } from "../../fakes/transcripts";
import { overheard, play, said, scenes } from "../../transcripts/scenes";
import { CodexLab } from "./codexLab";

describe("the codex that is pinned, as it is spoken with", function () {
  this.timeout(120_000);
  let codex: CodexSchema;
  before(() => (codex = new CodexSchema(generatedBundle())));
  const sent = new Set<string>();

  for (const name of Object.keys(scenes)) {
    it(`${name}: each message fits the side that hears it`, async () => {
      const { lines } = await play(name, true);
      assertFit(lines);
    });
  }

  it("probe: each message fits the side that hears it", async () => {
    const lab = await CodexLab.open();
    try {
      const { policy } = lab.request();
      const { signal } = new AbortController();
      const command = overheard(lab);
      const found = await lab.runtime().probe({ command, policy, environmentNames: [], signal });
      assert.equal(found.kind, "ready", JSON.stringify(found));
      assertFit(said(lab));
    } finally {
      await lab.close();
    }
  });

  it("uses every method that is checked here, and no other", () => {
    assert.deepEqual([...sent].sort(), [...sentMethods].sort());
  });

  function assertFit(lines: readonly TranscriptLine[]): void {
    for (const { from, message } of lines) {
      if (from === "worker" && message.method !== undefined) sent.add(message.method);
    }
    assert.deepEqual(faultsIn(codex, lines), [], advice);
  }

  describe("takes every answer to a request", () => {
    const inTurn = { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 };
    const asked = [
      { id: "q", header: "h", question: "Which?", isOther: false, isSecret: false, options: null },
    ];
    const permissions = { network: { enabled: true }, fileSystem: { read: ["/a"], write: null } };
    const samples: Readonly<Record<string, unknown>> = {
      "item/commandExecution/requestApproval": {
        ...inTurn,
        command: "ls",
        cwd: "/project",
        reason: "Why not?",
      },
      "item/fileChange/requestApproval": { ...inTurn, reason: null, grantRoot: null },
      "item/permissions/requestApproval": {
        ...inTurn,
        cwd: "/project",
        permissions,
        reason: null,
        environmentId: null,
      },
      "item/tool/requestUserInput": {
        threadId: "t",
        turnId: "u",
        itemId: "i",
        questions: asked,
        isBlocking: true,
      },
      "item/tool/call": {
        threadId: "t",
        turnId: "u",
        callId: "c",
        tool: "report_progress",
        arguments: {},
        namespace: null,
      },
      "mcpServer/elicitation/request": {
        threadId: "t",
        turnId: "u",
        serverName: "s",
        mode: "url",
        url: "u",
        message: "m",
        elicitationId: "e",
        _meta: null,
      },
      execCommandApproval: {
        conversationId: "t",
        callId: "c",
        command: ["ls"],
        cwd: "/project",
        parsedCmd: [],
        approvalId: null,
        reason: null,
      },
      applyPatchApproval: {
        conversationId: "t",
        callId: "c",
        fileChanges: {},
        grantRoot: null,
        reason: null,
      },
      "currentTime/read": { threadId: "t" },
    };
    const given: readonly Answer[] = [
      ...(["approve", "approveForSession", "deny", "cancel"] as const).map((decision): Answer => ({
        kind: "decision",
        decision,
        guidance: undefined,
      })),
      { kind: "texts", texts: ["an answer"] },
    ];

    for (const [method, params] of Object.entries(samples)) {
      it(method, () => {
        const name = paramsOf(codex, "ServerRequest", method);
        assert.deepEqual(codex.faults(name, params), [], "the sample itself");
        const planned = plan(method, params) ?? assert.fail("not known");
        const replies =
          planned.kind === "asks"
            ? given.map((one) => ({ result: planned.answer(one) }))
            : [planned.kind === "uses" ? toolAnswer("done", true) : planned.answer];
        for (const reply of replies) {
          assert.ok("result" in reply);
          assert.deepEqual(codex.faults(answerOf(name), reply.result), [], advice);
        }
      });
    }

    it("of those that are answered", () => {
      assert.deepEqual(Object.keys(samples).sort(), [...usedWords(codex, "ServerRequest")].sort());
    });
  });
});
