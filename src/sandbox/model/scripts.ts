import { badRequest } from "../refusal";
import { runScripts } from "./runScripts";
import type { OneChoice, Script, Step } from "./script";

const titles = ["Look around", "Write the note", "Check the result"];

/** The three-step plan with `done` steps behind it. */
function plan(done: number, explanation?: string): Step {
  return {
    type: "plan",
    ...(explanation === undefined ? {} : { explanation }),
    plan: titles.map((step, index) => ({
      step,
      status: index < done ? "completed" : index === done ? "in_progress" : "pending",
    })),
  };
}

const note =
  "# A note from the sandbox\n\nThe scripted model of the One Horizon sandbox wrote this file.\n" +
  "It follows a fixed script and does not read the session's text.\n";

const opening: Step[] = [
  {
    type: "message",
    text: "I am the sandbox's scripted model. I look around first and then add one small note.",
  },
  plan(0, "Three small steps."),
  { type: "command", cmd: "ls -1" },
  { type: "command", cmd: "git status --short --branch" },
];

const writing: Step[] = [
  plan(1),
  { type: "message", text: "Now I write the note." },
  { type: "file", path: "{{file}}", content: note },
  plan(2),
  { type: "command", cmd: "cat {{file}}" },
  plan(3),
];

const closing: Step = { type: "final", text: "Done: {{file}} is there and reads as it should." };

const question: Step = {
  type: "toolCall",
  name: "request_input",
  arguments: { question: "Which tone should the note have?", options: ["Plain", "Friendly"] },
  once: true,
};

const approval: Step = {
  type: "command",
  cmd: "git log -1 --format=%s",
  justification: "May I read the last commit outside the sandbox?",
};

/** A small picture, as base64. */
const picture =
  "iVBORw0KGgoAAAANSUhEUgAAAPAAAAB4AgMAAACx2Je0AAAADFBMVEX19/o8RlpGgtzwljwtFqARAAAAXUlEQVR42u3ZsQ2A" +
  "MAxFQTeMwF40LMmSIKVJg5BIUILke5UL3wQ/9o6iC2/R3ALDf8JnCYbhqfgowTAMw3B2XB/hl/jugmF4CH4mMAzDMJwXr23b" +
  "ywfYIJAAT1sHL2S5An2HZZrZAAAAAElFTkSuQmCC";

/** Leaves a picture and a report where the worker collects them. */
const leaving: Step[] = [
  {
    type: "command",
    cmd: `printf %s ${picture} | base64 -d > "$ONE_WORKER_ARTIFACTS_DIR/chart.png"`,
  },
  {
    type: "command",
    cmd: `printf '# Report\\n\\nAll five bars grew.\\n' > "$ONE_WORKER_ARTIFACTS_DIR/report.md"`,
  },
];

const builtIn: Readonly<Record<string, readonly Step[]>> = {
  default: [...opening, ...writing, closing],
  slow: [...opening, { type: "repeat", cmd: "sleep 1", until: "slow" }, ...writing, closing],
  fail: [{ type: "error", status: 500, message: "The scripted model was asked to fail.", times: 0 }],
  artifacts: [...opening, ...writing, ...leaving, closing],
  question: [...opening, question, ...writing, closing],
  approval: [...opening, approval, ...writing, closing],
  /** All that involves a person, in one session. */
  story: [...opening, approval, question, ...writing, ...leaving, closing],
  plan: [
    ...opening,
    {
      type: "toolCall",
      name: "write_document",
      arguments: { title: "Plan", content: "1. Look around.\n2. Write the note.\n3. Check the result.\n" },
      once: true,
    },
    { type: "final", text: "The plan is written." },
  ],
  review: [
    ...opening,
    {
      type: "toolCall",
      name: "write_document",
      arguments: { title: "Review", content: "The branch was read. Nothing stands against it.\n" },
      once: true,
    },
    {
      type: "toolCall",
      name: "set_review_verdict",
      arguments: { verdict: "approve", reason: "Nothing stands against it." },
      once: true,
    },
    { type: "final", text: "The review is done." },
  ],
  delegate: [
    ...opening,
    ...writing,
    {
      type: "toolCall",
      name: "delegate_work",
      arguments: { prompt: "Review the note.", title: "Review" },
      once: true,
    },
    closing,
  ],
};

/** The names a user may choose from. */
export const scriptNames: readonly string[] = [...Object.keys(builtIn), ...Object.keys(runScripts)];

/** The script of a choice. Throws 400 for a name that is not known. */
export function scriptOf(choice: OneChoice): Script {
  if (choice.turns !== undefined) return { name: "given", turns: choice.turns };
  const name = choice.script ?? "default";
  const steps = builtIn[name];
  if (steps) return { name, turns: [steps] };
  const inRun = runScripts[name];
  if (!inRun) throw badRequest(`There is no script ${name}. There are: ${scriptNames.join(", ")}.`);
  // What is no step of a run gets the plain script.
  return { name, turns: [builtIn["default"] ?? []], inRun };
}
