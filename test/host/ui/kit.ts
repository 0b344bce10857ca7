// What the suites share: the platform's view of a worker and a session, and the model's script.
import * as assert from "node:assert/strict";
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  freePort,
  launchEditor,
  waitUntil,
  type EditorUnderTest,
  type Sandbox,
  type SandboxRequest,
  type SandboxSession,
  type SandboxWorker,
  type TreeRow,
  type Workbench,
} from "../harness/harness.mjs";

type LaunchOptions = Parameters<typeof launchEditor>[0];

/** A short poll, so that nobody waits half a minute for a claim. */
export const quickPoll = {
  "WORKFLOW.md": "---\npolling:\n  pollIntervalMs: 1000\n---\nKeep changes small.\n",
};

/** An editor whose sign-in callback has a port of its own: other editors of this machine may use the usual one. */
export async function launch(options: LaunchOptions): Promise<EditorUnderTest> {
  const port = await freePort();
  return launchEditor({
    files: quickPoll,
    ...options,
    sandboxArgs: ["--model-pace-ms", "100", "--callback", callbackAt(port), ...(options.sandboxArgs ?? [])],
    machineSettings: { "oneHorizon.oauth.loopbackPort": port, ...options.machineSettings },
  });
}

function callbackAt(port: number): string {
  return `http://localhost:${port}/oauth/callback`;
}

/** Signs in through the browser and waits for the worker's first beat. */
export async function signIn(editor: EditorUnderTest): Promise<SandboxWorker> {
  await editor.window.openContainer("One Horizon");
  await editor.window.runCommandId("oneHorizon.auth.signIn");
  return untilOnline(editor.world.sandbox);
}

/** Online means by its beats: a registration alone is none. */
export async function untilOnline(sandbox: Sandbox): Promise<SandboxWorker> {
  return untilWorker(sandbox, "is online", (worker) => worker.status === "online" && worker.beats > 0);
}

export async function untilWorker(
  sandbox: Sandbox,
  what: string,
  accept: (worker: SandboxWorker) => boolean,
): Promise<SandboxWorker> {
  let workers: readonly SandboxWorker[] = [];
  const probe = async (): Promise<SandboxWorker | undefined> => {
    ({ workers } = await sandbox.state());
    return workers.find(accept);
  };
  return untilSeen(`the worker ${what}`, probe, () => workers);
}

/** The patience of every wait: a slow machine is no failure. */
const patienceMs = 90_000;

/** Polls for a true-ish answer; where none comes, what was seen instead is told. */
async function untilSeen<T>(
  what: string,
  probe: () => Promise<T>,
  seen: () => unknown,
  timeoutMs = patienceMs,
): Promise<NonNullable<T>> {
  return waitUntil(what, probe, timeoutMs, 100).catch((error: unknown) => {
    throw new Error(`${String(error)}; seen: ${JSON.stringify(seen(), undefined, 1)}`, { cause: error });
  });
}

/** Waits until `look` gives what is wanted. What is drawn is looked at again: it may be half drawn yet. */
export async function untilSame<T>(what: string, look: () => Promise<T>, wanted: T): Promise<void> {
  let last: T | undefined;
  const probe = async (): Promise<boolean> => isDeepStrictEqual((last = await look()), wanted);
  await untilSeen(what, probe, () => last);
}

/** Waits for a row of the worker's view by its label, with a description and a spoken sentence like these. */
export async function untilRow(
  window: Workbench,
  label: string,
  { description = /^/u, spoken = /^/u }: { readonly description?: RegExp; readonly spoken?: RegExp },
): Promise<void> {
  await window.waitForTreeRow(
    `“${label}” with ${description.source} and ${spoken.source}`,
    (one) => one.label === label && description.test(one.description) && spoken.test(one.spoken),
  );
}

/** Queues a session and returns its id. */
export async function queue(sandbox: Sandbox, title: string): Promise<string> {
  const { session } = await sandbox.queue({ title, prompt: `Please do this: ${title}.` });
  return session.sessionId;
}

export async function sessionOf(sandbox: Sandbox, sessionId: string): Promise<SandboxSession> {
  const found = (await sandbox.state()).sessions.find((one) => one.sessionId === sessionId);
  assert.ok(found, `the platform has no session ${sessionId}`);
  return found;
}

