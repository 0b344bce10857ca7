// The moments of a run at which an extension host is killed, and how each is met.
import type { AttemptRecord } from "../../src/core/ports/journal";
import type { OriginHold } from "./originHold";
import type { TwoWorkers } from "../host/ui/twoWorkers";
import type { Sandbox } from "../host/harness/harness.mjs";

export interface Stage {
  readonly sandbox: Sandbox;
  readonly team: TwoWorkers;
  readonly origin: OriginHold;
}

/** What is known of the run at one look. */
interface Sight {
  /** Written to the journals since the last look, of this run only. */
  readonly records: readonly AttemptRecord[];
}

export interface Moment {
  readonly step: string;
  /** Where in the step. */
  readonly when: string;
  readonly mode: "plan" | "code" | "review";
  /** Before the run starts. */
  arm(stage: Stage): Promise<void>;
  reached(stage: Stage, sight: Sight): Promise<boolean>;
}

/** Longer than a kill takes; the answer never comes. */
const heldMs = 300_000;

/** While the platform holds a call of the worker's. `skip`: how many of these calls come before it in the run. */
function held(
  step: string,
  mode: Moment["mode"],
  operationId: string,
  when: "before" | "after",
  skip = 0,
): Moment {
  const ofWorker = ["claimSession", "completeSession"].includes(operationId);
  return {
    step,
    mode,
    when: when === "before" ? "before the platform did it" : "done, and the answer lost",
    arm: async ({ sandbox, team }) => {
      const { workerId } = mode === "review" ? team.reviewer : team.coder;
      const action = { type: "delay", delayMs: heldMs, when };
      const pathIncludes = ofWorker ? workerId : undefined;
      await sandbox.dashboard("POST", "faults", { operationId, skip, action, pathIncludes });
    },
    reached: async ({ sandbox }) => {
      const { faults } = (await sandbox.dashboard("GET", "faults")) as { faults: unknown[] };
      return faults.length === 0;
    },
  };
}

/** As soon as the journal says so. */
function noted(
  step: string,
  mode: Moment["mode"],
  when: string,
  is: (record: AttemptRecord) => boolean,
): Moment {
  return {
    step,
    mode,
    when,
    arm: () => Promise.resolve(),
    reached: (_stage, { records }) =>
      Promise.resolve(records.some((one) => one.run?.mode === mode && is(one))),
  };
}

/** While the model of a mode waits in the middle of its turn. */
function atWork(mode: Moment["mode"]): Moment {
  return {
    step: "executing",
    mode,
    when: "in the middle of the turn",
    arm: async ({ sandbox }) => {
      await sandbox.dashboard("POST", "model", { script: "runHeld" });
      for (const gate of ["plan", "code", "review"].filter((one) => one !== mode)) {
        await sandbox.dashboard("POST", "gates", { gate });
      }
    },
    reached: async ({ sandbox }) => {
      const { sessions } = await sandbox.state();
      return sessions.some(
        ({ status, workflow, metadata, activities }) =>
          status === "active" &&
          workflow.taskMode === mode &&
          metadata.providerThreadId !== undefined &&
          activities.length >= 3,
      );
    },
  };
}

/** While the origin holds a push. */
function atOrigin(hook: "pre-receive" | "post-receive", when: string): Moment {
  return {
    step: "publishing",
    mode: "code",
    when,
    arm: ({ origin }) => origin.hold(hook),
    reached: ({ origin }) => Promise.resolve(origin.holds()),
  };
}

export const moments: readonly Moment[] = [
  held("claiming", "code", "claimSession", "before", 1),
  held("claiming", "code", "claimSession", "after", 1),
  noted("preparing", "code", "the worktree is being made", (one) => one.step === "preparing"),
  atWork("code"),
  noted("committing", "code", "the commit is being made", (one) => one.step === "committing"),
  atOrigin("pre-receive", "before the origin took it"),
  atOrigin("post-receive", "the origin took it, and the answer is lost"),
  noted("confirming", "code", "the push is noted", ({ run }) => run?.pushed !== undefined && !run.confirmed),
  noted("confirmed", "code", "the platform was told", ({ run }) => run?.confirmed === true),
  held("child creating", "code", "createSession", "before"),
  held("child creating", "code", "createSession", "after"),
  held("finishing", "code", "completeSession", "before", 1),
  held("finishing", "code", "completeSession", "after", 1),
  atWork("plan"),
  held("the model's document", "plan", "createDocument", "before"),
  held("the model's document", "plan", "createDocument", "after"),
  held("finishing", "plan", "completeSession", "before"),
  held("claiming", "review", "claimSession", "after"),
  atWork("review"),
  held("the model's document", "review", "createDocument", "after", 1),
  held("the review's document", "review", "createDocument", "before", 2),
  held("the review's document", "review", "createDocument", "after", 2),
  noted("the verdict", "review", "before it is accepted", ({ run }) => run?.document?.state === "written"),
  noted("the verdict", "review", "it is accepted", ({ run }) => run?.verdict?.accepted === true),
  held("child creating", "review", "createSession", "before", 1),
  held("child creating", "review", "createSession", "after", 1),
  held("finishing", "review", "completeSession", "after"),
];
