import type { RunScript, Step, StepAt } from "./script";

const look: Step[] = [
  { type: "command", cmd: "ls -1" },
  { type: "command", cmd: "git log -1 --format=%s" },
];

const say = (text: string): Step => ({ type: "message", text });
const document = (title: string, content: string): Step => ({
  type: "toolCall",
  name: "write_document",
  arguments: { title, content },
  once: true,
});

const planText =
  "# Plan\n\n1. Add one small note below `notes/`.\n2. Let it be read on the branch.\n\nThe sandbox's scripted model wrote this.\n";
const foundText = "# Findings\n\nThe repository was looked at. A note below `notes/` would do no harm.\n";
const noteText = "# A note from a run\n\nThe scripted model of the One Horizon sandbox wrote this file.\n";

/** Keeps both sides of every conflict. Where there is none, perl reads nothing. */
const keepBoth = String.raw`git diff --name-only -z --diff-filter=U | xargs -0 perl -ni -e 'print unless /^(<{7} |\|{7} |={7}$|>{7} )/'`;

const plan: readonly Step[] = [
  say("I am the sandbox's scripted model, and this is a plan step."),
  ...look,
  document("Plan", planText),
  { type: "final", text: "The plan is written." },
];
const research: readonly Step[] = [
  say("I am the sandbox's scripted model, and this is a research step."),
  ...look,
  document("Findings", foundText),
  { type: "final", text: "What I found is written down." },
];
const code: readonly Step[] = [
  say("I am the sandbox's scripted model, and this step changes files."),
  ...look,
  { type: "file", path: "{{file}}", content: noteText },
  { type: "command", cmd: "cat {{file}}" },
  { type: "final", text: "Done: {{file}} is there and reads as it should." },
];
const resolve: readonly Step[] = [
  say("I am the sandbox's scripted model. I keep both sides of each conflict."),
  { type: "command", cmd: keepBoth },
  { type: "final", text: "The conflicts are resolved: both sides are kept." },
];

/** The first review asks for changes, the next one is content. `silent`: it says so and sets no verdict. */
function review({ feedbacks }: StepAt, silent: boolean): readonly Step[] {
  const verdict = feedbacks === 0 ? "feedback" : "approve";
  const reason =
    verdict === "feedback"
      ? "One more note is needed: the first one is too short."
      : "Both notes are there and read as they should.";
  return [
    say("I am the sandbox's scripted model, and this is a review."),
    ...look,
    document("Review", `# Review\n\n${reason}\n`),
    ...(silent
      ? []
      : [
          {
            type: "toolCall",
            name: "set_review_verdict",
            arguments: { verdict, reason },
            once: true,
          } as const,
        ]),
    { type: "final", text: silent ? "I looked at the branch." : `The verdict is ${verdict}. ${reason}` },
  ];
}

function stepsOf(at: StepAt, silent: boolean): readonly Step[] {
  switch (at.mode) {
    case "plan":
      return plan;
    case "research":
      return research;
    case "review":
      return review(at, silent);
    case "resolve_conflicts":
      return resolve;
    default:
      return code;
  }
}

/** The same, but each step runs on until the gate of its mode's name is released. */
const held = (at: StepAt): readonly Step[] => {
  const [first, ...rest] = stepsOf(at, false);
  return [
    ...(first === undefined ? [] : [first]),
    { type: "repeat", cmd: "sleep 1", until: at.mode },
    ...rest,
  ];
};

export const runScripts: Readonly<Record<string, RunScript>> = {
  run: (at) => stepsOf(at, false),
  runSilentReview: (at) => stepsOf(at, true),
  runHeld: held,
};