export async function untilSession(
  sandbox: Sandbox,
  sessionId: string,
  what: string,
  accept: (session: SandboxSession) => boolean,
): Promise<SandboxSession> {
  let last: SandboxSession | undefined;
  const probe = async (): Promise<SandboxSession | undefined> => {
    last = await sessionOf(sandbox, sessionId);
    return accept(last) ? last : undefined;
  };
  return untilSeen(`session ${sessionId} ${what}`, probe, () => last);
}

/** Active with a codex thread that the platform knows, and under way. */
export function isUnderWay(session: SandboxSession): boolean {
  return (
    session.status === "active" &&
    session.metadata.providerThreadId !== undefined &&
    // Before its first turn has begun codex keeps nothing of a thread on the disk: a kill would lose it.
    session.metadata.providerTurnId !== undefined &&
    session.activities.length >= 2
  );
}

export async function chooseScript(
  sandbox: Sandbox,
  script: "default" | "slow" | "fail" | "artifacts" | "story" | "question" | "run" | "runHeld",
): Promise<void> {
  await sandbox.dashboard("POST", "model", { script });
}

/** Lets every run of the slow script come to its end. */
export async function openGate(sandbox: Sandbox): Promise<void> {
  await sandbox.dashboard("POST", "gates", { gate: "slow" });
}

export async function signal(
  sandbox: Sandbox,
  workerId: string,
  type: "stop" | "pause" | "resume" | "restart",
): Promise<string> {
  const answer = await sandbox.dashboard("POST", `workers/${workerId}/signal`, { type });
  const { signalId } = answer as { signalId: string };
  return signalId;
}

export async function requests(sandbox: Sandbox): Promise<readonly SandboxRequest[]> {
  const answer = await sandbox.dashboard("GET", "requests");
  return (answer as { requests: SandboxRequest[] }).requests;
}

/** Resolves when the worker has polled this many times more. */
export async function untilPolled(sandbox: Sandbox, times: number): Promise<void> {
  const count = async (): Promise<number> =>
    (await requests(sandbox)).filter((one) => one.operationId === "pollSessions").length;
  const before = await count();
  await waitUntil(`${times} more polls`, async () => (await count()) >= before + times, patienceMs, 100);
}

/** The group that a session's row stands under; undefined where it is not drawn. */
export function groupOf(rows: readonly TreeRow[], title: string): string | undefined {
  const at = rows.findIndex((row) => row.level === 2 && row.label === title);
  return rows.slice(0, Math.max(0, at)).findLast((row) => row.level === 1)?.label;
}

/** Opens a session's panel by its row. Once more where the click is lost: a row may move while it is clicked. */
export async function openPanel(window: Workbench, title: string): Promise<void> {
  const isInFront = async (): Promise<boolean> => (await window.activeTab()) === title;
  const click = async (): Promise<boolean> => {
    await window.clickRow(title);
    return waitUntil("its tab", isInFront, 10_000).catch(() => false);
  };
  await waitUntil(`the tab of “${title}”`, async () => (await isInFront()) || click(), patienceMs);
  await window.panel.waitForText("the session", (text) => text.includes(title));
}

/** Waits until a session's row stands in a group, opening that group where it is folded. */
export async function untilInGroup(window: Workbench, title: string, group: string): Promise<void> {
  let rows: readonly TreeRow[] = [];
  const probe = async (): Promise<boolean> => {
    rows = await window.treeRows();
    if (rows.some((row) => row.label === group && row.expanded === "false")) await window.expandRow(group);
    return groupOf(rows, title) === group;
  };
  await untilSeen(`“${title}” under ${group}`, probe, () => rows.map((row) => row.text));
}

/** The worker's own item in the status bar: its text, what a screen reader says and its colours. */
export async function untilStatusBar(
  window: Workbench,
  text: RegExp,
  { spoken = /^/u, classes = /^/u }: { readonly spoken?: RegExp; readonly classes?: RegExp } = {},
): Promise<void> {
  await window.waitForStatus(
    `of the worker, like ${text.source}, ${spoken.source}, ${classes.source}`,
    (one) =>
      one.id.startsWith("one-horizon.") &&
      text.test(one.text) &&
      spoken.test(one.spoken) &&
      classes.test(one.classes),
    patienceMs,
  );
}

