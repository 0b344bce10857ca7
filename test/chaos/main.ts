// `npm run chaos [-- --kills N --seed S --windows W]`: random SIGKILLs while sessions run in a real editor with the real codex.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { seededRandom } from "../fakes/seededRandom";
import { launch, signIn } from "../host/ui/kit";
import { exitWith, type EditorUnderTest } from "../host/harness/harness.mjs";
import { feed, hasEnded, untilCalm } from "./feed";
import { judge, type Fault } from "./judge";
import { killOne, victims, type Kill, type KillDeps } from "./kill";
import { Platform } from "./platform";
import { isWork, processesOf } from "./processTable";
import { isClean, print, type Result } from "./report";
import { watch, type Sighting } from "./watch";
import { Windows } from "./windows";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const workflow = `---
polling:
  pollIntervalMs: 1000
agent:
  max_concurrent_agents: 8
  max_active_executions: 3
  max_retry_attempts: 10
---
Keep changes small.
`;

interface Wishes {
  readonly kills: number;
  readonly seed: number;
  readonly windows: number;
  readonly only: readonly (typeof victims)[number][];
}

function read(argv: readonly string[]): Wishes {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      kills: { type: "string", default: "100" },
      seed: { type: "string", default: String(Date.now() % 100_000) },
      windows: { type: "string", default: "2" },
      only: { type: "string", multiple: true, default: [] },
    },
  });
  const number = (name: "kills" | "seed" | "windows"): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1`);
    return value;
  };
  const only = victims.filter((one) => values.only.length === 0 || values.only.includes(one));
  if (only.length === 0) throw new Error(`--only takes one of: ${victims.join(", ")}`);
  return { kills: number("kills"), seed: number("seed"), windows: number("windows"), only };
}

async function mainState(editor: EditorUnderTest): Promise<Readonly<Record<string, string>>> {
  return {
    branch: await editor.git("symbolic-ref", "HEAD"),
    head: await editor.git("rev-parse", "HEAD"),
    status: await editor.git("status", "--porcelain", "--untracked-files=all", "--ignored"),
  };
}

async function main(): Promise<boolean> {
  const wishes = read(process.argv.slice(2));
  say(`chaos: ${wishes.kills} kills, seed ${wishes.seed}, ${wishes.windows} windows`);
  const editor = await launch({ name: "chaos", files: { "WORKFLOW.md": workflow } });
  try {
    const result = await run(editor, wishes);
    const folder = join("test-results");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `chaos-${wishes.seed}.json`);
    writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
    say(`\n${print(result)}\n\nkept in ${file}`);
    if (!isClean(result)) keepEvidence(editor, join(folder, `chaos-${wishes.seed}`));
    return isClean(result);
  } finally {
    await editor.close();
  }
}

/** What explains a broken promise: the worker's log and journal, and all that the platform knows. */
function keepEvidence({ world }: EditorUnderTest, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(world.folders.home, ".one", "logs"), join(folder, "logs"), { recursive: true });
  cpSync(join(world.folders.home, ".one", "state"), join(folder, "state"), { recursive: true });
  cpSync(join(world.folders.work, "sandbox", "state.json"), join(folder, "platform.json"));
  say(`evidence in ${folder}`);
}

async function run(editor: EditorUnderTest, wishes: Wishes): Promise<Result> {
  const { folders } = editor.world;
  const platform = await Platform.start(editor, 300);
  const before = await mainState(editor);
  await signIn(editor);
  const windows = await Windows.open(editor, wishes.windows);
  const deps = {
    home: folders.home,
    platform,
    windows,
    hits: new Map<string, number>(),
    random: seededRandom(wishes.seed),
  };

  const over = new AbortController();
  const fed = new AbortController();
  const sightings: Sighting[] = [];
  const see = (one: Sighting): void => {
    sightings.push(one);
    say(`  ! ${one.what}: ${one.detail}`);
  };
  const watching = watch(folders.home, platform.port, 150, see, over.signal);
  const feeding = feed(platform, 8, fed.signal);
  const startedAt = Date.now();
  const kills = await killAll(deps, wishes);
  const seconds = (Date.now() - startedAt) / 1000;
  fed.abort();
  await feeding;
  const calm = await untilCalm(platform, 240_000);
  over.abort();
  const looks = await watching;

  const left = await leftAtEnd(folders.home);
  const { state, faults, notes } = await look(editor, platform);
  const after = await mainState(editor);
  const checkout = Object.keys(before)
    .filter((key) => before[key] !== after[key])
    .map((key) => `the main checkout's ${key}: “${before[key] ?? ""}” became “${after[key] ?? ""}”`);
  await platform.stop();
  await editor.quit();
  const outlived = (await editor.processes(8000)).map((one) => `${one.pid} ${one.command.slice(0, 200)}`);
  const sessions: Record<string, number> = { queued: state.sessions.length };
  for (const { status } of state.sessions) {
    const name = status === "queued" ? "still queued" : status;
    sessions[name] = (sessions[name] ?? 0) + 1;
  }
  return {
    seed: wishes.seed,
    windows: wishes.windows,
    seconds,
    kills,
    sessions,
    calm,
    faults,
    sightings,
    looks,
    left: [...left, ...outlived],
    checkout,
    setAside: setAside(folders.home),
    notes,
  };
}

