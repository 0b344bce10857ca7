import assert from "node:assert/strict";
import { silentLog, type Log } from "../../../../src/base/log";
import { UserError } from "../../../../src/core/actions";
import type { PersonAnswer } from "../../../../src/core/ports/person";
import type { SessionView } from "../../../../src/core/state";
import { PanelInbox } from "../../../../src/ui/panel/panelInbox";
import type { FromPanel, ToPanel } from "../../../../src/ui/panel/protocol";
import { aFullSession, aState, english } from "../kit";
import { aCommand, aQuestion } from "./kit";

/** An inbox that writes down what it did. */
function anInbox(...sessions: readonly SessionView[]) {
  const did: string[] = [];
  const replies: ToPanel[] = [];
  const answers: PersonAnswer[] = [];
  const state = { current: aState({}, ...sessions), refuse: false };
  const log: Log = {
    ...silentLog,
    warn: (_message, fields) => did.push(`dropped ${String(fields?.["what"])}`),
  };
  const note = (what: string): Promise<void> => {
    did.push(what);
    return Promise.resolve();
  };
  const inbox = new PanelInbox(
    {
      source: {
        get state() {
          return state.current;
        },
        onDidChange: () => ({ dispose: () => undefined }),
      },
      actions: {
        answer: async (sessionId, questionId, answer) => {
          if (state.refuse) throw new UserError("The window that runs it is gone.");
          answers.push(answer);
          await note(`answered ${sessionId} ${questionId ?? ""}`);
        },
      },
      log,
      l10n: english,
      run: (verb, given) => note(`${verb} ${JSON.stringify(given)}`),
      openFile: (session, path) => note(`file ${session.sessionId} ${path}`),
      openLink: (url) => note(`link ${url}`),
      copy: (text) => note(`copied ${text}`),
      reply: (message) => replies.push(message),
      onReady: () => did.push("ready"),
    },
    "s1",
  );
  const take = async (message: FromPanel): Promise<string[]> => {
    await inbox.take(message);
    return did.splice(0);
  };
  return { inbox, take, did, replies, answers, state };
}

describe("what the panel's page asks for", () => {
  const asking = aFullSession({
    phase: "awaitingInput",
    questions: [aCommand(), aQuestion({ questionId: "q2" })],
  });

  it("is told, copied, opened and run", async () => {
    const { take } = anInbox(aFullSession());
    assert.deepEqual(await take({ kind: "ready" }), ["ready"]);
    assert.deepEqual(await take({ kind: "copy", text: "x" }), ["copied x"]);
    assert.deepEqual(await take({ kind: "openLink", url: "https://example.com/a" }), [
      "link https://example.com/a",
    ]);
    assert.deepEqual(await take({ kind: "openFile", path: "a.ts" }), ["file s1 a.ts"]);
    assert.deepEqual(await take({ kind: "verb", verb: "release" }), ['release {"sessionId":"s1"}']);
  });

  it("is dropped where it is not understood", async () => {
    const { inbox, did } = anInbox();
    await inbox.take({ kind: "eval" });
    assert.deepEqual(did, ["dropped a message that is not understood"]);
  });

  for (const url of [
    "command:oneHorizon.worker.stop",
    "file:///etc/passwd",
    "vscode://x",
    "javascript:alert(1)",
    "//a",
    "a",
  ]) {
    it(`does not open ${url}`, async () => {
      const { take } = anInbox(aFullSession());
      assert.deepEqual(await take({ kind: "openLink", url }), ["dropped an address that is none of the web"]);
    });
  }

  it("runs only what is possible with the session now", async () => {
    const { take } = anInbox(aFullSession({ phase: "complete" }));
    assert.deepEqual(await take({ kind: "verb", verb: "release" }), [
      "dropped the verb release, which is not possible",
    ]);
  });

  it("runs no verb that answers without naming its question", async () => {
    const { take } = anInbox(asking);
    for (const verb of ["approve", "approveForSession", "deny", "answer", "resume", "show"] as const) {
      assert.deepEqual(await take({ kind: "verb", verb }), [
        `dropped the verb ${verb}, which is not possible`,
      ]);
    }
  });

  it("answers a question that is open, with what it takes", async () => {
    const { take } = anInbox(asking);
    const answer = (
      questionId: string,
      verb: "approve" | "approveForSession" | "answer",
    ): Promise<string[]> => take({ kind: "answer", questionId, answer: { kind: "verb", verb } });
    const option = (questionId: string, text: string): Promise<string[]> =>
      take({ kind: "answer", questionId, answer: { kind: "option", text } });
    assert.deepEqual(await answer("q1", "approve"), ['approve {"sessionId":"s1","questionId":"q1"}']);
    assert.deepEqual(await answer("q1", "approveForSession"), [
      "dropped the answer approveForSession, which the question does not take",
    ]);
    assert.deepEqual(await answer("q2", "approve"), [
      "dropped the answer approve, which the question does not take",
    ]);
    assert.deepEqual(await option("q2", "Plain"), [
      'answer {"sessionId":"s1","questionId":"q2","text":"Plain"}',
    ]);
    assert.deepEqual(await option("q2", "Plan"), ["dropped an answer that the question does not offer"]);
    assert.deepEqual(await option("q1", "Plain"), ["dropped an answer that the question does not offer"]);
    await assert.rejects(answer("q3", "approve"), /answered already, or it is not asked any more/);
  });

  it("sends words to the question that they were written for, and says that they arrived", async () => {
    const { take, replies, answers } = anInbox(asking);
    assert.deepEqual(await take({ kind: "send", questionId: "q2", text: "  Like a letter\n" }), [
      "answered s1 q2",
    ]);
    assert.deepEqual(answers, [{ kind: "input", text: "Like a letter" }]);
    assert.deepEqual(replies, [{ kind: "sent", error: undefined }]);
  });

  it("says why words did not arrive", async () => {
    const { take, replies, state, did } = anInbox(asking);
    await take({ kind: "send", questionId: "q9", text: "late" });
    await take({ kind: "send", questionId: "q2", text: " \n" });
    state.refuse = true;
    await take({ kind: "send", questionId: "q2", text: "x" });
    const part = { text: "Password?", options: [], secret: true };
    state.current = aState({}, aFullSession({ questions: [aQuestion({ parts: [part] })] }));
    await take({ kind: "send", questionId: "q1", text: "hunter2" });
    state.current = aState();
    await take({ kind: "send", questionId: "q1", text: "x" });
    assert.deepEqual(
      replies.map((one) => (one.kind === "sent" ? one.error : "")),
      [
        "This was answered already, or it is not asked any more. Nothing was changed.",
        "Write an answer.",
        "The window that runs it is gone.",
        "Answer this question with its button. Nothing was sent.",
        "This session is not in the list any more.",
      ],
    );
    assert.deepEqual(did, []);
  });

  it("says that a session is gone", async () => {
    const { take } = anInbox();
    await assert.rejects(take({ kind: "verb", verb: "release" }), /not in the list any more/);
    await assert.rejects(take({ kind: "openFile", path: "a" }), /not in the list any more/);
  });
});