/** The worker's card, once it says all of this. */
export async function untilCard(window: Workbench, ...words: readonly RegExp[]): Promise<void> {
  let card = "";
  const probe = async (): Promise<boolean> => {
    card = await window.statusCard();
    return words.every((one) => one.test(card));
  };
  await untilSeen("the card of the status bar", probe, () => card);
}

export async function untilWelcome(window: Workbench, text: RegExp): Promise<readonly string[]> {
  let welcome = await window.welcome();
  const probe = async (): Promise<boolean> => text.test((welcome = await window.welcome()).text);
  await untilSeen(`a welcome like ${text.source}`, probe, () => welcome);
  return welcome.buttons;
}

/** Coding tools that run for this editor's worker now. */
export async function codexProcesses(
  editor: EditorUnderTest,
): Promise<readonly { pid: number; command: string }[]> {
  return (await editor.processes()).filter((one) => /\bcodex\b.*\bapp-server\b/.test(one.command));
}

/** A picture of the window at each failure, for whoever looks into it. */
export function pictureFailures(editor: () => EditorUnderTest | undefined): void {
  afterEach(async function () {
    const test = this.currentTest;
    if (test?.state !== "failed") return;
    const name = test
      .fullTitle()
      .replace(/[^\w]+/g, "-")
      .slice(0, 80);
    const file = join("test-results", "failed", `${name}.png`);
    await editor()
      ?.window.screenshot(file)
      .catch(() => undefined); // the window may be closed already
  });
}

/** The process of each window's extensions. */
export async function extensionHosts(editor: EditorUnderTest): Promise<readonly { pid: number }[]> {
  return (await editor.processes()).filter((one) => one.command.includes("--type=extensionHost"));
}

/** What an activity list must look like after any run: numbered from 1 without gap, none twice, the end last. */
export function assertWholeReport(session: SandboxSession): void {
  const { activities, sessionId } = session;
  assert.deepEqual(
    activities.map((one) => one.sequence),
    activities.map((_one, index) => index + 1),
    `sequence of ${sessionId}`,
  );
  assert.equal(new Set(activities.map((one) => one.activityId)).size, activities.length);
  assert.deepEqual(
    activities.flatMap((one, index) => (one.type === "completion" ? [index] : [])),
    [activities.length - 1],
    "exactly one completion activity, and it is the last",
  );
  assert.deepEqual(session.remarks, []);
}

/** Folders for the temporary files of runs; a host that is killed leaves its own to the next run. */
export async function scratchFolders(editor: EditorUnderTest): Promise<readonly string[]> {
  const names = await readdir(join(editor.world.folders.home, ".one", "tmp"));
  return names.filter((name) => name.startsWith("one-worker-"));
}

/** Quits the editor and demands that nothing of it is left. */
export async function quitClean(editor: EditorUnderTest): Promise<void> {
  await editor.world.sandbox.stop();
  await editor.quit();
  try {
    const left = await editor.processes(30_000);
    assert.deepEqual(
      left.map((one) => one.command),
      [],
      "processes that outlive the editor",
    );
    assert.deepEqual(await filesLeft(editor), [], "temporary files that outlive the editor");
  } finally {
    await editor.close();
  }
}

/** What others keep there on purpose: the editor's and the browser's sockets, and a lock of codex's own. */
const foreign =
  /^(runtime|vscode-|code-server|\.?org\.chromium|playwright|codex-bwrap-synthetic-mount-targets-\d+)/i;

/** Files of an attempt, and what programs of ours may have left in the system's temporary folder. */
async function filesLeft(editor: EditorUnderTest): Promise<readonly string[]> {
  const { home, tmp } = editor.world.folders;
  const list = (folder: string): Promise<Dirent[]> =>
    readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const scratch = (await list(join(home, ".one", "tmp"))).filter((one) => !one.isDirectory());
  const temporary = (await readdir(tmp)).filter((name) => !foreign.test(name));
  return [...scratch.map((one) => one.name), ...temporary];
}
