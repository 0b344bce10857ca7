import { neverAborted } from "../base/abort";
import { untilAborted } from "../base/background";
import { say } from "../base/words";
import { UserError, type WorkerActions } from "./actions";
import type { OwnerConnection, WindowCommand } from "./ports/windowLink";
import type { WorkerPhase } from "./state";
import { inWords } from "./userErrors";

type Shared = Pick<
  WorkerActions,
  | "start"
  | "pause"
  | "resume"
  | "restart"
  | "signOut"
  | "claim"
  | "release"
  | "fail"
  | "answer"
  | "delegate"
  | "publishBranch"
  | "archive"
>;

/**
 * Carries out in this window, which runs the worker, what a person asked for in another one. Rejects with UserError.
 * @param beginStop running turns may take an hour: a stop is answered once it is saved and under way.
 */
export async function runWindowCommand(
  actions: Shared,
  beginStop: () => Promise<void>,
  command: WindowCommand,
): Promise<string> {
  return await inWords(
    say("The window that runs the worker could not do that"),
    say("Nothing else was changed. See the log there."),
    neverAborted,
    async () => (await carryOut(actions, beginStop, command)) ?? "",
  );
}

async function carryOut(
  actions: Shared,
  beginStop: () => Promise<void>,
  command: WindowCommand,
): Promise<string | undefined> {
  switch (command.kind) {
    case "stop":
      await beginStop();
      return undefined;
    case "start":
    case "pause":
    case "resume":
    case "restart":
    case "signOut":
      await actions[command.kind]();
      return undefined;
    case "claim":
    case "release":
    case "archive":
      await actions[command.kind](command.sessionId);
      return undefined;
    case "publishBranch":
      return await actions.publishBranch(command.sessionId);
    case "delegate":
      return await actions.delegate(command.sessionId, command.work);
    case "answer":
      await actions.answer(command.sessionId, command.questionId, command.answer);
      return undefined;
    case "fail":
      await actions.fail(command.sessionId, command.reason);
      return undefined;
  }
}

/** The same actions; what concerns the running worker goes to the window that runs it, where that is another one. */
export function forwarded(
  actions: WorkerActions,
  owner: () => OwnerConnection | undefined,
  phase: () => WorkerPhase,
): WorkerActions {
  const there = (): OwnerConnection | undefined => {
    const found = owner();
    if (found === undefined && phase().kind === "otherWindow") throw unreachable();
    return found;
  };
  return {
    ...actions,
    // These three make sense without the owner too: they are about this window's waiting.
    start: async () => {
      await (owner()?.run({ kind: "start" }) ?? actions.start());
    },
    stop: async () => {
      await (owner()?.run({ kind: "stop" }) ?? actions.stop());
    },
    restart: async () => {
      await (owner()?.run({ kind: "restart" }) ?? actions.restart());
    },
    pause: async () => {
      await (there()?.run({ kind: "pause" }) ?? actions.pause());
    },
    resume: async () => {
      await (there()?.run({ kind: "resume" }) ?? actions.resume());
    },
    claim: async (sessionId) => {
      await (there()?.run({ kind: "claim", sessionId }) ?? actions.claim(sessionId));
    },
    release: async (sessionId) => {
      await (there()?.run({ kind: "release", sessionId }) ?? actions.release(sessionId));
    },
    archive: async (sessionId) => {
      await (there()?.run({ kind: "archive", sessionId }) ?? actions.archive(sessionId));
    },
    fail: async (sessionId, reason) => {
      await (there()?.run({ kind: "fail", sessionId, reason }) ?? actions.fail(sessionId, reason));
    },
    answer: async (sessionId, questionId, answer) => {
      const command = { kind: "answer", sessionId, questionId, answer } as const;
      await (there()?.run(command) ?? actions.answer(sessionId, questionId, answer));
    },
    delegate: async (sessionId, work) =>
      await (there()?.run({ kind: "delegate", sessionId, work }) ?? actions.delegate(sessionId, work)),
    publishBranch: async (sessionId, options) => {
      const pushing = there()?.run({ kind: "publishBranch", sessionId });
      if (pushing === undefined) return await actions.publishBranch(sessionId, options);
      return await untilAborted(pushing, options?.signal ?? neverAborted);
    },
    signOut: async () => {
      await signOutThere(owner());
      await actions.signOut();
    },
  };
}

/** There first, while there is a token: what runs is released with it. A window that does not answer holds up nothing. */
async function signOutThere(owner: OwnerConnection | undefined): Promise<void> {
  try {
    await owner?.run({ kind: "signOut" });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

function unreachable(): UserError {
  return new UserError(
    say(
      "Another window runs this worker and does not answer now. Nothing was changed. Try again in a moment, or do it in that window.",
    ),
  );
}
