import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cancelled, type Answer } from "../../src/core/ports/person";
import type { RunRequest } from "../../src/core/ports/runtime";
import { checkedVersion } from "../../src/runtime/codex/version";
import { CodexLab } from "../adapter/runtime/codexLab";
import { codexBinary } from "../fakes/codexBinary";
import { call, exec, items, patch, plan, reason, say, status, type ModelStep } from "../fakes/fakeModel";
import { parseLines, type Transcript, type TranscriptLine } from "../fakes/transcripts";
import { Scrubber } from "./scrub";

/** One conversation worth keeping: what the model says, and what the worker does. */
interface Scene {
  readonly steps: readonly ModelStep[];
  readonly request?: Partial<RunRequest>;
  /** To the questions of the tool, in order. */
  readonly answers?: readonly Answer[];
  /** The tool's feature that lets its model ask a person. */
  readonly asksPeople?: boolean;
  /** A turn that went before, in a process of its own; the recorded one goes on with its thread. */
  readonly before?: "same work" | "other work";
  /** The run is aborted once a command runs. */
  readonly aborted?: boolean;
}

const asking = { sandbox: "workspace-write", approvals: "on-request", network: false } as const;
const outside = (cmd: string) =>
  exec(cmd, { sandbox_permissions: "require_escalated", justification: "May I?" });
const decides = (decision: "approve" | "deny" | "approveForSession", guidance?: string): Answer => ({
  kind: "decision",
  decision,
  guidance,
});
const question = {
  id: "db",
  header: "Database",
  question: "Which database?",
  options: [
    { label: "SQLite", description: "small" },
    { label: "Postgres", description: "big" },
  ],
};

export const scenes: Readonly<Record<string, Scene>> = {
  plain: {
    steps: [
      items(reason("**Thinking** it over"), say("I have a look.", "commentary")),
      items(say("All done.")),
    ],
    request: { policy: { sandbox: "read-only", approvals: "never", network: false } },
  },
  command: {
    steps: [
      items(exec("echo hello")),
      items(exec("echo oops >&2; exit 3")),
      items(say("One of two worked.")),
    ],
  },
  fileChange: {
    steps: [
      items(patch("*** Begin Patch\n*** Add File: new.txt\n+line one\n*** End Patch\n")),
      items(patch("*** Begin Patch\n*** Update File: new.txt\n@@\n-line one\n+line two\n*** End Patch\n")),
      items(patch("*** Begin Patch\n*** Delete File: README.md\n*** End Patch\n")),
      items(say("Changed.")),
    ],
  },
  plan: {
    steps: [
      items(plan("Two steps", [["Look", "in_progress"], ["Do", "pending"]])), // prettier-ignore
      items(plan("", [["Look", "completed"], ["Do", "completed"]])), // prettier-ignore
      items(say("Planned.")),
    ],
    request: {
      policy: { sandbox: "danger-full-access", approvals: "never", network: true },
      model: "gpt-5.5",
      effort: "high",
    },
  },
  approval: {
    steps: [
      items(outside("echo yes")),
      items(outside("touch ../outside/no")),
      items(say("So be it.")),
      items(say("Heard.")),
    ],
    request: { policy: asking },
    answers: [decides("approve"), decides("deny", "Leave that folder alone.")],
  },
  fileApproval: {
    steps: [
      items(patch("*** Begin Patch\n*** Add File: new.txt\n+line\n*** End Patch\n")),
      items(say("Done.")),
    ],
    request: { policy: { ...asking, approvals: "untrusted" } },
    answers: [decides("approveForSession")],
  },
  approvalCancelled: {
    steps: [items(outside("touch ../outside/no"))],
    request: { policy: asking },
    answers: [cancelled],
  },
  question: {
    steps: [items(call("request_user_input", { questions: [question] })), items(say("Postgres it is."))],
    request: { policy: asking },
    answers: [{ kind: "texts", texts: ["Postgres"] }],
    asksPeople: true,
  },
  tool: {
    steps: [
      items(call("report_progress", { message: "Half of it is there." })),
      items(call("write_document", { title: "", body: "x" })),
      items(say("Told.")),
    ],
    request: { useTool: () => Promise.resolve({ ok: true, text: "Told." }) },
  },
  resume: { steps: [items(say("First.")), items(say("Second."))], before: "other work" },
  resumeDone: { steps: [items(say("First."))], before: "same work" },
  interrupt: { steps: [items(exec("sleep 300"))], aborted: true },
  quota: {
    steps: [
      status(429, {
        error: { type: "usage_limit_reached", message: "limit", plan_type: "plus", resets_at: 1 },
      }),
    ],
  },
  reconnect: { steps: [{ kind: "cut" }, items(say("Here again."))] },
  unreachable: { steps: [{ kind: "cut" }, { kind: "cut" }] },
};

const tee = join(import.meta.dirname, "tee.mjs");

/** The real codex, with somebody who writes down what it and the worker say. */
export function overheard(lab: CodexLab): readonly string[] {
  return [process.execPath, tee, join(lab.root, "said"), codexBinary(), "app-server"];
}

/** What was said so far. */
export function said(lab: CodexLab): readonly TranscriptLine[] {
  return parseLines(readFileSync(join(lab.root, "said"), "utf8").trimEnd().split("\n"));
}

/** Plays a scene with the real codex: what both sides said, scrubbed unless `raw`. Throws where it cannot be played. */
export async function play(name: string, raw = false): Promise<Transcript> {
  const scene = scenes[name];
  if (scene === undefined) throw new Error(`There is no scene ${name}.`);
  const lab = await CodexLab.open(...scene.steps);
  try {
    // What the recording says must not depend on the programs of this machine.
    lab.environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
    if (scene.asksPeople === true) {
      const asks = "[features]\ndefault_mode_request_user_input = true\n";
      lab.replaceConfig(lab.config.replace("[features]\n", asks));
    }
    const request = await requestOf(scene, lab);
    await run(scene, lab, request);
    const lines = said(lab);
    const head = {
      codex: checkedVersion,
      policy: request.policy,
      workKey: request.workKey,
      answers: scene.answers ?? [],
    };
    const scrubber = new Scrubber(lab.root);
    const clean = lines.map((line) => JSON.stringify(scrubber.value(line)));
    return { name, head, lines: raw ? lines : parseLines(clean) };
  } finally {
    await lab.close();
  }
}

async function requestOf(scene: Scene, lab: CodexLab): Promise<RunRequest> {
  let asked = 0;
  const request = lab.request({
    command: overheard(lab),
    ask: () => Promise.resolve(scene.answers?.[asked++] ?? cancelled),
    ...scene.request,
  });
  if (scene.before === undefined) return request;
  await lab.run();
  const resumeThreadId = lab.eventsOf("threadStarted").at(-1)?.threadId;
  return { ...request, resumeThreadId, workKey: scene.before === "same work" ? request.workKey : "work-2" };
}

async function run(scene: Scene, lab: CodexLab, request: RunRequest): Promise<void> {
  const stop = new AbortController();
  const running = lab.runtime().run(
    request,
    (event) => {
      if (scene.aborted === true && event.kind === "commandStarted") stop.abort(new Error("stop"));
    },
    stop.signal,
  );
  await running.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
}
