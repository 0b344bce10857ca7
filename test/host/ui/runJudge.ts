// What a run of plan → code → review(feedback) → code → review(approve) must have left, whatever was killed meanwhile.
import type { SandboxSession, SandboxState } from "../harness/harness.mjs";
import type { Run, TwoWorkers } from "./twoWorkers";

/** A run that is over, with all that is known of it. */
export interface Ended {
  readonly run: Run;
  readonly state: SandboxState;
  readonly pushed: Awaited<ReturnType<TwoWorkers["pushed"]>>;
}

interface Expected {
  readonly mode: string;
  readonly verdict: SandboxSession["reviewVerdict"];
  readonly children: number;
  readonly documents: readonly string[];
}

const review = (verdict: "feedback" | "approve"): Expected => ({
  mode: "review",
  verdict,
  children: verdict === "feedback" ? 1 : 0,
  documents: ["Review", "Review: "],
});
const code: Expected = { mode: "code", verdict: null, children: 1, documents: [] };
const plan: Expected = { mode: "plan", verdict: null, children: 0, documents: ["Plan"] };
const expected: readonly Expected[] = [plan, code, review("feedback"), code, review("approve")];

export function sessionsOf({ run, state }: Pick<Ended, "run" | "state">): readonly SandboxSession[] {
  return run.steps.flatMap((step) => state.sessions.find((one) => one.sessionId === step.sessionId) ?? []);
}

/** Each thing that is not as it has to be, a sentence. Empty where everything happened, and once. */
export function faultsOf(ended: Ended): readonly string[] {
  const { run, pushed } = ended;
  const told: string[] = [];
  const must = (holds: boolean, what: string): void => {
    if (!holds) told.push(what);
  };
  must(run.status === "finished", `the run is ${run.status}: ${run.reason ?? "without a reason"}`);
  const modes = run.steps.map((one) => one.mode).join(" ");
  must(modes === expected.map((one) => one.mode).join(" "), `its steps are ${modes}`);
  expected.forEach((wanted, at) => told.push(...stepFaults(run, at, wanted)));
  for (const session of sessionsOf(ended)) told.push(...sessionFaults(session));
  must(pushed.times === 2, `the branch was changed ${pushed.times} times by pushes`);
  must(pushed.commits.length === 2, `the branch has ${pushed.commits.length} commits`);
  must(run.pushConfirmed, "the push is not confirmed");
  return told;
}

function stepFaults(run: Run, at: number, wanted: Expected): readonly string[] {
  const step = run.steps[at];
  const name = `step ${at + 1} (${wanted.mode})`;
  if (step === undefined) return [`${name} is missing`];
  const told: string[] = [];
  if (step.verdict !== wanted.verdict) told.push(`${name} has the verdict ${step.verdict ?? "none"}`);
  if (step.children.length !== wanted.children) told.push(`${name} has ${step.children.length} children`);
  const titles = step.documents.map((one) => (one.title.startsWith("Review: ") ? "Review: " : one.title));
  if (titles.toSorted().join() !== wanted.documents.join()) {
    told.push(`${name} has the documents ${titles.join(", ") || "(none)"}`);
  }
  // The first two are the platform's own; from then on each is delegated by the one before it.
  const parent = at < 2 ? null : (run.steps[at - 1]?.sessionId ?? null);
  if (step.delegatingSessionId !== parent) {
    told.push(`${name} was delegated by ${step.delegatingSessionId ?? "nobody"}`);
  }
  return told;
}

function sessionFaults({
  sessionId,
  status,
  activities,
  history,
  remarks,
}: SandboxSession): readonly string[] {
  const name = `session ${sessionId}`;
  const completions = activities.filter((one) => one.type === "completion").length;
  const ids = new Set(activities.map((one) => one.activityId)).size;
  const ends = history.filter((one) => one.status === "complete").length;
  return [
    ...(status === "complete" && ends === 1 ? [] : [`${name} is ${status}, ${ends} times complete`]),
    ...(completions === 1 ? [] : [`${name} has ${completions} completion activities`]),
    ...(ids === activities.length ? [] : [`${name} has activities twice`]),
    ...remarks.map((one) => `${name}: ${one}`),
  ];
}
