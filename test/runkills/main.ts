// `npm run runkills [-- --only TEXT]`: a workflow run over two workers for each step of it, and a SIGKILL of the host that is at it.
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { AttemptRecord } from "../../src/core/ports/journal";
import { exitWith, type EditorUnderTest } from "../host/harness/harness.mjs";
import { chooseScript, launch } from "../host/ui/kit";
import { faultsOf, sessionsOf, type Ended } from "../host/ui/runJudge";
import { TwoWorkers, type Run } from "../host/ui/twoWorkers";
import { JournalWatch } from "./journalWatch";
import { moments, type Moment, type Stage } from "./moments";
import { OriginHold } from "./originHold";
import { isClean, print, type Result, type Row } from "./report";

const say = (text: string): void => void process.stdout.write(`${text}\n`);
/** For a moment to come, and for the run to end behind it. */
const patienceMs = 180_000;

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
  const nameOf = (one: Moment): string => `${one.step}, ${one.mode}, ${one.when}`;
  const chosen = moments.filter((one) => nameOf(one).includes(values.only));
  if (chosen.length === 0) throw new Error("--only takes part of a moment's name");
  const editor = await launch({ name: "runkills" });
  try {
    const result = await killAtEach(editor, chosen);
    mkdirSync("test-results", { recursive: true });
    const file = join("test-results", "runkills.json");
    writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
    say(`\n${print(result)}\n\nkept in ${file}`);
    if (!isClean(result)) keepEvidence(editor);
    return isClean(result);
  } finally {
    await editor.close();
  }
}

async function killAtEach(editor: EditorUnderTest, chosen: readonly Moment[]): Promise<Result> {
  const { sandbox, repository, folders } = editor.world;
  const origin = await OriginHold.in(repository.origin);
  const team = await TwoWorkers.open(editor);
  const before = JSON.stringify(await team.checkouts());
  const watch = new JournalWatch(folders.home);
  const rows: Row[] = [];
  for (const [at, moment] of chosen.entries()) {
    const row = await killAt(moment, { sandbox, team, origin }, watch, `feature/kill-${at + 1}`);
    rows.push(row);
    say(`${at + 1}. ${row.step} (${row.mode}, ${row.when}): ${row.end}, ${row.seconds} s`);
    for (const fault of row.faults) say(`   ! ${fault}`);
  }
  const after = JSON.stringify(await team.checkouts());
  const looking = [
    ...(await team.worktreesOf(team.reviewer)),
    ...(await team.worktreesOf(team.coder)).filter((one) => one === "detached"),
  ];
  await sandbox.stop();
  await editor.quit();
  const processes = (await editor.processes(8000)).map((one) => `outlived the editor: ${one.command}`);
  return {
    rows,
    faults: [
      ...(before === after ? [] : [`the main checkouts changed: ${before} became ${after}`]),
      ...looking.map((one) => `a worktree that only looked is left: ${one}`),
      ...processes,
    ],
  };
}

async function killAt(moment: Moment, stage: Stage, watch: JournalWatch, branch: string): Promise<Row> {
  const { sandbox, team, origin } = stage;
  const startedAt = Date.now();
  await sandbox.dashboard("DELETE", "faults");
  await chooseScript(sandbox, "run");
  watch.look();
  await moment.arm(stage);
  const runId = await team.startRun(branch, branch);
  const last = await untilReached(moment, stage, watch, runId);
  let killedAt = "not reached";
  if (last !== undefined) {
    await team.killHostOf(moment.mode === "review" ? team.reviewer : team.coder, async () => {
      killedAt = `${journalAt(last)}; ${await platformAt(stage, runId)}`;
      await release(stage, moment);
    });
  }
  await release(stage, moment);
  origin.release();
  const run = await ended(stage, runId);
  const outcome = { run, state: await sandbox.state(), pushed: await team.pushed(branch) };
  return rowOf(moment, killedAt, outcome, Math.round((Date.now() - startedAt) / 1000));
}

async function release({ sandbox, origin }: Stage, { mode }: Moment): Promise<void> {
  await sandbox.dashboard("DELETE", "faults");
  await sandbox.dashboard("POST", "gates", { gate: mode });
  origin.release();
}

/** The last record of the session at which the kill is due; undefined where the moment never came. */
async function untilReached(
  moment: Moment,
  stage: Stage,
  watch: JournalWatch,
  runId: string,
): Promise<AttemptRecord | "none" | undefined> {
  const endsAt = Date.now() + patienceMs;
  let last: AttemptRecord | "none" = "none";
  while (Date.now() < endsAt) {
    const records = watch.look().filter((one) => one.title !== "" && (one.run?.runId ?? runId) === runId);
    last = records.findLast((one) => one.run?.mode === moment.mode) ?? last;
    if (await moment.reached(stage, { records })) return last;
    await sleep(1);
  }
  return undefined;
}

function journalAt(record: AttemptRecord | "none"): string {
  if (record === "none") return "nothing noted";
  const { step, run } = record;
  const notes = [
    run?.pushed === undefined ? undefined : run.confirmed ? "confirmed" : "pushed",
    run?.verdict === undefined ? undefined : run.verdict.accepted ? "verdict accepted" : "verdict",
    run?.document && `document ${run.document.state}`,
    run?.child === "creating" ? "child creating" : run?.child && "child",
  ].filter((one) => one !== undefined);
  return [step, ...notes].join(", ");
}

async function platformAt({ sandbox }: Stage, runId: string): Promise<string> {
  const run = (await sandbox.state()).runs.find((one) => one.runId === runId);
  const step = run?.steps.at(-1);
  return `${step?.mode ?? "no step"} ${step?.status ?? ""}`;
}

async function ended({ sandbox, team }: Stage, runId: string): Promise<Run> {
  try {
    return await team.untilEnded(runId);
  } catch {
    const run = (await sandbox.state()).runs.find((one) => one.runId === runId);
    if (run === undefined) throw new Error("the platform has lost the run");
    // The next run is not to meet this one's sessions.
    for (const { sessionId, status } of run.steps) {
      if (status !== "complete") await sandbox.dashboard("POST", `sessions/${sessionId}/cancel`);
    }
    return run;
  }
}

function rowOf(moment: Moment, killedAt: string, outcome: Ended, seconds: number): Row {
  const sessions = sessionsOf(outcome);
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
  const { steps, status } = outcome.run;
  return {
    step: moment.step,
    when: moment.when,
    mode: moment.mode,
    killedAt,
    claims: sum(sessions.map((one) => one.claims.length)),
    children: sum(steps.map((one) => one.children.length)),
    documents: sum(steps.map((one) => one.documents.length)),
    pushes: outcome.pushed.times,
    completions: sum(
      sessions.map((one) => one.activities.filter((each) => each.type === "completion").length),
    ),
    end: status,
    seconds,
    faults: [...(killedAt === "not reached" ? ["the moment never came"] : []), ...faultsOf(outcome)],
  };
}

/** What explains a broken promise: the workers' logs and journals, and all that the platform knows. */
function keepEvidence({ world }: EditorUnderTest): void {
  const folder = join("test-results", "runkills");
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["logs", "state"]) {
    cpSync(join(world.folders.home, ".one", name), join(folder, name), { recursive: true });
  }
  cpSync(join(world.folders.work, "sandbox", "state.json"), join(folder, "platform.json"));
  say(`evidence in ${folder}`);
}

main().then(
  (clean) => exitWith(clean ? 0 : 1),
  async (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    await exitWith(1);
  },
);
