import { elapsedSpoken, elapsedWord } from "../../ui/time";
import { markdownWords } from "../markdown/tree";
import { plainOutput } from "../text/output";
import { tame, tameLine } from "../text/tame";
import type { Words } from "../words";
import type { ShownEntry } from "./model";

type Command = Extract<ShownEntry, { kind: "command" }>;
type Files = Extract<ShownEntry, { kind: "files" }>;

/** Longest command that is shown whole while folded, in characters of its only line. */
const shortCommand = 60;
const tenSeconds = 10_000;
/** Files that are shown without unfolding. */
export const fewFiles = 3;

/** Has the entry more to show than its line? */
export function folds(entry: ShownEntry): boolean {
  switch (entry.kind) {
    case "command":
      return isLongCommand(entry) || plainOutput(entry.outputTail) !== "";
    case "files":
      return entry.files.length > fewFiles;
    case "reasoning":
      return restOfReasoning(entry.text) !== "";
    default:
      return false;
  }
}

function isLongCommand({ command }: Command): boolean {
  return command.length > shortCommand || command.trim().includes("\n");
}

/** The first line of a thought, without the stars of its heading. */
export function headOfReasoning(text: string): string {
  const [first = ""] = tame(text).trim().split("\n", 1);
  return first
    .replace(/^#+\s*/u, "")
    .replaceAll("**", "")
    .trim();
}

export function restOfReasoning(text: string): string {
  return tame(text).trim().split("\n").slice(1).join("\n").trim();
}

/** `exit 1`, `running`; empty where a command simply succeeded. */
export function outcome({ status, exitCode }: Command, words: Words): string {
  switch (status) {
    case "running":
      return words.say("running");
    case "succeeded":
      return "";
    case "failed":
      return exitCode === undefined ? words.say("failed") : words.say("exit {0}", exitCode);
    case "ended":
      return words.say("ended");
  }
}

/** How long it took, or takes up to now; undefined where nobody measured. What ended within ten seconds to the tenth. */
export function duration(entry: Command, now: number, words: Words): string | undefined {
  if (entry.status === "running") return elapsedWord(now - entry.at, words);
  const { durationMs } = entry;
  if (durationMs === undefined) return undefined;
  return durationMs < tenSeconds ? words.seconds(Math.max(0, durationMs)) : elapsedWord(durationMs, words);
}

export function filesHeading({ files }: Files, words: Words): string {
  return words.say("{0} files changed", files.length);
}

/** An entry in one sentence, for a screen reader that steps from one to the next. */
export function spokenEntry(entry: ShownEntry, words: Words): string {
  const said = [words.time(entry.at), ...parts(entry, words)];
  return said
    .map((part) => tameLine(part))
    .filter((part) => part !== "")
    .join(", ");
}

function parts(entry: ShownEntry, words: Words): readonly string[] {
  switch (entry.kind) {
    case "command": {
      const took = entry.durationMs === undefined ? "" : elapsedSpoken(entry.durationMs, words);
      const status = entry.status === "succeeded" ? words.say("succeeded") : outcome(entry, words);
      return [words.say("Command"), short(entry.command), status, took];
    }
    case "message":
      return [words.say(entry.final ? "Final message" : "Message"), short(markdownWords(entry.text))];
    case "reasoning":
      return [words.say("Reasoning"), headOfReasoning(entry.text)];
    case "files": {
      const [first] = entry.files;
      return entry.files.length === 1 && first !== undefined
        ? [words.say(changeWord(first.change)), first.path]
        : [filesHeading(entry, words)];
    }
    case "activity":
      return [words.say("Reported"), short(markdownWords(entry.text))];
    case "question":
      return [words.say("Question"), short(entry.text), questionState(entry, words)];
    case "worker":
      return [levelWord(entry.level, words), short(entry.text)];
  }
}

export function changeWord(change: "add" | "update" | "delete"): "added" | "changed" | "deleted" {
  switch (change) {
    case "add":
      return "added";
    case "update":
      return "changed";
    case "delete":
      return "deleted";
  }
}

export function questionState(entry: Extract<ShownEntry, { kind: "question" }>, words: Words): string {
  switch (entry.status) {
    case "open":
      return words.say("waiting for an answer");
    case "withdrawn":
      return words.say("withdrawn");
    case "answered":
      return entry.answer === undefined ? "" : `${words.say("Answer")}: ${entry.answer}`;
  }
}

function levelWord(level: "info" | "warning" | "error", words: Words): string {
  if (level === "info") return words.say("Worker");
  return words.say(level === "warning" ? "Warning" : "Error");
}

function short(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 299)}…`;
}
