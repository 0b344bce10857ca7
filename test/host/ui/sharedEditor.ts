// One editor for the suites that need nothing of their own: to start one takes longer than most of their tests.
import * as assert from "node:assert/strict";
import type { EditorUnderTest } from "../harness/harness.mjs";
import { chooseScript, launch, quitClean, signIn, untilStatusBar } from "./kit";

export interface Wishes {
  /** An editor that nobody has used: with the worker online, or with the folder not trusted yet and nobody signed in. */
  readonly unused?: "online" | "restricted";
  /** Other than the usual ones; they hold in this suite only. */
  readonly userSettings?: Record<string, unknown>;
}

interface Shared {
  readonly editor: EditorUnderTest;
  /** What the window was loaded with. */
  settings: Record<string, unknown>;
}

let shared: Shared | undefined;

/** A killed tool is tried again, three times at most. */
const files = {
  "WORKFLOW.md":
    "---\npolling:\n  pollIntervalMs: 1000\nagent:\n  max_retry_attempts: 3\n---\nKeep changes small.\n",
};

/**
 * To be called in `describe`: before its tests `take` gets an editor whose worker is online and idle, with the scripted model's
 * default script. The suite ends what it starts. After a failure the next suite gets another editor.
 */
export function shareEditor(take: (editor: EditorUnderTest) => void, wishes: Wishes = {}): void {
  before(async () => {
    if (wishes.unused !== undefined) await close();
    take(await borrow(wishes));
  });
  after(async function () {
    const states: unknown[] = [];
    this.test?.parent?.eachTest((one) => states.push(one.state));
    if (states.some((one) => one !== "passed")) await close();
  });
}

after(close);

async function borrow({ unused, userSettings = {} }: Wishes): Promise<EditorUnderTest> {
  if (shared === undefined) shared = await open(unused === "restricted", userSettings);
  else await tidy(shared, userSettings);
  return shared.editor;
}

async function open(restricted: boolean, settings: Record<string, unknown>): Promise<Shared> {
  const editor = await launch({ name: "shared", files, trust: restricted, userSettings: settings });
  try {
    if (restricted) {
      await editor.window.openContainer("One Horizon");
    } else {
      await signIn(editor);
      await untilStatusBar(editor.window, /^0\/\d$/);
    }
    return { editor, settings };
  } catch (error) {
    await editor.close();
    throw error;
  }
}

async function tidy(from: Shared, settings: Record<string, unknown>): Promise<void> {
  const { window, world, server } = from.editor;
  const { sessions } = await world.sandbox.state();
  assert.deepEqual(
    sessions.filter((one) => !["complete", "error", "cancelled"].includes(one.status)),
    [],
    "sessions that the suite before left",
  );
  await chooseScript(world.sandbox, "default");
  await world.sandbox.dashboard("DELETE", "requests");
  await window.clearNotifications();
  if (JSON.stringify(settings) !== JSON.stringify(from.settings)) {
    from.settings = settings;
    await server.writeUserSettings(settings);
    await window.reload();
  }
  await window.openContainer("One Horizon");
  await untilStatusBar(window, /^0\/\d$/);
}

async function close(): Promise<void> {
  if (shared === undefined) return;
  const { editor } = shared;
  shared = undefined;
  await quitClean(editor);
}
