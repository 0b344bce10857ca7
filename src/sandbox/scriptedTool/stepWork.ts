import { readNotes, writeNote, type Note } from "./note";
import { keepBothSides } from "./conflicts";
import type { Thread } from "./protocol";

/** Calls a tool of the client. True where it did what was asked. */
export type UseTool = (tool: string, given: object) => Promise<boolean>;

/** What a turn has done: what it says at its end, and the file it added. */
export interface Work {
  readonly said: string;
  readonly note?: Note;
}

/** Does what the thread's step asks for; without a step it adds a note. Rejects where the folder leads out of itself. */
export async function work(thread: Thread, turnId: string, use: UseTool): Promise<Work> {
  switch (thread.step.mode) {
    case "plan":
    case "research":
      return { said: await write(use, thread.step.mode) };
    case "review":
      return { said: await judge(thread, use) };
    case "resolve_conflicts":
      return { said: resolve(thread) };
    default:
      return addNote(thread, turnId);
  }
}

const documents = {
  plan: { title: "Plan", content: "# Plan\n\n1. Add one small note.\n2. Let it be read on the branch.\n" },
  research: { title: "Findings", content: "# Findings\n\nA small note would do no harm.\n" },
} as const;

async function write(use: UseTool, mode: keyof typeof documents): Promise<string> {
  const { title, content } = documents[mode];
  const done = await use("write_document", { title, content });
  return done ? `The document ${title} is written. No model was asked.` : content;
}

/** How many notes of this tool make a branch that it is content with: the first review asks for one more. */
const notesWanted = 2;

async function judge({ folder, step }: Thread, use: UseTool): Promise<string> {
  const found = folder === undefined ? 0 : readNotes(folder, step.branch);
  const verdict = found < notesWanted ? "feedback" : "approve";
  const reason = `The branch has ${found} of the ${notesWanted} notes that it should have.`;
  const content = `# Review\n\n${reason}\n`;
  await use("write_document", { title: "Review", content });
  await use("set_review_verdict", { verdict, reason });
  return `${reason} The verdict is ${verdict}. No model was asked.`;
}

function resolve({ folder, sandbox }: Thread): string {
  if (folder === undefined || sandbox === "read-only") return mayNotWrite;
  const files = keepBothSides(folder);
  return `The scripted coding tool kept both sides of the conflicts in ${files.length} files. No model was asked.`;
}

const mayNotWrite = "The scripted coding tool is done. It may not write here, so it changed nothing.";

function addNote({ folder, sandbox, step }: Thread, turnId: string): Work {
  if (folder === undefined || sandbox === "read-only") return { said: mayNotWrite };
  const note = writeNote(folder, turnId, step.branch);
  return { said: `The scripted coding tool is done: it added ${note.relative}. No model was asked.`, note };
}