async function killAll(deps: KillDeps, wishes: Wishes): Promise<readonly Kill[]> {
  const kills: Kill[] = [];
  while (kills.length < wishes.kills) {
    const kill = await killOne(deps, wishes.only);
    kills.push(kill);
    const { sessions } = await deps.platform.state();
    const done = sessions.filter(hasEnded).length;
    const left = kill.survivors.map((one) => `\n  ! outlived it: ${one}`).join("");
    say(
      `${kills.length}. ${kill.victim} ${kill.pid}, ${kill.family} processes; ${done} of ${sessions.length} sessions ended${left}`,
    );
  }
  return kills;
}

/** Where all is calm nothing may work any more; what is ending just now has a moment for it. */
async function leftAtEnd(home: string): Promise<readonly string[]> {
  const endsAt = Date.now() + 3000;
  for (;;) {
    const left = processesOf(home).filter(isWork);
    if (left.length === 0 || Date.now() > endsAt) {
      return left.map((one) => `${one.pid} ${one.command.slice(0, 200)}`);
    }
    await sleep(50);
  }
}

async function look(
  editor: EditorUnderTest,
  platform: Platform,
): Promise<{
  state: Awaited<ReturnType<Platform["state"]>>;
  faults: readonly Fault[];
  notes: readonly string[];
}> {
  const state = await platform.state();
  const threads = await platform.threads();
  const commits = await commitsOf(editor, state.sessions);
  const known = new Set(state.sessions.map((one) => one.metadata.providerThreadId));
  const anew = threads.filter((one) => !known.has(one.threadId));
  const again = threads.filter((one) => one.turns.filter((each) => each.endedAt !== null).length > 1);
  return {
    state,
    faults: judge({ state, threads, commits }),
    notes: [
      ...anew.map((one) => `a thread that no session names, with ${one.turns.length} turns: ${one.threadId}`),
      ...again.map((one) => `a thread whose model came to an end more than once: ${one.threadId}`),
    ],
  };
}

/** Commits beyond `main`, by session: a branch's name holds the session's id. */
async function commitsOf(
  editor: EditorUnderTest,
  sessions: readonly {
    readonly sessionId: string;
    readonly metadata: { readonly worktreePath?: string | undefined };
  }[],
): Promise<ReadonlyMap<string, number>> {
  const listed = await editor.git("for-each-ref", "--format=%(refname:short)", "refs/heads/one-horizon/");
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, "");
  const commits = new Map<string, number>();
  for (const { sessionId } of sessions) {
    const branch = listed.split("\n").find((name) => plain(name).includes(plain(sessionId)));
    if (branch === undefined) continue;
    commits.set(sessionId, Number(await editor.git("rev-list", "--count", `main..${branch}`)));
  }
  return commits;
}

/** Files of the worker's state that were moved away since they could not be read. */
function setAside(home: string): readonly string[] {
  const folder = join(home, ".one", "state", "vscode-worker");
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /corrupt|damaged|unreadable|set-?aside/i.test(name));
}

main().then(
  (clean) => exitWith(clean ? 0 : 1),
  async (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    await exitWith(1);
  },
);
